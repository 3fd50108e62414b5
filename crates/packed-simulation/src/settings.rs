//! The settings of a simulated year.

use crate::error::SimulationError;

/// The settings of a simulated year of accounts in packs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YearSettings {
    /// How many accounts are imported on the first day.
    pub accounts: u32,
    /// The number of days, at least [`FEWEST_DAYS`].
    pub days: u32,
    /// The seed of all random numbers.
    pub seed: u64,
    /// Logins in a day, per 100,000 accounts. Six in ten connect a new account.
    pub logins_per_100_000: u32,
    /// Removals in a day, per 100,000 accounts. Half of them can be undone for a week.
    pub removals_per_100_000: u32,
    /// Logins on the busiest day, per 100,000 accounts. All connect new accounts.
    pub busiest_day_per_100_000: u32,
    /// The length of Instagram's outage in days.
    pub outage_days: u32,
    /// The percentage of calls to Instagram that fail.
    pub instagram_fault_percent: f64,
    /// How many of a million calls to AWS fail after the SDK's retries, half of them after their effect.
    pub aws_faults_per_million: u32,
    /// How many workers a scheduled run has, each with its own share of the packs.
    pub workers: u32,
    /// The accounts that Instagram is asked about at the same time by one worker of a scheduled run.
    pub concurrency: usize,
    /// How the due accounts are renewed after the outage.
    pub recovery: Recovery,
    /// How many accounts are imported at the same time.
    pub imported_at_once: usize,
    /// Which packs a run reads.
    pub scan: Scan,
}

/// How the due accounts are renewed after the outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// By the scheduled runs.
    Scheduled,
    /// By this many workers at the same time, each with its own share of the packs, one run after the other.
    Workers(u32),
}

/// Which packs a run reads. Both make the same requests and have the same effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// All.
    EveryPack,
    /// Only those with an account that is due. The requests for the others are counted and take their time, but their
    /// documents are not parsed. A year of a million accounts would take days otherwise.
    DuePacks,
}

/// The shortest year: import, busiest day, outage and recovery need this many days.
pub const FEWEST_DAYS: u32 = 60;

impl YearSettings {
    /// A year of this many accounts.
    pub fn new(accounts: u32, seed: u64) -> Self {
        Self { accounts, seed, ..Self::default() }
    }

    pub(crate) fn validate(&self) -> Result<(), SimulationError> {
        let fits =
            self.accounts > 0 && self.workers > 0 && self.days >= FEWEST_DAYS && self.outage_days + 30 <= self.days;
        if fits { Ok(()) } else { Err(SimulationError::Settings { fewest_days: FEWEST_DAYS }) }
    }

    /// The busiest day, counted from 0.
    pub(crate) fn busiest_day(&self) -> u32 {
        self.days * 27 / 100
    }

    /// The first day of the outage, counted from 0.
    pub(crate) fn outage_begins(&self) -> u32 {
        self.days * 54 / 100
    }

    /// The first day without outage, counted from 0.
    pub(crate) fn outage_ends(&self) -> u32 {
        self.outage_begins() + self.outage_days
    }
}

impl Default for YearSettings {
    /// A year of a million accounts.
    fn default() -> Self {
        Self {
            accounts: 1_000_000,
            days: 365,
            seed: 1,
            logins_per_100_000: 65,
            removals_per_100_000: 45,
            busiest_day_per_100_000: 10_000,
            outage_days: 14,
            instagram_fault_percent: 5.0,
            aws_faults_per_million: 100,
            workers: 1,
            concurrency: 64,
            recovery: Recovery::Workers(4),
            imported_at_once: 256,
            scan: Scan::DuePacks,
        }
    }
}
