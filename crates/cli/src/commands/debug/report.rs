//! What is known about a token, and why the rest is not.

use std::collections::BTreeMap;

use evertoken_core::account::AccountName;
use evertoken_core::document::{Document, HealthState};
use evertoken_core::policy::{self, Policy};
use evertoken_core::provider::Profile;
use evertoken_core::provider_error::{ErrorCategory, ProviderError};
use evertoken_instagram::FacebookToken;
use serde::Serialize;
use time::OffsetDateTime;

use super::facebook::Answer;
use super::{Facts, Stored};
use crate::credentials::token_kind::TokenKind;
use crate::terminal::plural::noun;
use crate::vault::vault_option::VaultOption;

/// The scope that `/me` proves.
const BASE_SCOPE: &str = "instagram_business_basic";

const SCOPES_AT_LOGIN: &str = "Instagram reports scopes only at a login";

/// What is known about a token. Contains no part of it.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Whether Instagram accepts it, if Instagram answered.
    pub(super) valid: Option<bool>,
    /// The key is older than the type's name, and scripts rely on it.
    #[serde(rename = "family")]
    token_kind: TokenKind,
    username: Option<String>,
    account_id: Option<String>,
    app_scoped_id: Option<String>,
    account_type: Option<String>,
    scopes: Option<Vec<String>>,
    #[serde(with = "time::serde::rfc3339::option")]
    issued_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
    days_left: Option<i64>,
    /// The account that holds exactly this token.
    stored_as: Option<AccountName>,
    health: Option<HealthState>,
    pub(super) problem: Option<Problem>,
    /// The answer of Facebook's token debugger.
    facebook: Option<Facebook>,
    /// Why a key has no value, or not all of it.
    not_known: BTreeMap<&'static str, String>,
    /// What to do next.
    next: String,
}

/// Why Instagram rejects the token.
#[derive(Debug, Serialize)]
pub(super) struct Problem {
    pub(super) kind: ErrorCategory,
    code: Option<i64>,
    subcode: Option<i64>,
    trace_id: Option<String>,
    cause: &'static str,
    remedy: &'static str,
}

#[derive(Debug, Serialize)]
struct Facebook {
    valid: bool,
    #[serde(rename = "type")]
    kind: Option<String>,
    app_id: Option<String>,
    app_name: Option<String>,
    never_expires: bool,
    #[serde(with = "time::serde::rfc3339::option")]
    data_access_expires_at: Option<OffsetDateTime>,
    code: Option<i64>,
    subcode: Option<i64>,
}

impl From<&FacebookToken> for Facebook {
    fn from(token: &FacebookToken) -> Self {
        let token = token.clone();
        Self {
            valid: token.is_valid,
            kind: token.kind,
            app_id: token.app_id,
            app_name: token.app_name,
            never_expires: token.never_expires,
            data_access_expires_at: token.data_access_expires_at,
            code: token.error.map(|(code, _)| code),
            subcode: token.error.and_then(|(_, subcode)| subcode),
        }
    }
}

impl Report {
    pub(super) fn new(facts: Facts, now: OffsetDateTime, policy: &Policy, vault: &VaultOption) -> Self {
        let Facts { kind: token_kind, profile: response, stored, facebook } = facts;
        let known = stored.document();
        let next = next(token_kind, known, response.as_ref().err(), now, policy, vault);
        let valid = match &response {
            Ok(_) => Some(true),
            Err(error) => error.rejects_token().then_some(false),
        };
        // The response is newer than the document.
        let profile = response.as_ref().ok();
        let either = |now: fn(&Profile) -> String, then: fn(&Document) -> String| {
            profile.map(now).or_else(|| known.map(then)).filter(|text| !text.is_empty())
        };
        let answer = match &facebook {
            Answer::Token(token) => Some(token),
            Answer::None(_) => None,
        };
        let expires_at =
            known.map_or_else(|| answer.and_then(|token| token.expires_at), |document| document.expires_at);
        let scopes = known.map(|document| &document.scopes).or(answer.map(|token| &token.scopes));
        let scopes = scopes.map(|scopes| scopes.iter().map(str::to_owned).collect());
        let mut report = Self {
            valid,
            token_kind,
            username: either(|profile| profile.username.clone(), |document| document.username.clone()),
            account_id: either(|profile| profile.account_id.to_string(), |document| document.account_id.to_string()),
            app_scoped_id: either(
                |profile| profile.app_scoped_id.to_string(),
                |document| document.app_scoped_id.to_string(),
            ),
            account_type: either(|profile| profile.account_type.clone(), |document| document.account_type.clone()),
            scopes: scopes.or_else(|| profile.map(|_| vec![BASE_SCOPE.to_owned()])),
            issued_at: known.map(|document| document.issued_at).or_else(|| answer.and_then(|token| token.issued_at)),
            expires_at,
            days_left: expires_at.map(|at| (at - now).whole_days()),
            stored_as: known.map(|document| document.name.clone()),
            health: known.map(|document| document.health.state),
            facebook: answer.map(Facebook::from),
            not_known: BTreeMap::new(),
            problem: response.err().map(|error| Problem {
                kind: error.category(),
                code: error.code,
                subcode: error.subcode,
                cause: error.kind.cause(),
                remedy: error.kind.remedy(),
                trace_id: error.trace_id,
            }),
            next,
        };
        report.not_known = report.reasons(&stored, &facebook, vault);
        report
    }

    /// Why keys are empty or incomplete.
    fn reasons(&self, stored: &Stored, facebook: &Answer, vault: &VaultOption) -> BTreeMap<&'static str, String> {
        let mut reasons = BTreeMap::new();
        let mut because = |key, is_missing: bool, reason: String| {
            if is_missing {
                reasons.insert(key, reason);
            }
        };
        let no_answer = match (&self.problem, self.valid) {
            (Some(_), Some(false)) => "Instagram rejects the token".to_owned(),
            (Some(problem), _) => problem.cause.trim_end_matches('.').to_owned(),
            (None, _) => "Instagram did not tell".to_owned(),
        };
        because("valid", self.valid.is_none(), no_answer.clone());
        because("username", self.username.is_none(), no_answer.clone());
        because("account_id", self.account_id.is_none(), no_answer.clone());
        because("app_scoped_id", self.app_scoped_id.is_none(), no_answer.clone());
        because("account_type", self.account_type.is_none(), no_answer);
        let is_ours = stored.document().is_none() && self.facebook.is_none();
        match facebook {
            Answer::None(reason) => {
                because("facebook", true, reason.clone());
                because("scopes", is_ours, format!("{SCOPES_AT_LOGIN}, and {reason}"));
            }
            Answer::Token(_) => {}
        }
        let did_not_tell = |what: &str| match facebook {
            Answer::Token(_) => format!("Facebook did not tell {what}"),
            Answer::None(_) => format!("Instagram does not report {what} of an existing token"),
        };
        because("issued_at", self.issued_at.is_none(), did_not_tell("the date of issue"));
        let never = stored.document().is_some() || self.facebook.as_ref().is_some_and(|token| token.never_expires);
        let expiry = if self.valid == Some(true) && is_ours {
            let import = vault.command("import NAME");
            format!("Instagram reports it only when it renews the token, which this does: {import}")
        } else {
            did_not_tell("the expiry")
        };
        because("expires_at", self.expires_at.is_none() && !never, expiry);
        if let Stored::NotSearched(reason) = stored {
            because("stored_as", true, reason.clone());
        }
        reasons
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let not_known = |key: &str| {
            let reason = self.not_known.get(key).map_or("no reason is known", String::as_str);
            format!("not known: {reason}")
        };
        let or = |text: Option<String>, key: &str| text.unwrap_or_else(|| not_known(key));
        let valid = self.valid.map(|valid| if valid { "yes" } else { "no" }.to_owned());
        let owner = self.username.as_ref().map(|name| {
            let kind = self.account_type.as_ref().map_or_else(String::new, |kind| format!(", {kind}"));
            format!("@{name}{kind}")
        });
        let never = self.expires_at.is_none() && !self.not_known.contains_key("expires_at");
        let expires = match (self.expires_at, self.days_left) {
            (Some(at), Some(days)) => Some(format!("{} ({days} {} left)", at.date(), noun(days, "day"))),
            _ => never.then(|| "never".to_owned()),
        };
        // The list may be incomplete, and then it has a reason too.
        let scopes = self.scopes.as_ref().map(|scopes| match self.not_known.get("scopes") {
            Some(reason) => format!("{} at least ({reason})", scopes.join(", ")),
            None => scopes.join(", "),
        });
        let stored_as = match (&self.stored_as, self.not_known.contains_key("stored_as")) {
            (Some(name), _) => Some(name.to_string()),
            (None, true) => None,
            (None, false) => Some("- (no account in this vault has it)".to_owned()),
        };
        let mut lines = vec![
            ("Valid", or(valid, "valid")),
            ("Account", or(owner, "username")),
            ("Account ID", or(self.account_id.clone(), "account_id")),
            ("App-scoped ID", or(self.app_scoped_id.clone(), "app_scoped_id")),
            ("Token kind", self.token_kind.name().to_owned()),
            ("Scopes", or(scopes, "scopes")),
            ("Issued", or(self.issued_at.map(|at| at.date().to_string()), "issued_at")),
            ("Expires", or(expires, "expires_at")),
            ("Stored as", or(stored_as, "stored_as")),
        ];
        if let Some(facebook) = &self.facebook {
            lines.push(("At Facebook", facebook.describe()));
            if let Some(at) = facebook.data_access_expires_at {
                lines.push(("Data access", format!("until {}, unless the person logs in again", at.date())));
            }
        } else if self.token_kind == TokenKind::FacebookLogin {
            lines.push(("At Facebook", not_known("facebook")));
        }
        if let Some(problem) = &self.problem {
            lines.push(("Problem", format!("{}{}", problem.cause, codes(problem.code, problem.subcode))));
        }
        lines.push(("Next", self.next.clone()));
        lines.into_iter().map(|(title, text)| format!("{title:<14} {text}")).collect()
    }
}

impl Facebook {
    fn describe(&self) -> String {
        let valid = if self.valid { "valid" } else { "not valid" };
        let kind = self.kind.as_deref().map_or_else(String::new, |kind| format!(", {kind} token"));
        let app = match (&self.app_name, &self.app_id) {
            (Some(name), Some(id)) => format!(" of the app {name} ({id})"),
            (None, Some(id)) => format!(" of the app {id}"),
            _ => String::new(),
        };
        format!("{valid}{kind}{app}{}", codes(self.code, self.subcode))
    }
}

fn codes(code: Option<i64>, subcode: Option<i64>) -> String {
    match (code, subcode) {
        (Some(code), Some(subcode)) => format!(" (code {code}, subcode {subcode})"),
        (Some(code), None) => format!(" (code {code})"),
        _ => String::new(),
    }
}

/// What to do next, in one or two sentences.
fn next(
    token_kind: TokenKind,
    stored: Option<&Document>,
    error: Option<&ProviderError>,
    now: OffsetDateTime,
    policy: &Policy,
    vault: &VaultOption,
) -> String {
    if let Some(error) = error {
        return match (token_kind.objection(), stored) {
            (Some(objection), _) if error.rejects_token() => objection.to_owned(),
            (_, Some(document)) if error.category() == ErrorCategory::LoginRequired => {
                let invite = vault.command(&format!("invite --name {}", document.name));
                format!("{} Create a link: {invite}", error.kind.remedy())
            }
            _ if matches!(error.category(), ErrorCategory::Transient | ErrorCategory::Throttled) => {
                "Try again in a few minutes.".to_owned()
            }
            _ => error.kind.remedy().to_owned(),
        };
    }
    let Some(document) = stored else {
        return format!("Let Evertoken refresh it: {}", vault.command("import NAME"));
    };
    if document.health.state != HealthState::Healthy {
        return "The token works again. The next refresh detects that.".to_owned();
    }
    policy::next_attempt_at(document, now, policy).map_or_else(
        || "No action needed.".to_owned(),
        |at| format!("No action needed. Evertoken checks it again on {}.", at.date()),
    )
}
