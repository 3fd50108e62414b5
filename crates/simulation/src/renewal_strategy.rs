//! Evertoken and the baselines that it is compared with.

use serde::{Deserialize, Serialize};

/// How tokens are renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenewalStrategy {
    /// The real service, with four refresh runs a day.
    Evertoken,
    /// A weekly job that renews all tokens and continues after an error.
    Weekly,
    /// A daily job that renews tokens from their 30th day on, with one attempt each.
    #[serde(rename = "daily_from_day_30")]
    DailyFromDay30,
    /// A job on the first of each month that renews all tokens, and tries those that failed again on the next two days.
    MonthlyThreeTries,
    /// A job on the first of each month that renews all tokens, with one attempt each.
    #[serde(rename = "monthly_cron")]
    MonthlyOneTry,
    /// A daily job that renews tokens that expire within 48 hours, with one attempt each.
    #[serde(rename = "two_days_before_the_end")]
    TwoDaysBeforeExpiry,
    /// No job: a page view renews a token that expires within ten days.
    OnUseOnly,
    /// A weekly job that renews all tokens in the order of connection, and stops at the first error.
    #[serde(rename = "weekly_until_the_first_error")]
    WeeklyUntilFirstError,
}

impl RenewalStrategy {
    /// Evertoken, then the baselines.
    pub const ALL: [Self; 8] = [
        Self::Evertoken,
        Self::Weekly,
        Self::DailyFromDay30,
        Self::MonthlyThreeTries,
        Self::MonthlyOneTry,
        Self::TwoDaysBeforeExpiry,
        Self::OnUseOnly,
        Self::WeeklyUntilFirstError,
    ];

    /// The name in tables.
    pub fn title(self) -> &'static str {
        match self {
            Self::Evertoken => "Evertoken",
            Self::Weekly => "Weekly, continues after an error",
            Self::DailyFromDay30 => "Daily from day 30, one try",
            Self::MonthlyThreeTries => "Monthly, three tries",
            Self::MonthlyOneTry => "Monthly, one try",
            Self::TwoDaysBeforeExpiry => "Two days before expiry",
            Self::OnUseOnly => "On use only",
            Self::WeeklyUntilFirstError => "Weekly, stops at the first error",
        }
    }

    /// What it does.
    pub fn description(self) -> &'static str {
        match self {
            Self::Evertoken => {
                "The refresh of this repository, four runs a day. A token is due from day 20. A failed refresh is \
                 retried in the same run and in the next one. A new token is checked before it is stored."
            }
            Self::Weekly => "A weekly job tries each token once. The next try is a week later.",
            Self::DailyFromDay30 => {
                "A daily job tries each token that is at least 30 days old once. The next try is a day later."
            }
            Self::MonthlyThreeTries => {
                "A job on the first of each month tries each token once, and those that failed again on the second and \
                 on the third."
            }
            Self::MonthlyOneTry => {
                "A job on the first of each month tries each token once. The next try is a month later."
            }
            Self::TwoDaysBeforeExpiry => {
                "A daily job tries each token that expires within 48 hours once. The next try is a day later."
            }
            Self::OnUseOnly => {
                "No job. A page view renews a token that expires within ten days. Of 20 pages, 12 are viewed daily, 5 \
                 weekly, 2 every 30 days and 1 every 90 days."
            }
            Self::WeeklyUntilFirstError => {
                "A weekly job tries the tokens in the order in which they were connected, and stops at the first one \
                 that fails."
            }
        }
    }
}
