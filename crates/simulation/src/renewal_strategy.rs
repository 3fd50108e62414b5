//! Evertoken and the baselines that it is compared with.

use serde::Serialize;

/// How tokens are renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RenewalStrategy {
    /// The real service, with four refresh runs a day.
    Evertoken,
    /// A daily job that renews tokens that expire within 48 hours, with one attempt each.
    #[serde(rename = "two_days_before_the_end")]
    TwoDaysBeforeExpiry,
    /// A job on the first of each month that renews all tokens, with one attempt each.
    MonthlyCron,
    /// A weekly job that renews all tokens in the order of connection, and stops at the first error.
    #[serde(rename = "weekly_until_the_first_error")]
    WeeklyUntilFirstError,
    /// No job: a page view renews a token that expires within ten days.
    OnUseOnly,
}

impl RenewalStrategy {
    /// Evertoken, then the baselines.
    pub const ALL: [Self; 5] =
        [Self::Evertoken, Self::TwoDaysBeforeExpiry, Self::MonthlyCron, Self::WeeklyUntilFirstError, Self::OnUseOnly];

    /// The name in tables.
    pub fn title(self) -> &'static str {
        match self {
            Self::Evertoken => "Evertoken",
            Self::TwoDaysBeforeExpiry => "Two days before expiry",
            Self::MonthlyCron => "Monthly cron",
            Self::WeeklyUntilFirstError => "Weekly, stops at the first error",
            Self::OnUseOnly => "On use only",
        }
    }

    /// What it does.
    pub fn description(self) -> &'static str {
        match self {
            Self::Evertoken => {
                "The refresh of this repository, four runs a day. A token is due from day 20. A failed refresh is \
                 retried in the same run and in the next one. A new token is checked before it is stored, and owners \
                 are notified."
            }
            Self::TwoDaysBeforeExpiry => {
                "A daily job tries each token that expires within 48 hours once. It logs an error and tries again on the \
                 next day."
            }
            Self::MonthlyCron => {
                "A job on the first of each month tries each token once. It logs an error and tries again in the next \
                 month."
            }
            Self::WeeklyUntilFirstError => {
                "A weekly job tries the tokens in the order in which they were connected, and stops at the first one \
                 that fails."
            }
            Self::OnUseOnly => {
                "No job. A page view renews a token that expires within ten days. Of 20 pages, 12 are viewed daily, 5 \
                 weekly, 2 every 30 days and 1 every 90 days."
            }
        }
    }
}
