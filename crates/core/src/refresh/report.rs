//! The report of a run.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::outcome::RefreshOutcome;
use crate::account::AccountName;
use crate::document::{Document, HealthState};
use crate::provider_error::{ErrorCategory, ProviderError};
use crate::vault::Unreadable;

/// What a run did. Every account is counted exactly once in the fields from `refreshed` to `left_for_next_run`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Always 1.
    pub version: u32,
    /// The number of accounts in the run.
    pub accounts: usize,
    /// Renewed, or checked and found to work again.
    pub refreshed: usize,
    /// Not due yet.
    pub not_due: usize,
    /// Younger than the 24 hours that Meta requires.
    pub too_young: usize,
    /// Waiting for their owner to act on Instagram.
    pub attention: usize,
    /// Waiting for a new login.
    pub login_required: usize,
    /// Due, but not renewed; or unreadable.
    pub failed: usize,
    /// Changed by another writer in the meantime, whose document stays.
    pub conflicts: usize,
    /// Due, but not started before the deadline or before Instagram limited the app. In a dry run, all accounts that are
    /// due.
    pub left_for_next_run: usize,
    /// How many messages were sent to workers, one for each part of the vault. The workers report their accounts themselves.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub planned: usize,
    /// How many tokens were checked without being due. Their accounts are also counted in the fields above.
    #[serde(default)]
    pub checked: usize,
    /// When the first of the renewable tokens expires.
    #[serde(with = "time::serde::rfc3339::option")]
    pub soonest_expiry: Option<OffsetDateTime>,
    /// The duration of the run in milliseconds.
    pub duration_ms: u64,
    /// The failures of single accounts.
    pub failures: Vec<AccountFailure>,
    /// The number of failures that were left out to keep the response small.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures_left_out: usize,
    /// The health of the accounts after the run. Reported as metrics and not part of the response.
    #[serde(skip)]
    pub health: HealthCounts,
    /// For how long Instagram limits the whole app, if it does. Not part of the response.
    #[serde(skip)]
    pub app_limited_for: Option<time::Duration>,
    /// Whether some accounts could not be read. Not part of the response, which has a failure instead.
    #[serde(skip)]
    pub incomplete: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// The number of accounts in each health state. Accounts that could not be read are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HealthCounts {
    /// No action is needed.
    pub healthy: usize,
    /// The owner must act on Instagram.
    pub attention: usize,
    /// Only a new login helps.
    pub login_required: usize,
}

impl HealthCounts {
    fn count(&mut self, state: HealthState) {
        *match state {
            HealthState::Healthy => &mut self.healthy,
            HealthState::Attention => &mut self.attention,
            HealthState::LoginRequired => &mut self.login_required,
        } += 1;
    }
}

impl Default for Report {
    fn default() -> Self {
        Self {
            version: 1,
            accounts: 0,
            refreshed: 0,
            not_due: 0,
            too_young: 0,
            attention: 0,
            login_required: 0,
            failed: 0,
            conflicts: 0,
            left_for_next_run: 0,
            planned: 0,
            checked: 0,
            soonest_expiry: None,
            duration_ms: 0,
            failures: Vec::new(),
            failures_left_out: 0,
            health: HealthCounts::default(),
            app_limited_for: None,
            incomplete: false,
        }
    }
}

impl Report {
    /// Leaves out the last failures until all others fit into this many bytes of JSON, and counts those left out.
    pub fn limit_failures(&mut self, max_bytes: usize) {
        let mut bytes = 0;
        let fit = self.failures.iter().take_while(|failure| {
            // One more for the comma.
            bytes += serde_json::to_vec(failure).map_or(0, |json| json.len() + 1);
            bytes <= max_bytes
        });
        let kept = fit.count();
        self.failures_left_out += self.failures.len() - kept;
        self.failures.truncate(kept);
    }

    /// Counts one account.
    pub(super) fn count(&mut self, outcome: RefreshOutcome, document: Option<&Document>) {
        *match outcome {
            RefreshOutcome::Refreshed => &mut self.refreshed,
            RefreshOutcome::NotDue => &mut self.not_due,
            RefreshOutcome::TooYoung => &mut self.too_young,
            RefreshOutcome::Attention => &mut self.attention,
            RefreshOutcome::LoginRequired => &mut self.login_required,
            RefreshOutcome::Failed => &mut self.failed,
            RefreshOutcome::Conflict => &mut self.conflicts,
            RefreshOutcome::Left => &mut self.left_for_next_run,
        } += 1;
        if let Some(document) = document {
            self.count_health(document.health.state, document.deadline());
        }
    }

    /// Counts a value that is not an account document.
    pub(super) fn unreadable(&mut self, unreadable: Unreadable) {
        self.failed += 1;
        let message = format!("The value was not changed: {}.", unreadable.reason);
        self.failures.push(AccountFailure::internal(unreadable.name, FailureKind::Unreadable, message));
    }

    /// Counts an account's health, and its expiry if the token is renewable.
    pub(super) fn count_health(&mut self, state: HealthState, expires_at: Option<OffsetDateTime>) {
        self.health.count(state);
        if state == HealthState::LoginRequired {
            return;
        }
        self.soonest_expiry = match (self.soonest_expiry, expires_at) {
            (Some(soonest), Some(at)) => Some(soonest.min(at)),
            (soonest, at) => soonest.or(at),
        };
    }
}

/// The kind of an account's failure: one of Instagram's error categories, or a failure of our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The error is temporary.
    Transient,
    /// Too many calls.
    Throttled,
    /// The account's owner must act on Instagram.
    Attention,
    /// Only a new login helps.
    LoginRequired,
    /// The operator must act: the app, a scope, the redirect URI or a tester role is not set up.
    SetUp,
    /// The stored value is not an account document.
    Unreadable,
    /// No account has this name.
    NotFound,
    /// The vault returned an error.
    Vault,
    /// The task of this account panicked.
    Panic,
    /// An error that is not in the table, or a kind that a later version reports.
    #[serde(other)]
    Unknown,
}

impl FailureKind {
    /// The word in reports and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transient => ErrorCategory::Transient.as_str(),
            Self::Throttled => ErrorCategory::Throttled.as_str(),
            Self::Attention => ErrorCategory::Attention.as_str(),
            Self::LoginRequired => ErrorCategory::LoginRequired.as_str(),
            Self::SetUp => ErrorCategory::SetUp.as_str(),
            Self::Unknown => ErrorCategory::Unknown.as_str(),
            Self::Unreadable => "unreadable",
            Self::NotFound => "not_found",
            Self::Vault => "vault",
            Self::Panic => "panic",
        }
    }
}

impl From<ErrorCategory> for FailureKind {
    fn from(category: ErrorCategory) -> Self {
        match category {
            ErrorCategory::Transient => Self::Transient,
            ErrorCategory::Throttled => Self::Throttled,
            ErrorCategory::Attention => Self::Attention,
            ErrorCategory::LoginRequired => Self::LoginRequired,
            ErrorCategory::SetUp => Self::SetUp,
            ErrorCategory::Unknown => Self::Unknown,
        }
    }
}

/// The failure of one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountFailure {
    /// The account's name in the vault.
    pub name: String,
    /// Its Instagram username, if the document could be read.
    pub username: Option<String>,
    /// The kind of failure.
    pub kind: FailureKind,
    /// Instagram's code.
    pub code: Option<i64>,
    /// Instagram's subcode.
    pub subcode: Option<i64>,
    /// Cause and remedy.
    pub message: String,
    /// Instagram's `fbtrace_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// When the next attempt is due; `None` if a person must act first.
    #[serde(with = "time::serde::rfc3339::option")]
    pub next_attempt_at: Option<OffsetDateTime>,
}

impl AccountFailure {
    /// A failure of our own.
    pub(super) fn internal(name: impl Into<String>, kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            username: None,
            kind,
            code: None,
            subcode: None,
            message: message.into(),
            trace_id: None,
            next_attempt_at: None,
        }
    }

    /// An error from Instagram.
    pub(super) fn provider(name: &AccountName, username: &str, failure: &ProviderError) -> Self {
        Self {
            name: name.to_string(),
            username: Some(username.to_owned()),
            kind: failure.category().into(),
            code: failure.code,
            subcode: failure.subcode,
            message: failure.message(),
            trace_id: failure.trace_id.clone(),
            next_attempt_at: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_failure_has_the_documented_fields() {
        let failure = AccountFailure {
            name: "shop-de".to_owned(),
            username: Some("blue_bottle".to_owned()),
            kind: FailureKind::LoginRequired,
            code: Some(190),
            subcode: Some(463),
            message: "The token has expired.".to_owned(),
            trace_id: Some("AbCdEf".to_owned()),
            next_attempt_at: Some(datetime!(2026-12-22 05:00 UTC)),
        };
        insta::assert_json_snapshot!(failure, @r#"
        {
          "name": "shop-de",
          "username": "blue_bottle",
          "kind": "login_required",
          "code": 190,
          "subcode": 463,
          "message": "The token has expired.",
          "trace_id": "AbCdEf",
          "next_attempt_at": "2026-12-22T05:00:00Z"
        }
        "#);
    }

    #[test]
    fn a_kind_is_the_same_word_in_reports_and_logs() {
        for (kind, word) in [
            (FailureKind::Transient, "transient"),
            (FailureKind::Throttled, "throttled"),
            (FailureKind::Attention, "attention"),
            (FailureKind::LoginRequired, "login_required"),
            (FailureKind::SetUp, "set_up"),
            (FailureKind::Unreadable, "unreadable"),
            (FailureKind::NotFound, "not_found"),
            (FailureKind::Vault, "vault"),
            (FailureKind::Panic, "panic"),
            (FailureKind::Unknown, "unknown"),
        ] {
            assert_eq!((serde_json::to_value(kind).unwrap(), kind.as_str()), (word.into(), word));
        }
        for category in [
            ErrorCategory::Transient,
            ErrorCategory::Throttled,
            ErrorCategory::Attention,
            ErrorCategory::LoginRequired,
            ErrorCategory::SetUp,
            ErrorCategory::Unknown,
        ] {
            assert_eq!(FailureKind::from(category).as_str(), category.as_str());
        }
    }
}
