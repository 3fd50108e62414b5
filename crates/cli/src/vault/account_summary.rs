//! An account without its token, for tables and JSON.

use anstyle::Style;
use evertoken_core::document::{Document, HealthState, Versioned};
use evertoken_core::policy::{self, Policy};
use evertoken_core::vault::Unreadable;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::terminal::table::{BAD, Cell, GOOD, PLAIN, WARNING};

/// A token with fewer days left has missed many refreshes: it is due after a third of its lifetime.
const FEW_DAYS: i64 = 10;

const MINUTE_OF_YEAR: &[BorrowedFormatItem<'_>] = format_description!("[month]-[day] [hour]:[minute]");

/// One account as printed with `--json`. An unreadable account has only a name and a message.
#[derive(Debug, Serialize)]
pub(crate) struct AccountSummary {
    pub(crate) name: String,
    pub(crate) username: Option<String>,
    pub(crate) account_id: Option<String>,
    pub(crate) health: Option<HealthState>,
    pub(crate) message: Option<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) expires_at: Option<OffsetDateTime>,
    /// When access to data ends, with Facebook Login.
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub(crate) data_access_expires_at: Option<OffsetDateTime>,
    pub(crate) days_left: Option<i64>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) next_attempt_at: Option<OffsetDateTime>,
}

impl AccountSummary {
    pub(crate) fn of(account: &Versioned, now: OffsetDateTime, policy: &Policy) -> Self {
        Self::of_document(&account.document, now, &policy.of(account.cohort.as_ref()))
    }

    /// With the policy for this account.
    pub(crate) fn of_document(document: &Document, now: OffsetDateTime, policy: &Policy) -> Self {
        Self {
            name: document.name.to_string(),
            username: Some(document.username.clone()),
            account_id: Some(document.account_id.to_string()),
            health: Some(document.health.state),
            message: document.health.message.clone(),
            expires_at: document.expires_at,
            data_access_expires_at: document.data_access_expires_at,
            days_left: document.deadline().map(|at| (at - now).whole_days().max(0)),
            next_attempt_at: policy::next_attempt_at(document, now, policy),
        }
    }

    pub(crate) fn of_unreadable(unreadable: Unreadable) -> Self {
        Self {
            name: unreadable.name,
            username: None,
            account_id: None,
            health: None,
            message: Some(format!("unreadable: {}", unreadable.reason)),
            expires_at: None,
            data_access_expires_at: None,
            days_left: None,
            next_attempt_at: None,
        }
    }

    pub(crate) fn is_healthy(&self) -> bool {
        self.health == Some(HealthState::Healthy)
    }

    pub(crate) fn user(&self) -> Cell {
        self.username.as_ref().map_or_else(String::new, |username| format!("@{username}")).into()
    }

    pub(crate) fn health(&self) -> Cell {
        let (text, style) = match self.health {
            Some(HealthState::Healthy) => ("healthy", GOOD),
            Some(HealthState::Attention) => ("attention", WARNING),
            Some(HealthState::LoginRequired) => ("login required", BAD),
            None => ("unreadable", BAD),
        };
        Cell::new(text, style)
    }

    /// `-` if the token does not work: its remaining time is worth nothing.
    pub(crate) fn days_left(&self) -> Cell {
        match (self.days_left, self.health) {
            (_, Some(HealthState::LoginRequired)) => "-".into(),
            (Some(days), _) => Cell::new(days.to_string(), urgency(days)),
            (None, Some(_)) => "never expires".into(),
            (None, None) => "".into(),
        }
    }

    pub(crate) fn next_attempt(&self) -> Cell {
        match (self.next_attempt_at, self.health) {
            (Some(at), _) => minute(at).into(),
            // It does not expire, and no account is checked.
            (None, Some(HealthState::Healthy)) => "-".into(),
            (None, Some(_)) => "after a new login".into(),
            (None, None) => "".into(),
        }
    }

    /// For a table. Without the year: the next attempt is at most two months away.
    pub(crate) fn short_next_attempt(&self) -> Cell {
        match (self.next_attempt_at, self.health) {
            // Fails only if the format asks for more than a time contains.
            (Some(at), _) => at.to_utc().format(MINUTE_OF_YEAR).unwrap_or_default().into(),
            (None, Some(_)) => "-".into(),
            (None, None) => "".into(),
        }
    }

    /// Sorts accounts by how soon somebody must act.
    pub(crate) fn urgency(&self) -> (u8, i64, &str) {
        let rank = match self.health {
            Some(HealthState::LoginRequired) => 0,
            None => 1,
            Some(HealthState::Attention) => 2,
            Some(HealthState::Healthy) => 3,
        };
        (rank, self.days_left.unwrap_or(i64::MAX), &self.name)
    }
}

fn urgency(days: i64) -> Style {
    match days {
        ..=0 => BAD,
        1..=FEW_DAYS => WARNING,
        _ => PLAIN,
    }
}

/// Formats a time in UTC, to the minute.
pub(crate) fn minute(at: OffsetDateTime) -> String {
    // Fails only if the format asks for more than a time contains.
    at.to_utc().format(format_description!("[year]-[month]-[day] [hour]:[minute]")).unwrap_or_default()
}

/// Formats a time in UTC, to the second.
pub(crate) fn second(at: OffsetDateTime) -> String {
    at.to_utc().format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second]")).unwrap_or_default()
}
