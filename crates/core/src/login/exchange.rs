//! From authorization code to long-lived token.

use super::error::{LoginError, Step};
use super::request::Login;
use crate::app::App;
use crate::provider::{Profile, Provider};
use crate::provider_error::{ProviderError, ProviderErrorKind};
use crate::scopes::Scopes;
use crate::secrets::AccessToken;
use crate::token::{LongLivedToken, ShortLivedToken};

/// The result of both exchanges.
pub(super) struct Granted {
    pub(super) scopes: Scopes,
    pub(super) token: LongLivedToken,
    pub(super) profile: Profile,
}

/// Exchanges the code for a long-lived token, and verifies that it works, belongs to a professional account and has all
/// scopes.
pub(super) async fn exchange_code<P: Provider>(provider: &P, login: &Login<'_>) -> Result<Granted, LoginError> {
    let at = |step| move |failure| LoginError::Provider { step, failure };
    let deadlines = login.deadlines;
    let (app, short_lived) = deadlines.call(exchange(provider, login)).await.map_err(at(Step::Exchange))?;
    // If Instagram does not report the granted scopes, assume that all were granted.
    let scopes = short_lived.granted.unwrap_or_else(|| login.scopes.clone());
    let missing = login.scopes.missing_from(&scopes);
    if !missing.is_empty() {
        return Err(LoginError::ScopesMissing(missing));
    }
    let token = deadlines.call(extend(provider, app, &short_lived.token, login)).await.map_err(at(Step::Extend))?;
    let profile = deadlines.call(provider.profile(&token.token)).await.map_err(at(Step::Profile))?;
    if profile.account_type == "PERSONAL" {
        return Err(LoginError::PersonalAccount { username: profile.username });
    }
    Ok(Granted { scopes, token, profile })
}

/// Exchanges the code. If Instagram rejects the app secret, the earlier secrets are tried: during a rotation, Meta's
/// dashboard and our secret change at different times. A rejected app secret does not use up the code.
async fn exchange<P: Provider>(provider: &P, login: &Login<'_>) -> Result<(App, ShortLivedToken), ProviderError> {
    let mut refusal = ProviderError::new(ProviderErrorKind::WrongAppCredentials);
    for app in login.app.with_each_secret(login.now) {
        match provider.exchange_code(&app, login.code, login.redirect_uri).await {
            Ok(short_lived) => {
                if app.secret != login.app.secret {
                    tracing::warn!("Instagram rejected the current app secret and accepted a previous one");
                }
                return Ok((app, short_lived));
            }
            Err(failure) if failure.kind == ProviderErrorKind::WrongAppCredentials => refusal = failure,
            Err(failure) => return Err(failure),
        }
    }
    Err(refusal)
}

/// Exchanges the token for a long-lived one, first with the app secret that the code exchange used.
async fn extend<P: Provider>(
    provider: &P,
    app: App,
    token: &AccessToken,
    login: &Login<'_>,
) -> Result<LongLivedToken, ProviderError> {
    let mut refusal = ProviderError::new(ProviderErrorKind::WrongAppCredentials);
    for app in app.with_each_secret(login.now) {
        match provider.extend(&app, token).await {
            Err(failure) if failure.kind == ProviderErrorKind::WrongAppCredentials => refusal = failure,
            answer => return answer,
        }
    }
    Err(refusal)
}
