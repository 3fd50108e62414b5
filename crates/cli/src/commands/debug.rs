//! `evertoken debug`: what Meta's Access Token Debugger shows, for a stored or a pasted token.

use evertoken_core::vault::AccountIndex;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::clock::SystemClock;
use evertoken_core::document::{Document, HealthState};
use evertoken_core::policy::{self, Policy};
use evertoken_core::provider::{Profile, Provider};
use evertoken_core::provider_error::{ErrorCategory, ProviderError};
use evertoken_core::secrets::AccessToken;
use evertoken_core::variables::{self, Variables};
use evertoken_core::vault::Vault;
use evertoken_instagram::{Endpoints, InstagramLogin};
use serde::Serialize;
use time::OffsetDateTime;

use crate::credentials::token_kind::TokenKind;
use crate::terminal::output;
use crate::terminal::pasted_input;
use crate::vault::location::{AnyVault, VaultLocation, with_vault};
use crate::vault::lookup;

pub(crate) const HELP: &str = "\
Without a name the token is read from standard input, without echo on a terminal.

Examples:
  evertoken debug my-shop            the stored token
  evertoken debug < token.txt        one that you have
  evertoken --json debug my-shop";

/// What it is asked for.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The account's name, as `list` shows it; without it, the token comes from standard input.
    pub(crate) name: Option<AccountName>,
    #[command(flatten)]
    pub(crate) place: VaultLocation,
}

/// What is known of a token. Holds nothing of it.
#[derive(Debug, Serialize)]
struct Report {
    /// Whether Instagram accepts it; none where that cannot be told.
    valid: Option<bool>,
    family: TokenKind,
    username: Option<String>,
    account_id: Option<String>,
    app_scoped_id: Option<String>,
    account_type: Option<String>,
    /// None where they are not known: Instagram tells them only at a login.
    scopes: Option<Vec<String>>,
    #[serde(with = "time::serde::rfc3339::option")]
    issued_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
    days_left: Option<i64>,
    /// The account that holds the very same token.
    stored_as: Option<AccountName>,
    health: Option<HealthState>,
    problem: Option<Refused>,
    /// What to do.
    next: String,
}

/// Why Instagram refuses it, in the words of the failure table.
#[derive(Debug, Serialize)]
struct Refused {
    kind: ErrorCategory,
    code: Option<i64>,
    subcode: Option<i64>,
    trace_id: Option<String>,
    cause: &'static str,
    remedy: &'static str,
}

/// Looks at a token; exit 3 if Instagram does not accept it, 1 if Instagram could not be asked.
pub(crate) async fn debug(options: Options, variables: &Variables, json: bool) -> Result<ExitCode> {
    let provider = InstagramLogin::new(Endpoints::read(variables)?)?;
    let (token, stored) = if let Some(name) = &options.name {
        let vault = AnyVault::open(&options.place, variables).await?;
        let document = with_vault!(&vault, vault => lookup::account(vault, name).await)?.document;
        (document.access_token.clone(), Some(document))
    } else {
        let token = pasted_input::read("Token: ", "token")?;
        if let Some(remark) = token.remark("token") {
            output::say(&remark);
        }
        (AccessToken::new(token.expose()), None)
    };
    let answer = provider.profile(&token).await;
    let stored = match (stored, &answer) {
        (None, Ok(profile)) => look_up(&options.place, variables, &token, profile).await,
        (stored, _) => stored,
    };
    let report = Report::new(&token, stored.as_ref(), answer, SystemClock.now(), &variables::policy(variables)?);
    if json {
        output::data(&serde_json::to_string_pretty(&report)?)?;
    } else {
        for line in report.lines() {
            output::data(&line)?;
        }
    }
    Ok(match (report.valid, &report.problem) {
        (Some(true), _) => ExitCode::SUCCESS,
        (_, Some(Refused { kind: ErrorCategory::Transient | ErrorCategory::Throttled, .. })) => ExitCode::FAILURE,
        _ => ExitCode::from(3),
    })
}

/// The account that holds a pasted token, where a vault was named: then its dates are known.
async fn look_up(
    place: &VaultLocation,
    variables: &Variables,
    token: &AccessToken,
    profile: &Profile,
) -> Option<Document> {
    if place.local.is_none() && variables.get("EVERTOKEN_VAULT_PREFIX").is_none() {
        return None;
    }
    // A vault that cannot be read is no answer about the token.
    let vault = AnyVault::open(place, variables).await.ok()?;
    let found = with_vault!(&vault, vault => vault.find(&profile.account_id).await).ok()?;
    found.accounts.into_iter().map(|account| account.document).find(|document| document.access_token == *token)
}

impl Report {
    fn new(
        token: &AccessToken,
        known: Option<&Document>,
        answer: Result<Profile, ProviderError>,
        now: OffsetDateTime,
        policy: &Policy,
    ) -> Self {
        let family = TokenKind::of(token);
        let next = next(family, known, answer.as_ref().err(), now, policy);
        let valid = match &answer {
            Ok(_) => Some(true),
            Err(failure) => failure.rejects_token().then_some(false),
        };
        // What Instagram says now goes before what was stored then.
        let profile = answer.as_ref().ok();
        let told = |now: fn(&Profile) -> String, then: fn(&Document) -> String| {
            profile.map(now).or_else(|| known.map(then)).filter(|text| !text.is_empty())
        };
        let expires_at = known.and_then(|document| document.expires_at);
        Self {
            valid,
            family,
            username: told(|profile| profile.username.clone(), |document| document.username.clone()),
            account_id: told(|profile| profile.account_id.to_string(), |document| document.account_id.to_string()),
            app_scoped_id: told(
                |profile| profile.app_scoped_id.to_string(),
                |document| document.app_scoped_id.to_string(),
            ),
            account_type: told(|profile| profile.account_type.clone(), |document| document.account_type.clone()),
            scopes: known.map(|document| document.scopes.iter().map(str::to_owned).collect()),
            issued_at: known.map(|document| document.issued_at),
            expires_at,
            days_left: expires_at.map(|at| (at - now).whole_days()),
            stored_as: known.map(|document| document.name.clone()),
            health: known.map(|document| document.health.state),
            problem: answer.err().map(|failure| Refused {
                kind: failure.category(),
                code: failure.code,
                subcode: failure.subcode,
                cause: failure.kind.cause(),
                remedy: failure.kind.remedy(),
                trace_id: failure.trace_id,
            }),
            next,
        }
    }

    fn lines(&self) -> Vec<String> {
        let valid = match self.valid {
            Some(true) => "yes",
            Some(false) => "no",
            None => "not known",
        };
        let unknown = || "not known: Instagram does not tell".to_owned();
        let owner = self.username.as_ref().map_or_else(unknown, |name| {
            let kind = self.account_type.as_ref().map_or_else(String::new, |kind| format!(", {kind}"));
            format!("@{name}{kind}")
        });
        let day = |at: Option<OffsetDateTime>| at.map_or_else(unknown, |at| at.date().to_string());
        let expires = match (self.expires_at, self.days_left, &self.stored_as) {
            (Some(at), Some(days), _) => format!("{} ({days} days left)", at.date()),
            (None, _, Some(_)) => "never".to_owned(),
            _ => unknown(),
        };
        let scopes = self.scopes.as_ref().map_or_else(unknown, |scopes| scopes.join(", "));
        let mut lines = vec![
            ("Valid", valid.to_owned()),
            ("Whose", owner),
            ("Account id", self.account_id.clone().unwrap_or_else(unknown)),
            ("App-scoped id", self.app_scoped_id.clone().unwrap_or_else(unknown)),
            ("TokenKind", self.family.words().to_owned()),
            ("Scopes", scopes),
            ("Issued", day(self.issued_at)),
            ("Expires", expires),
            ("Stored as", self.stored_as.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string)),
        ];
        if let Some(problem) = &self.problem {
            let code = match (problem.code, problem.subcode) {
                (Some(code), Some(subcode)) => format!(" (code {code}, subcode {subcode})"),
                (Some(code), None) => format!(" (code {code})"),
                _ => String::new(),
            };
            lines.push(("Problem", format!("{}{code}", problem.cause)));
        }
        lines.push(("Next", self.next.clone()));
        lines.into_iter().map(|(head, text)| format!("{head:<14} {text}")).collect()
    }
}

/// What to do, in one or two sentences.
fn next(
    family: TokenKind,
    stored: Option<&Document>,
    failure: Option<&ProviderError>,
    now: OffsetDateTime,
    policy: &Policy,
) -> String {
    if let Some(failure) = failure {
        return match (family.objection(), stored) {
            (Some(objection), _) if failure.rejects_token() => objection.to_owned(),
            (_, Some(document)) if failure.category() == ErrorCategory::LoginRequired => {
                format!("{} Make the link: evertoken invite --name {}", failure.kind.remedy(), document.name)
            }
            _ => failure.kind.remedy().to_owned(),
        };
    }
    let Some(document) = stored else {
        return "Evertoken keeps it alive once you say: evertoken import NAME".to_owned();
    };
    if document.health.state != HealthState::Healthy {
        return "It works again; the next refresh sees that by itself.".to_owned();
    }
    policy::next_attempt_at(document, now, policy)
        .map_or_else(|| "Nothing.".to_owned(), |at| format!("Nothing: Evertoken looks at it again on {}.", at.date()))
}
