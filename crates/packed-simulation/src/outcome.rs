//! The outcome of a year.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::aws::{Operation, Phase, Usage};

/// The outcome of a simulated year.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The accounts that were imported.
    pub imported: u32,
    /// The number of days.
    pub days: u32,
    /// The seed of all random numbers.
    pub seed: u64,
    /// The number of workers of a scheduled run.
    pub workers: u32,
    /// How long the import took, in seconds.
    pub import_seconds: u64,
    /// Logins after the import.
    pub logins: u64,
    /// Removals.
    pub removals: u64,
    /// Attempts of imports, logins and removals that failed and were repeated.
    pub repeated_attempts: u64,
    /// How the accounts were kept.
    pub kept: Kept,
    /// The renewals, and the calls to Instagram.
    pub renewals: Renewals,
    /// The packs at the end.
    pub packs: Packs,
    /// The accounts that have a secret of their own at the end, because no pack could take them. `None` in outcomes that were
    /// recorded when such accounts were not simulated.
    #[serde(default)]
    pub alone: Option<usize>,
    /// Calls to AWS by phase.
    pub usage: BTreeMap<Phase, Usage>,
    /// The most versions of one secret that were written within 24 hours.
    pub most_versions_in_a_day: usize,
    /// The runs on ordinary days.
    pub steady: SteadyRuns,
    /// The recovery after the outage.
    pub recovery: RecoveryOutcome,
}

/// The accounts at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Accounts that are connected.
    pub connected: usize,
    /// Accounts whose stored token works.
    pub kept: usize,
    /// Accounts whose token does not work or is not stored.
    pub lost: usize,
    /// Accounts that are stored with a token that works, although a newer one has arrived and is not parked.
    pub behind: usize,
    /// What is wrong in the vault, the first few findings.
    pub findings: Vec<String>,
}

/// Calls to Instagram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renewals {
    /// Tokens that were renewed.
    pub renewals: u64,
    /// Calls of runs, with those that failed.
    pub calls: u64,
    /// Calls that failed, with those during the outage.
    pub failed: u64,
    /// The age of the oldest token that was renewed, in hours.
    pub oldest_hours: u32,
}

/// The packs at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packs {
    /// The number of packs.
    pub packs: usize,
    /// The accounts in them.
    pub accounts: usize,
    /// Places that are reserved for an account that is not stored: a login or a removal was interrupted between its two
    /// writes. The account's next login uses the place.
    pub empty_places: u32,
    /// The size of the largest pack in bytes.
    pub largest_bytes: usize,
    /// The mean size in bytes.
    pub mean_bytes: usize,
}

/// The runs on ordinary days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SteadyRuns {
    /// The number of ordinary days.
    pub days: u32,
    /// The number of runs.
    pub runs: u32,
    /// The duration of all runs in milliseconds.
    pub milliseconds: u64,
    /// The duration of the longest run in milliseconds.
    pub longest_milliseconds: u64,
    /// The most accounts that a run renewed.
    pub most_renewed: usize,
    /// The sum of the number of secrets over the days.
    pub secret_days: u64,
    /// The sum of the number of accounts over the days.
    pub account_days: u64,
}

/// The recovery after the outage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoveryOutcome {
    /// The number of workers.
    pub workers: u32,
    /// The accounts that were renewed.
    pub renewed: usize,
    /// The time until nothing was due, in seconds. `None` if that did not happen.
    pub seconds: Option<u64>,
}

impl Outcome {
    /// The calls of a phase.
    pub fn usage_of(&self, phase: Phase) -> Usage {
        self.usage.get(&phase).cloned().unwrap_or_default()
    }

    /// The calls of the whole year.
    pub fn total_usage(&self) -> Usage {
        let mut total = Usage::default();
        self.usage.values().for_each(|usage| total += usage);
        total
    }

    /// How often a pack was written.
    pub fn pack_writes(&self) -> u64 {
        let total = self.total_usage();
        total.count(Operation::PutSecretValue) + total.count(Operation::CreateSecret)
    }

    /// The share of the places that are taken, in percent.
    pub fn fill_percent(&self) -> usize {
        100 * self.packs.accounts / (128 * self.packs.packs).max(1)
    }
}
