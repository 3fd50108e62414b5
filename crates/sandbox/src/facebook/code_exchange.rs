//! The exchange of an authorization code for a user token, or for a system-user token.

use serde_json::Value;
use time::OffsetDateTime;

use crate::facebook::authorization_code::{CODE_LIFETIME, CodeGrant};
use crate::facebook::rejection::FacebookRejection;
use crate::facebook::shapes::CodeToken;
use crate::facebook::state::after;
use crate::facebook::token::{FacebookToken, TokenOwner};
use crate::facebook::token_endpoint::{body, check_client};
use crate::params::Params;
use crate::state::SandboxState;

/// A failed exchange uses the code up, as operators report.
pub(crate) fn exchange(
    state: &mut SandboxState,
    params: &Params,
    now: OffsetDateTime,
) -> Result<Value, FacebookRejection> {
    let code = params.get("code").and_then(|code| state.facebook.codes.get_mut(code));
    let was_used = code.is_some_and(|code| std::mem::replace(&mut code.used, true));
    check_client(state, params)?;
    let redirect_uri = params.get("redirect_uri").ok_or(FacebookRejection::MissingRedirectUri)?;
    let code = params.get("code").ok_or(FacebookRejection::MissingCode)?;
    let code = state.facebook.codes.get(code).ok_or(FacebookRejection::UnknownCode)?;
    if was_used {
        return Err(FacebookRejection::UsedCode);
    }
    if now >= code.issued_at.saturating_add(CODE_LIFETIME) {
        return Err(FacebookRejection::ExpiredCode);
    }
    if code.redirect_uri != redirect_uri {
        return Err(FacebookRejection::RedirectUriMismatch);
    }
    let (person, grant) = (code.person, code.grant.clone());
    let facebook = &mut state.facebook;
    let token = match grant {
        CodeGrant::User => facebook.user_token(person, facebook.shapes.code_token == CodeToken::Short, now),
        CodeGrant::SystemUser { is_dated, scopes, pages } => FacebookToken {
            owner: TokenOwner::SystemUser,
            scopes,
            is_system_users: true,
            pages: Some(pages),
            expires_at: is_dated.then(|| after(now, facebook.shapes.long_lived_seconds)),
            ..facebook.user_token(person, false, now)
        },
    };
    let token = facebook.issue_token(token);
    Ok(body(facebook, token, now))
}
