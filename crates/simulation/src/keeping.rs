//! The ways to keep tokens alive that are compared.

use serde::Serialize;

/// Who renews a token, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Keeping {
    /// This service: its real refresh, four runs a day.
    Evertoken,
    /// A daily job that renews what ends within 48 hours, one try each.
    TwoDaysBeforeTheEnd,
    /// A job on the first of each month that renews everything, one try each.
    MonthlyCron,
    /// A job once a week that renews everything in the order of connection, until the first error.
    WeeklyUntilTheFirstError,
    /// No job: who looks at the page renews a token that ends within ten days.
    OnUseOnly,
}

impl Keeping {
    /// All, ours first.
    pub const ALL: [Self; 5] = [
        Self::Evertoken,
        Self::TwoDaysBeforeTheEnd,
        Self::MonthlyCron,
        Self::WeeklyUntilTheFirstError,
        Self::OnUseOnly,
    ];

    /// What a table calls it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Evertoken => "Evertoken",
            Self::TwoDaysBeforeTheEnd => "Two days before the end",
            Self::MonthlyCron => "Monthly cron",
            Self::WeeklyUntilTheFirstError => "Weekly, stops at the first error",
            Self::OnUseOnly => "On use only",
        }
    }

    /// What it does, in one sentence.
    pub fn description(self) -> &'static str {
        match self {
            Self::Evertoken => {
                "The refresh of this repository, four runs a day: due from the 20th day on, tried again within the run \
                 and at the next, proven, stored, told."
            }
            Self::TwoDaysBeforeTheEnd => {
                "A daily job tries once every token that ends within 48 hours; an error is logged, and the next day tries \
                 again."
            }
            Self::MonthlyCron => {
                "A job on the first of each month tries every token once; an error is logged, and the next month tries \
                 again."
            }
            Self::WeeklyUntilTheFirstError => {
                "A job once a week tries the tokens in the order in which they were connected, and ends at the first one \
                 that is refused or not answered."
            }
            Self::OnUseOnly => {
                "No job: whoever looks at the page renews a token that ends within ten days. Of 20 pages 12 are looked at \
                 daily, 5 weekly, 2 every 30 days and 1 every 90."
            }
        }
    }
}
