//! What a run is asked for, and what it answers.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

use super::renewal::End;
use crate::account::AccountName;
use crate::document::{Document, HealthState};
use crate::failure::Failure;
use crate::ports::Unreadable;

/// Which accounts to look at, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// These only; none means all.
    pub accounts: Option<Vec<AccountName>>,
    /// Renew the named ones even if they are not due. Meta's 24 hours hold all the same.
    pub force: bool,
    /// Decide, but ask Instagram nothing and write nothing.
    pub dry_run: bool,
}

/// The input is no request.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidRequest {
    /// Wrong shape.
    #[error(r#"the input is neither a schedule's event nor {{"version":1,"accounts":["name"],"force":false,"dry_run":false}}"#)]
    Shape,
    /// A version that this code does not know.
    #[error("the input's version is {0}; this version of Evertoken knows 1")]
    Version(i64),
    /// `force` over all accounts would renew everything at once.
    #[error(r#""force" needs "accounts": name those to renew"#)]
    ForceWithoutAccounts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default)]
    version: Option<i64>,
    #[serde(default)]
    accounts: Option<Vec<AccountName>>,
    #[serde(default)]
    force: bool,
    #[serde(default)]
    dry_run: bool,
}

impl Request {
    /// Reads a Lambda's input: `{}`, a scheduler's event (both mean all accounts), or a request by name.
    pub fn parse(input: Value) -> Result<Self, InvalidRequest> {
        // EventBridge's envelope carries a "version" of its own, and its "detail" is nothing of ours.
        if input.is_null() || input.get("detail-type").is_some() {
            return Ok(Self::default());
        }
        if !input.is_object() {
            return Err(InvalidRequest::Shape);
        }
        let fields: Fields = serde_json::from_value(input).map_err(|_| InvalidRequest::Shape)?;
        match fields.version {
            None | Some(1) => {}
            Some(other) => return Err(InvalidRequest::Version(other)),
        }
        if fields.force && fields.accounts.is_none() {
            return Err(InvalidRequest::ForceWithoutAccounts);
        }
        Ok(Self { accounts: fields.accounts, force: fields.force, dry_run: fields.dry_run })
    }
}

/// What a run did. Every account is in exactly one of the counts from `refreshed` to `left_for_next_run`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Always 1.
    pub version: u32,
    /// How many the run was about.
    pub accounts: usize,
    /// Renewed (or, where the owner had to act, found alive again).
    pub refreshed: usize,
    /// Not yet a third through their life.
    pub not_due: usize,
    /// Younger than the 24 hours that Meta asks for.
    pub too_young: usize,
    /// Waiting for their owner to act on Instagram.
    pub attention: usize,
    /// Waiting for a new login.
    pub login_required: usize,
    /// Due, and not renewed this time; or unreadable.
    pub failed: usize,
    /// Changed by somebody else meanwhile; theirs stands.
    pub conflicts: usize,
    /// Due, and not reached before the deadline or before Instagram had enough of the app; or all that is due, in a dry run.
    pub left_for_next_run: usize,
    /// When the first token ends of those that a machine can renew.
    #[serde(with = "time::serde::rfc3339::option")]
    pub soonest_expiry: Option<OffsetDateTime>,
    /// Milliseconds from start to answer.
    pub duration_ms: u64,
    /// Who failed in this run, and why.
    pub failures: Vec<AccountFailure>,
    /// How the accounts are at its end. No part of the answer: a metric.
    #[serde(skip)]
    pub health: HealthCounts,
    /// Whether some accounts could not be looked at. No part of the answer, where a failure says so.
    #[serde(skip)]
    pub incomplete: bool,
}

/// How many accounts are in which state of health. One whose document could not be read is in none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HealthCounts {
    /// Nobody need act.
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
            soonest_expiry: None,
            duration_ms: 0,
            failures: Vec::new(),
            health: HealthCounts::default(),
            incomplete: false,
        }
    }
}

impl Report {
    /// Counts one, in exactly one place.
    pub(super) fn count(&mut self, end: End, document: Option<&Document>) {
        *match end {
            End::Refreshed => &mut self.refreshed,
            End::NotDue => &mut self.not_due,
            End::TooYoung => &mut self.too_young,
            End::Attention => &mut self.attention,
            End::LoginRequired => &mut self.login_required,
            End::Failed => &mut self.failed,
            End::Conflict => &mut self.conflicts,
            End::Left => &mut self.left_for_next_run,
        } += 1;
        if let Some(document) = document {
            self.know(document.health.state, document.expires_at);
        }
    }

    /// Counts a value that is no document, and names it.
    pub(super) fn unreadable(&mut self, unreadable: Unreadable) {
        self.failed += 1;
        let message = format!("It was left alone: {}.", unreadable.reason);
        self.failures.push(AccountFailure::ours(unreadable.name, "unreadable", message));
    }

    /// Counts one that is due and not begun.
    pub(super) fn leave(&mut self, state: HealthState, expires_at: Option<OffsetDateTime>) {
        self.left_for_next_run += 1;
        self.know(state, expires_at);
    }

    /// Takes an account's health into the count, and its end into account when looking for the soonest that a machine can
    /// put off.
    pub(super) fn know(&mut self, state: HealthState, expires_at: Option<OffsetDateTime>) {
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

/// One account's failure, in our words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountFailure {
    /// The account's name in the vault.
    pub name: String,
    /// Its Instagram user name, if the document could be read.
    pub username: Option<String>,
    /// A failure's kind, or `unreadable`, `not_found`, `vault`, `panic`.
    pub kind: &'static str,
    /// Instagram's code.
    pub code: Option<i64>,
    /// Instagram's subcode.
    pub subcode: Option<i64>,
    /// Cause and remedy.
    pub message: String,
    /// Instagram's `fbtrace_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// When it is tried again; none if that waits for a person.
    #[serde(with = "time::serde::rfc3339::option")]
    pub next_attempt_at: Option<OffsetDateTime>,
}

impl AccountFailure {
    /// A failure that is not Instagram's.
    pub(super) fn ours(name: impl Into<String>, kind: &'static str, message: impl Into<String>) -> Self {
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

    /// A failure of Instagram's.
    pub(super) fn of_provider(name: &AccountName, username: &str, failure: &Failure) -> Self {
        Self {
            name: name.to_string(),
            username: Some(username.to_owned()),
            kind: failure.kind().as_str(),
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
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_and_schedules_mean_all_accounts() {
        let schedule = json!({"version": "0", "id": "x", "detail-type": "Scheduled Event", "source": "aws.scheduler", "detail": "{}"});
        for input in [json!({}), json!(null), json!({"version": 1}), schedule] {
            assert_eq!(Request::parse(input.clone()), Ok(Request::default()), "{input}");
        }
    }

    #[test]
    fn names_are_taken_and_nonsense_is_refused() {
        let request = Request::parse(json!({"version": 1, "accounts": ["shop-de"], "force": true})).unwrap();
        assert_eq!(request.accounts.map(|names| names.len()), Some(1));
        assert!(request.force);
        let cases = [
            (json!({"version": 2}), InvalidRequest::Version(2)),
            (json!({"acounts": ["shop-de"]}), InvalidRequest::Shape),
            (json!({"accounts": ["Shop DE"]}), InvalidRequest::Shape),
            (json!([1]), InvalidRequest::Shape),
            (json!({"force": true}), InvalidRequest::ForceWithoutAccounts),
        ];
        for (input, expected) in cases {
            assert_eq!(Request::parse(input), Err(expected));
        }
    }
}
