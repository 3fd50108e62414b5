//! The control API of the tokens.

use axum::body::Bytes;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::account::InstagramId;
use crate::control_error::ControlError;
use crate::control_json::{ControlResponse, parse, respond};
use crate::sandbox::Sandbox;
use crate::settings::BASE_SCOPE;
use crate::token::{Invalidation, Token, TokenKind};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    /// Username or either id.
    account: String,
    #[serde(default = "long")]
    kind: TokenKind,
    /// Excludes `issued_at`. Without either, the token is issued now.
    age_seconds: Option<i64>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    issued_at: Option<OffsetDateTime>,
    #[serde(default = "base_scope")]
    scopes: Vec<String>,
    /// The token's text, for a test that searches for it.
    access_token: Option<String>,
}

#[derive(Serialize)]
struct CreatedToken {
    access_token: String,
    kind: TokenKind,
    scopes: Vec<String>,
    #[serde(with = "time::serde::rfc3339")]
    issued_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

/// Creates a token of any age. If the account is revoked or its password has changed, the token is invalid.
pub(crate) async fn create(State(sandbox): State<Sandbox>, body: Bytes) -> ControlResponse {
    let request: TokenRequest = parse(&body)?;
    let mut state = sandbox.state();
    let now = state.clock.now();
    let issued_at = match (request.age_seconds, request.issued_at) {
        (None, None) => now,
        (Some(age), None) => now.saturating_sub(Duration::seconds(age)),
        (None, Some(time)) => time,
        (Some(_), Some(_)) => {
            return Err(ControlError::InvalidRequest("use either \"age_seconds\" or \"issued_at\"".to_owned()));
        }
    };
    let account = state.accounts.find(&request.account)?;
    let invalidation = match (account.revoked, account.password_changed) {
        (true, _) => Some(Invalidation::Revoked),
        (_, true) => Some(Invalidation::PasswordChanged),
        _ => None,
    };
    let token = Token {
        account: account.app_scoped_id,
        kind: request.kind,
        scopes: request.scopes,
        issued_at,
        expires_at: issued_at.saturating_add(state.lifetime(request.kind)),
        invalidation,
    };
    let created = CreatedToken {
        access_token: request.access_token.unwrap_or_else(|| state.new_token_text()),
        kind: token.kind,
        scopes: token.scopes.clone(),
        issued_at,
        expires_at: token.expires_at,
    };
    state.tokens.insert(created.access_token.clone(), token);
    respond(&created)
}

impl Sandbox {
    /// Accepts a long-lived token that an earlier sandbox has issued to the account with this app-scoped id. Does nothing if
    /// there is no such account.
    pub fn restore_token(
        &self,
        app_scoped_id: InstagramId,
        token: &str,
        scopes: Vec<String>,
        issued_at: OffsetDateTime,
        expires_at: OffsetDateTime,
    ) {
        let mut state = self.state();
        if state.accounts.get(app_scoped_id).is_some() {
            let restored = Token {
                account: app_scoped_id,
                kind: TokenKind::Long,
                scopes,
                issued_at,
                expires_at,
                invalidation: None,
            };
            state.tokens.insert(token.to_owned(), restored);
        }
    }
}

fn long() -> TokenKind {
    TokenKind::Long
}

fn base_scope() -> Vec<String> {
    vec![BASE_SCOPE.to_owned()]
}
