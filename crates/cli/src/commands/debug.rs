//! `evertoken debug`: what Meta's Access Token Debugger shows, for a stored or a pasted token.

use clap::Args;
use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::document::{Document, HealthState};
use evertoken_core::policy::{self, Policy};
use evertoken_core::provider::{Profile, Provider};
use evertoken_core::provider_error::{ErrorCategory, ProviderError};
use evertoken_core::secrets::AccessToken;
use evertoken_core::variables;
use evertoken_core::vault::AccountIndex;
use evertoken_instagram::{Endpoints, InstagramLogin};
use serde::Serialize;
use time::OffsetDateTime;

use crate::context::Context;
use crate::credentials::token_kind::TokenKind;
use crate::error::Result;
use crate::exit_status::ExitStatus;
use crate::terminal::{output, pasted_input};
use crate::vault::location::VaultLocation;
use crate::vault::lookup;
use crate::vault::vault_option::VaultOption;

pub(crate) const HELP: &str = "\
Without a name, the token is read from standard input, without echo if that is a terminal.

Examples:
  evertoken debug my-shop            # inspect the stored token
  evertoken debug < token.txt        # inspect any token
  evertoken --json debug my-shop

Exit status 3 means that Instagram rejects the token.";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Account name, as shown by `evertoken list`.
    name: Option<AccountName>,
    #[command(flatten)]
    pub(crate) vault: VaultLocation,
}

/// What is known about a token. Contains no part of it.
#[derive(Debug, Serialize)]
struct Report {
    /// Whether Instagram accepts it, if Instagram answered.
    valid: Option<bool>,
    /// The key is older than the type's name, and scripts rely on it.
    #[serde(rename = "family")]
    token_kind: TokenKind,
    username: Option<String>,
    account_id: Option<String>,
    app_scoped_id: Option<String>,
    account_type: Option<String>,
    /// Unknown for a pasted token: Instagram reports them only at a login.
    scopes: Option<Vec<String>>,
    #[serde(with = "time::serde::rfc3339::option")]
    issued_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
    days_left: Option<i64>,
    /// The account that holds exactly this token.
    stored_as: Option<AccountName>,
    health: Option<HealthState>,
    problem: Option<Problem>,
    /// What to do next.
    next: String,
}

/// Why Instagram rejects the token.
#[derive(Debug, Serialize)]
struct Problem {
    kind: ErrorCategory,
    code: Option<i64>,
    subcode: Option<i64>,
    trace_id: Option<String>,
    cause: &'static str,
    remedy: &'static str,
}

pub(crate) async fn debug(options: Options, context: &Context) -> Result<ExitStatus> {
    let provider = InstagramLogin::new(Endpoints::read(&context.variables)?)?;
    let (token, stored) = if let Some(name) = &options.name {
        let vault = options.vault.open(context).await?;
        let document = lookup::account(&vault, name).await?.document;
        (document.access_token.clone(), Some(document))
    } else {
        let token = pasted_input::read("Token: ", "token")?;
        if let Some(remark) = token.remark("token") {
            output::note(&remark);
        }
        (AccessToken::new(token.expose()), None)
    };
    let response = provider.profile(&token).await;
    let stored = match (stored, &response) {
        (None, Ok(profile)) => find_stored(&options.vault, context, &token, profile).await,
        (stored, _) => stored,
    };
    let policy = variables::policy(&context.variables)?;
    let report = Report::new(&token, stored.as_ref(), response, context.clock.now(), &policy, &context.vault_option);
    if context.is_json() {
        output::json(&report)?;
    } else {
        report.lines().iter().try_for_each(|line| output::data(line))?;
    }
    Ok(match (report.valid, &report.problem) {
        (Some(true), _) => ExitStatus::Ok,
        (_, Some(Problem { kind: ErrorCategory::Transient | ErrorCategory::Throttled, .. })) => ExitStatus::Failed,
        _ => ExitStatus::Unhealthy,
    })
}

/// The document of the account that holds a pasted token, if a vault was selected. It contains the token's dates.
async fn find_stored(
    location: &VaultLocation,
    context: &Context,
    token: &AccessToken,
    profile: &Profile,
) -> Option<Document> {
    if location.local.is_none() && context.variables.get("EVERTOKEN_VAULT_PREFIX").is_none() {
        return None;
    }
    // An unreadable vault says nothing about the token.
    let vault = location.open(context).await.ok()?;
    let found = vault.find(&profile.account_id).await.ok()?;
    found.accounts.into_iter().map(|account| account.document).find(|document| document.access_token == *token)
}

impl Report {
    fn new(
        token: &AccessToken,
        known: Option<&Document>,
        response: Result<Profile, ProviderError>,
        now: OffsetDateTime,
        policy: &Policy,
        vault: &VaultOption,
    ) -> Self {
        let token_kind = TokenKind::of(token);
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
        let expires_at = known.and_then(|document| document.expires_at);
        Self {
            valid,
            token_kind,
            username: either(|profile| profile.username.clone(), |document| document.username.clone()),
            account_id: either(|profile| profile.account_id.to_string(), |document| document.account_id.to_string()),
            app_scoped_id: either(
                |profile| profile.app_scoped_id.to_string(),
                |document| document.app_scoped_id.to_string(),
            ),
            account_type: either(|profile| profile.account_type.clone(), |document| document.account_type.clone()),
            scopes: known.map(|document| document.scopes.iter().map(str::to_owned).collect()),
            issued_at: known.map(|document| document.issued_at),
            expires_at,
            days_left: expires_at.map(|at| (at - now).whole_days()),
            stored_as: known.map(|document| document.name.clone()),
            health: known.map(|document| document.health.state),
            problem: response.err().map(|error| Problem {
                kind: error.category(),
                code: error.code,
                subcode: error.subcode,
                cause: error.kind.cause(),
                remedy: error.kind.remedy(),
                trace_id: error.trace_id,
            }),
            next,
        }
    }

    fn lines(&self) -> Vec<String> {
        let valid = match self.valid {
            Some(true) => "yes",
            Some(false) => "no",
            None => "unknown",
        };
        let unknown = || "unknown".to_owned();
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
            ("Account", owner),
            ("Account ID", self.account_id.clone().unwrap_or_else(unknown)),
            ("App-scoped ID", self.app_scoped_id.clone().unwrap_or_else(unknown)),
            ("Token kind", self.token_kind.name().to_owned()),
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
        lines.into_iter().map(|(title, text)| format!("{title:<14} {text}")).collect()
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
