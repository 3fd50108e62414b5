//! The control API's tokens of any age.

use axum::body::Bytes;
use axum::extract::State as Shared;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::Sandbox;
use crate::control_reply::{Reply, Wrong, read, show};
use crate::grants::{Fate, Kind, Token};
use crate::settings::BASE_SCOPE;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// User name or either id.
    account: String,
    #[serde(default = "long")]
    kind: Kind,
    /// This, or `issued_at`; neither is now.
    age_seconds: Option<i64>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    issued_at: Option<OffsetDateTime>,
    #[serde(default = "base_scope")]
    scopes: Vec<String>,
    /// The token's text, for a test that looks for it everywhere afterwards.
    access_token: Option<String>,
}

#[derive(Serialize)]
struct Minted {
    access_token: String,
    kind: Kind,
    scopes: Vec<String>,
    #[serde(with = "time::serde::rfc3339")]
    issued_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

/// Mints a token as it would be had it been issued then. An account that is revoked or has changed its password gets
/// one that is refused for that.
pub(crate) async fn mint(Shared(sandbox): Shared<Sandbox>, body: Bytes) -> Reply {
    let wanted: Wanted = read(&body)?;
    let mut state = sandbox.state();
    let now = state.clock.now();
    let issued_at = match (wanted.age_seconds, wanted.issued_at) {
        (None, None) => now,
        (Some(age), None) => now.saturating_sub(Duration::seconds(age)),
        (None, Some(time)) => time,
        (Some(_), Some(_)) => return Err(Wrong::request("give either \"age_seconds\" or \"issued_at\"")),
    };
    let account = state.find_account(&wanted.account).ok_or_else(|| Wrong::no_account(&wanted.account))?;
    let fate = match (account.revoked, account.password_changed) {
        (true, _) => Some(Fate::Revoked),
        (_, true) => Some(Fate::PasswordChanged),
        _ => None,
    };
    let token = Token {
        account: account.app_scoped_id,
        kind: wanted.kind,
        scopes: wanted.scopes,
        issued_at,
        expires_at: issued_at.saturating_add(state.life(wanted.kind)),
        fate,
    };
    let minted = Minted {
        access_token: wanted.access_token.unwrap_or_else(|| state.new_token_text()),
        kind: token.kind,
        scopes: token.scopes.clone(),
        issued_at,
        expires_at: token.expires_at,
    };
    state.tokens.insert(minted.access_token.clone(), token);
    show(&minted)
}

fn long() -> Kind {
    Kind::Long
}

fn base_scope() -> Vec<String> {
    vec![BASE_SCOPE.to_owned()]
}
