//! Refresh runs in which every account is due.

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::results::Measurements;
use crate::table::{markdown, number};

/// The numbers of accounts that the documentation shows.
pub const ACCOUNTS: [u32; 4] = [100, 1_000, 10_000, 100_000];

/// One run for each number of accounts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshRuns(pub Vec<RefreshRun>);

/// One run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshRun {
    /// Accounts in the vault.
    pub accounts: u32,
    /// Accounts that were refreshed. The others are left for the next run.
    pub refreshed: u32,
    /// The duration; `None` if the run was cut off, because it does not fit into a Lambda invocation.
    pub seconds: Option<f64>,
    /// The time below which no run can finish.
    pub lower_bound_seconds: f64,
    /// Writes above the quota.
    pub throttled: u32,
    /// Writes to the vault.
    pub writes: u32,
    /// Reads of the vault.
    pub reads: u32,
    /// Requests to Instagram.
    pub instagram_requests: u32,
    /// CPU time.
    pub cpu_ms: f64,
    /// Peak memory.
    pub memory_mib: f64,
}

impl Measurements for RefreshRuns {
    const NAME: &'static str = "refresh_run";

    fn check(&self) -> Result<()> {
        for accounts in ACCOUNTS {
            let Some(run) = self.0.iter().find(|run| run.accounts == accounts) else {
                bail!("a run with {accounts} accounts was not measured");
            };
            if run.refreshed == 0 || (run.seconds.is_some() && run.refreshed != accounts) {
                bail!("a run refreshed {} of {accounts} accounts", run.refreshed);
            }
        }
        Ok(())
    }
}

impl RefreshRuns {
    /// The table of the documentation.
    pub fn table(&self) -> String {
        let row = |run: &RefreshRun| {
            let per_account = |total: f64| number(total / f64::from(run.refreshed));
            // Reads and CPU time of a run that was cut off include the scan of all accounts.
            let if_complete = |text: String| if run.seconds.is_some() { text } else { String::new() };
            let overhead =
                run.seconds.map(|seconds| format!("{:.1}%", (seconds / run.lower_bound_seconds - 1.0) * 100.0));
            [
                grouped(run.accounts),
                run.seconds.map_or_else(|| "cut off".to_owned(), number),
                number(run.lower_bound_seconds),
                overhead.unwrap_or_default(),
                run.throttled.to_string(),
                per_account(run.writes.into()),
                if_complete(per_account(run.reads.into())),
                per_account(run.instagram_requests.into()),
                if_complete(per_account(run.cpu_ms)),
                number(run.memory_mib),
            ]
        };
        let header = [
            "Accounts",
            "Seconds",
            "Lower bound",
            "Overhead",
            "Throttled",
            "Writes per account",
            "Reads per account",
            "Instagram requests per account",
            "CPU ms per account",
            "Memory (MiB)",
        ];
        markdown(header, &self.0.iter().map(row).collect::<Vec<_>>())
    }
}

/// A number with commas between thousands.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}
