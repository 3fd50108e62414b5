//! Counts of calls, by phase of the year.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::operation::Operation;

/// A part of the year that is counted on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Phase {
    /// The first day.
    Import,
    /// Ordinary days.
    Steady,
    /// The day with the most logins.
    BusiestDay,
    /// Instagram is away.
    Outage,
    /// From the end of the outage until no account is due.
    Recovery,
}

/// Calls to AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// All calls, with those that were throttled.
    pub calls: BTreeMap<Operation, u64>,
    /// The calls that were throttled.
    pub throttled: BTreeMap<Operation, u64>,
    /// The read units of DynamoDB: strongly consistent reads of up to 4 KB.
    pub read_units: u64,
    /// The write units of DynamoDB: writes of up to 1 KB. In a transaction, each counts twice.
    pub write_units: u64,
    /// Calls that failed after the SDK's retries, because of fault injection.
    pub failed: u64,
}

impl Usage {
    /// The number of calls of one operation.
    pub fn count(&self, operation: Operation) -> u64 {
        self.calls.get(&operation).copied().unwrap_or_default()
    }

    /// All calls to Secrets Manager.
    pub fn secrets_manager_calls(&self) -> u64 {
        self.calls.iter().filter(|(operation, _)| operation.is_of_secrets_manager()).map(|(_, count)| count).sum()
    }

    /// All calls that were throttled.
    pub fn throttled_calls(&self) -> u64 {
        self.throttled.values().sum()
    }
}

impl AddAssign<&Self> for Usage {
    fn add_assign(&mut self, other: &Self) {
        for (total, counts) in [(&mut self.calls, &other.calls), (&mut self.throttled, &other.throttled)] {
            for (operation, count) in counts {
                *total.entry(*operation).or_default() += count;
            }
        }
        self.read_units += other.read_units;
        self.write_units += other.write_units;
        self.failed += other.failed;
    }
}
