//! What a year costs.

use serde::{Deserialize, Serialize};

use crate::aws::Phase;
use crate::outcome::Outcome;
use crate::price;

/// The memory of the refresh function in gigabytes.
const MEMORY_GB: f64 = 0.5;

/// The cost of a month with ordinary days only, in dollars.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MonthlyCost {
    /// The secrets of all packs.
    pub secrets: f64,
    /// Calls to Secrets Manager.
    pub secrets_manager_calls: f64,
    /// Reads and writes of the index.
    pub index: f64,
    /// The runs of the refresh function. The login pages are not counted.
    pub lambda: f64,
}

impl MonthlyCost {
    /// The sum.
    pub fn total(&self) -> f64 {
        self.secrets + self.secrets_manager_calls + self.index + self.lambda
    }
}

impl Outcome {
    /// The cost of a month: counted calls times price, and the secrets.
    pub fn monthly_cost(&self) -> MonthlyCost {
        let usage = self.usage_of(Phase::Steady);
        let days = f64::from(self.steady.days).max(1.0);
        let a_month = |of_all_days: f64| of_all_days / days * price::HOURS_PER_MONTH / 24.0;
        let invocations = f64::from(self.steady.runs);
        let seconds = number(self.steady.milliseconds) / 1_000.0;
        MonthlyCost {
            secrets: price::SECRET * number(self.steady.secret_days) / days,
            secrets_manager_calls: a_month(price::SECRETS_CALL * number(usage.secrets_manager_calls())),
            index: a_month(price::READ_UNIT * number(usage.read_units) + price::WRITE_UNIT * number(usage.write_units)),
            lambda: a_month(
                (price::INVOCATION + price::SCHEDULED) * invocations + price::GB_SECOND * MEMORY_GB * seconds,
            ),
        }
    }

    /// The cost of an account and month in dollars.
    pub fn cost_per_account_and_month(&self) -> f64 {
        let accounts = number(self.steady.account_days) / f64::from(self.steady.days).max(1.0);
        self.monthly_cost().total() / accounts.max(1.0)
    }
}

#[expect(clippy::cast_precision_loss, reason = "the counts of a year are far below 2^53")]
fn number(count: u64) -> f64 {
    count as f64
}
