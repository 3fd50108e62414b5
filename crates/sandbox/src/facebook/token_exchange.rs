//! `grant_type=fb_exchange_token`: a long-lived user token, or a new one for a dated system-user token (Meta, "Get
//! long-lived tokens" and "Install apps, generate, refresh, and revoke tokens").

use serde_json::Value;
use time::OffsetDateTime;

use crate::facebook::rejection::FacebookRejection;
use crate::facebook::state::after;
use crate::facebook::token::{FacebookToken, TokenOwner};
use crate::facebook::token_endpoint::{body, check_client};
use crate::facebook::token_rejection::FacebookTokenRejection;
use crate::params::Params;
use crate::state::SandboxState;

pub(crate) fn exchange(
    state: &mut SandboxState,
    params: &Params,
    now: OffsetDateTime,
) -> Result<Value, FacebookRejection> {
    check_client(state, params)?;
    let sent = params.get("fb_exchange_token").ok_or(FacebookRejection::MissingParameter("fb_exchange_token"))?;
    let wants_date = match params.get("set_token_expires_in_60_days") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(FacebookRejection::InvalidParameter("set_token_expires_in_60_days")),
    };
    let facebook = &mut state.facebook;
    let (token, _) = facebook.check_token(Some(sent), now)?;
    if token.app_id != facebook.app.id {
        return Err(FacebookTokenRejection::Unknown.into());
    }
    let (owner, token) = (token.owner, token.clone());
    let exchanged = match owner {
        TokenOwner::User => FacebookToken { scopes: token.scopes, ..facebook.user_token(token.person, false, now) },
        TokenOwner::SystemUser if wants_date => {
            let expires_at = Some(after(now, facebook.shapes.long_lived_seconds));
            FacebookToken { issued_at: now, expires_at, ..token }
        }
        // As operators report for page tokens. Assumed for system-user tokens without the parameter.
        TokenOwner::Page(_) | TokenOwner::SystemUser => return Ok(body(facebook, sent.to_owned(), now)),
    };
    let exchanged = facebook.issue_token(exchanged);
    Ok(body(facebook, exchanged, now))
}
