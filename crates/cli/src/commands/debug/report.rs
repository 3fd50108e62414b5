//! What is known about a token, and why the rest is not.

use std::collections::BTreeMap;

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::document::{Document, HealthState, ProviderName};
use evertoken_core::policy::{self, Policy};
use evertoken_core::provider_error::ErrorCategory;
use evertoken_instagram::FacebookToken;
use serde::Serialize;
use time::OffsetDateTime;

use super::facebook::Answer;
use super::facebook_words::{self, FacebookKind};
use super::{Facts, Owner, Stored};
use crate::credentials::token_kind::TokenKind;
use crate::terminal::plural::noun;
use crate::vault::vault_option::VaultOption;

/// The scope that `/me` proves.
const BASE_SCOPE: &str = "instagram_business_basic";

const SCOPES_AT_LOGIN: &str = "Instagram reports scopes only at a login";

/// What is known about a token. Contains no part of it.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Whether Instagram or Facebook accepts it, if there was an answer.
    pub(super) valid: Option<bool>,
    /// The key is older than the type's name, and scripts rely on it.
    #[serde(rename = "family")]
    token_kind: TokenKind,
    username: Option<String>,
    account_id: Option<String>,
    app_scoped_id: Option<String>,
    account_type: Option<String>,
    /// The accounts of a system user's token, if there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accounts: Vec<NamedAccount>,
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

#[derive(Debug, Serialize)]
struct NamedAccount {
    username: String,
    account_id: AccountId,
    page_name: Option<String>,
}

/// Why the token does not work.
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
    page_id: Option<AccountId>,
    never_expires: bool,
    #[serde(with = "time::serde::rfc3339::option")]
    data_access_expires_at: Option<OffsetDateTime>,
    code: Option<i64>,
    subcode: Option<i64>,
    /// What it is and when it ends, for people.
    explanation: String,
}

impl From<&FacebookToken> for Facebook {
    fn from(token: &FacebookToken) -> Self {
        let token = token.clone();
        Self {
            explanation: FacebookKind::of(&token).explain(&token),
            page_id: token.page_id,
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

impl From<Owner> for NamedAccount {
    fn from(owner: Owner) -> Self {
        Self { username: owner.username, account_id: owner.account_id, page_name: owner.page_name }
    }
}

impl Report {
    pub(super) fn new(facts: Facts, now: OffsetDateTime, policy: &Policy, vault: &VaultOption) -> Self {
        let next = next(&facts, now, policy, vault);
        let Facts { kind: token_kind, valid, owners, error, unnamed, stored, facebook } = facts;
        let known = stored.document();
        let is_facebook = token_kind == TokenKind::FacebookLogin;
        // The response is newer than the document. Several accounts are listed apart.
        let owner = owners.first().filter(|_| owners.len() == 1);
        let either = |now: fn(&Owner) -> String, then: fn(&Document) -> String| {
            owner.map(now).or_else(|| known.map(then)).filter(|text| !text.is_empty())
        };
        let answer = match &facebook {
            Answer::Token(token) => Some(token.as_ref()),
            Answer::None(_) => None,
        };
        let expires_at =
            known.map_or_else(|| answer.and_then(|token| token.expires_at), |document| document.expires_at);
        let data_access = answer.and_then(|token| token.data_access_expires_at);
        let deadline = expires_at.into_iter().chain(data_access.filter(|_| is_facebook)).min();
        // Facebook knows both better than the vault.
        let scopes = answer
            .map(|token| &token.scopes)
            .filter(|scopes| !scopes.is_empty())
            .or(known.map(|document| &document.scopes));
        let scopes = scopes.map(|scopes| scopes.iter().map(str::to_owned).collect());
        let issued_at = answer.and_then(|token| token.issued_at).or(known.map(|document| document.issued_at));
        let mut report = Self {
            valid,
            token_kind,
            username: either(|owner| owner.username.clone(), |document| document.username.clone()),
            account_id: either(|owner| owner.account_id.to_string(), |document| document.account_id.to_string()),
            app_scoped_id: either(
                |owner| owner.app_scoped_id.to_string(),
                |document| document.app_scoped_id.to_string(),
            ),
            account_type: either(|owner| owner.account_type.clone(), |document| document.account_type.clone()),
            scopes: scopes.or_else(|| owner.filter(|_| !is_facebook).map(|_| vec![BASE_SCOPE.to_owned()])),
            issued_at,
            expires_at,
            days_left: deadline.map(|at| (at - now).whole_days()),
            stored_as: known.map(|document| document.name.clone()),
            health: known.map(|document| document.health.state),
            facebook: answer.map(Facebook::from),
            not_known: BTreeMap::new(),
            problem: error.map(|error| Problem {
                kind: error.category(),
                code: error.code,
                subcode: error.subcode,
                cause: error.kind.cause(),
                remedy: error.kind.remedy(),
                trace_id: error.trace_id,
            }),
            next,
            accounts: if owners.len() > 1 { owners.into_iter().map(NamedAccount::from).collect() } else { Vec::new() },
        };
        report.not_known = report.reasons(&stored, &facebook, unnamed, vault);
        report
    }

    /// Why keys are empty or incomplete.
    fn reasons(
        &self,
        stored: &Stored,
        facebook: &Answer,
        unnamed: Option<String>,
        vault: &VaultOption,
    ) -> BTreeMap<&'static str, String> {
        let mut reasons = BTreeMap::new();
        let mut because = |key, is_missing: bool, reason: String| {
            if is_missing {
                reasons.insert(key, reason);
            }
        };
        let is_facebook = self.token_kind == TokenKind::FacebookLogin;
        let asked = if is_facebook { "Facebook" } else { "Instagram" };
        let no_answer = match (&self.problem, self.valid) {
            _ if !self.accounts.is_empty() => "there are several".to_owned(),
            (Some(_), Some(false)) => format!("{asked} rejects the token"),
            (Some(problem), _) => problem.cause.trim_end_matches('.').to_owned(),
            (None, _) => unnamed.unwrap_or_else(|| format!("{asked} did not tell")),
        };
        because("valid", self.valid.is_none(), no_answer.clone());
        because("username", self.username.is_none(), no_answer.clone());
        because("account_id", self.account_id.is_none(), no_answer.clone());
        because("app_scoped_id", self.app_scoped_id.is_none(), no_answer.clone());
        let no_type = if is_facebook { "Facebook does not report it".to_owned() } else { no_answer };
        because("account_type", self.account_type.is_none(), no_type);
        let is_ours = stored.document().is_none() && self.facebook.is_none();
        match facebook {
            Answer::None(reason) => {
                because("facebook", true, reason.clone());
                let of_scopes = if is_facebook { reason.clone() } else { format!("{SCOPES_AT_LOGIN}, and {reason}") };
                because("scopes", is_ours, of_scopes);
            }
            Answer::Token(_) => because("scopes", self.scopes.is_none(), "Facebook did not tell any".to_owned()),
        }
        let did_not_tell = |what: &str| match facebook {
            Answer::None(_) if !is_facebook => format!("Instagram does not report {what} of an existing token"),
            _ => format!("Facebook did not tell {what}"),
        };
        because("issued_at", self.issued_at.is_none(), did_not_tell("the date of issue"));
        let never = stored.document().is_some() || self.facebook.as_ref().is_some_and(|token| token.never_expires);
        let expiry = if self.valid == Some(true) && is_ours && !is_facebook {
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
        let mut lines = vec![("Valid", or(valid, "valid"))];
        if self.accounts.is_empty() {
            lines.push(("Account", or(owner, "username")));
            lines.push(("Account ID", or(self.account_id.clone(), "account_id")));
            lines.push(("App-scoped ID", or(self.app_scoped_id.clone(), "app_scoped_id")));
        }
        let accounts = self.accounts.iter().map(|account| {
            let page = account.page_name.as_ref().map_or_else(String::new, |name| format!(", page {name}"));
            ("Account", format!("@{} ({}){page}", account.username, account.account_id))
        });
        lines.extend(accounts);
        lines.extend([
            ("Token kind", self.token_kind.name().to_owned()),
            ("Scopes", or(scopes, "scopes")),
            ("Issued", or(self.issued_at.map(|at| at.date().to_string()), "issued_at")),
            ("Expires", or(expires, "expires_at")),
            ("Stored as", or(stored_as, "stored_as")),
        ]);
        if let Some(facebook) = &self.facebook {
            lines.push(("At Facebook", facebook.describe()));
            lines.push(("Explanation", facebook.explanation.clone()));
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
fn next(facts: &Facts, now: OffsetDateTime, policy: &Policy, vault: &VaultOption) -> String {
    let stored = facts.stored.document();
    let is_facebook = facts.kind == TokenKind::FacebookLogin;
    let invite = |document: &Document| {
        let provider = if is_facebook { ProviderName::Facebook } else { ProviderName::Instagram };
        vault.invite_command(&document.name, provider)
    };
    if let Some(error) = &facts.error {
        return match (facts.kind.objection(&vault.command("invite")), stored) {
            (Some(objection), None) if error.rejects_token() => match (is_facebook, &facts.facebook) {
                // It is known what it is, and why it does not work.
                (true, Answer::Token(_)) => {
                    let invite = vault.command("invite --name NAME --provider facebook");
                    format!("{} Create a link: {invite}", error.kind.remedy())
                }
                _ => objection,
            },
            (Some(objection), Some(_)) if error.rejects_token() && !is_facebook => objection,
            (_, Some(document)) if error.category() == ErrorCategory::LoginRequired => {
                format!("{} Create a link: {}", error.kind.remedy(), invite(document))
            }
            _ if matches!(error.category(), ErrorCategory::Transient | ErrorCategory::Throttled) => {
                "Try again in a few minutes.".to_owned()
            }
            _ => error.kind.remedy().to_owned(),
        };
    }
    let answer = match &facts.facebook {
        Answer::Token(token) => Some(token.as_ref()),
        Answer::None(_) => None,
    };
    let Some(document) = stored else {
        return match answer {
            Some(token) => FacebookKind::of(token).next(facts.owners.len(), !facts.owners.is_empty(), vault),
            None => format!("Let Evertoken refresh it: {}", vault.command("import NAME")),
        };
    };
    if document.health.state != HealthState::Healthy {
        let refresh = vault.command(&format!("refresh {} --force", document.name));
        return format!("The token works again. Let Evertoken notice it: {refresh}");
    }
    let data_access = answer.and_then(|token| token.data_access_expires_at).or(document.data_access_expires_at);
    if let Some(renew) = facebook_words::renew_access(data_access, now, &invite(document)) {
        return renew;
    }
    if document.expires_at.is_none() {
        return "No action needed. Evertoken checks it regularly.".to_owned();
    }
    policy::next_attempt_at(document, now, policy).map_or_else(
        || "No action needed.".to_owned(),
        |at| format!("No action needed. Evertoken checks it again on {}.", at.date()),
    )
}
