//! From authorization code to long-lived token.

use super::error::{LoginError, Step};
use super::request::Login;
use crate::app::App;
use crate::provider::{Profile, Provider};
use crate::provider_error::{ProviderError, ProviderErrorKind};
use crate::scopes::Scopes;
use crate::secrets::AccessToken;
use crate::token::{LongLivedToken, ShortLivedToken};

/// What Instagram gives for a code.
pub(super) struct Granted {
    pub(super) scopes: Scopes,
    pub(super) token: LongLivedToken,
    pub(super) profile: Profile,
}

/// Both exchanges and the profile: a long-lived token that works, of a professional account, with all that was asked for.
pub(super) async fn exchange_code<P: Provider>(provider: &P, login: &Login<'_>) -> Result<Granted, LoginError> {
    let at = |step| move |failure| LoginError::Provider { step, failure };
    let (app, short_lived) = exchange(provider, login).await.map_err(at(Step::Exchange))?;
    // Instagram may not say what was granted; then asking is all that can be done.
    let scopes = short_lived.granted.unwrap_or_else(|| login.scopes.clone());
    let missing = login.scopes.missing_from(&scopes);
    if !missing.is_empty() {
        return Err(LoginError::ScopesMissing(missing));
    }
    let token = extend(provider, app, &short_lived.token).await.map_err(at(Step::Extend))?;
    let profile = provider.profile(&token.token).await.map_err(at(Step::Profile))?;
    if profile.account_type == "PERSONAL" {
        return Err(LoginError::PersonalAccount { username: profile.username });
    }
    Ok(Granted { scopes, token, profile })
}

/// Exchanges the code. Where Instagram does not accept the app's secret, an earlier one is tried: while a secret is being
/// replaced, Meta's dashboard and ours change at different moments. A refusal of the app leaves the code as it was.
async fn exchange<P: Provider>(provider: &P, login: &Login<'_>) -> Result<(App, ShortLivedToken), ProviderError> {
    let mut refusal = ProviderError::new(ProviderErrorKind::WrongAppCredentials);
    for app in login.app.with_each_secret() {
        match provider.exchange_code(&app, login.code, login.redirect_uri).await {
            Ok(short_lived) => {
                if app.secret != login.app.secret {
                    tracing::warn!("Instagram refused the app secret in force and accepted a previous one");
                }
                return Ok((app, short_lived));
            }
            Err(failure) if failure.kind == ProviderErrorKind::WrongAppCredentials => refusal = failure,
            Err(failure) => return Err(failure),
        }
    }
    Err(refusal)
}

/// Makes the token long-lived, with the secret that the exchange was made with, then with the others.
async fn extend<P: Provider>(provider: &P, app: App, token: &AccessToken) -> Result<LongLivedToken, ProviderError> {
    let mut refusal = ProviderError::new(ProviderErrorKind::WrongAppCredentials);
    for app in app.with_each_secret() {
        match provider.extend(&app, token).await {
            Err(failure) if failure.kind == ProviderErrorKind::WrongAppCredentials => refusal = failure,
            answer => return answer,
        }
    }
    Err(refusal)
}
