//! From authorization code to long-lived token.

use super::error::{LoginError, Step};
use super::request::{CodeGrant, Login};
use crate::app::App;
use crate::provider::{GrantedAccount, GrantedAccounts, Provider};
use crate::provider_error::{ProviderError, ProviderErrorKind};
use crate::scopes::Scopes;
use crate::secrets::AccessToken;
use crate::token::{LongLivedToken, ShortLivedToken};

/// The result of both exchanges.
pub(super) struct Granted {
    /// The app, with the secret that was accepted.
    pub(super) app: App,
    pub(super) token: LongLivedToken,
    pub(super) scopes: Scopes,
    pub(super) accounts: Vec<GrantedAccount>,
}

/// Exchanges the code for a long-lived token, and verifies that it gives access to professional accounts and has all scopes.
pub(super) async fn exchange_code<P: Provider>(
    provider: &P,
    login: &Login<'_>,
    grant: &CodeGrant<'_>,
) -> Result<Granted, LoginError> {
    let deadlines = login.deadlines;
    let (app, short_lived) = deadlines.call(exchange(provider, login, grant)).await.map_err(at(Step::Exchange))?;
    if let Some(granted) = &short_lived.granted {
        check_scopes(login, granted)?;
    }
    let extending = extend(provider, app, &short_lived.token, login);
    let (app, token) = deadlines.call(extending).await.map_err(at(Step::Extend))?;
    let granted = list_accounts(provider, &app, &token, login).await?;
    // If Instagram does not report the granted scopes, assume that all were granted.
    let scopes = granted.scopes.or(short_lived.granted).unwrap_or_else(|| login.scopes.clone());
    Ok(Granted { app, token, scopes, accounts: granted.accounts })
}

/// The professional accounts that a login's token gives access to.
pub(super) async fn list_accounts<P: Provider>(
    provider: &P,
    app: &App,
    token: &LongLivedToken,
    login: &Login<'_>,
) -> Result<GrantedAccounts, LoginError> {
    let granted = login.deadlines.call(provider.accounts(app, token)).await.map_err(at(Step::Profile))?;
    if let Some(scopes) = &granted.scopes {
        check_scopes(login, scopes)?;
    }
    if granted.accounts.is_empty() {
        return Err(at(Step::Profile)(ProviderError::new(ProviderErrorKind::PermissionMissing)));
    }
    match granted.accounts.iter().find(|account| account.profile.account_type == "PERSONAL") {
        Some(personal) => Err(LoginError::PersonalAccount { username: personal.profile.username.clone() }),
        None => Ok(granted),
    }
}

/// Proves the token of the account that is about to be stored.
pub(super) async fn prove<P: Provider>(
    provider: &P,
    app: &App,
    account: GrantedAccount,
    login: &Login<'_>,
) -> Result<GrantedAccount, LoginError> {
    login.deadlines.call(provider.prove(app, account)).await.map_err(at(Step::Profile))
}

fn at(step: Step) -> impl Fn(ProviderError) -> LoginError {
    move |failure| LoginError::Provider { step, failure }
}

fn check_scopes(login: &Login<'_>, granted: &Scopes) -> Result<(), LoginError> {
    let missing = login.scopes.missing_from(granted);
    if missing.is_empty() { Ok(()) } else { Err(LoginError::ScopesMissing(missing)) }
}

/// Exchanges the code. If Instagram rejects the app secret, the earlier secrets are tried: during a rotation, Meta's
/// dashboard and our secret change at different times. A rejected app secret does not use up the code.
async fn exchange<P: Provider>(
    provider: &P,
    login: &Login<'_>,
    grant: &CodeGrant<'_>,
) -> Result<(App, ShortLivedToken), ProviderError> {
    let mut refusal = None;
    for app in login.app.with_each_secret(login.now) {
        match provider.exchange_code(&app, grant.code, grant.redirect_uri).await {
            Ok(short_lived) => {
                if app.secret != login.app.secret {
                    tracing::warn!("Instagram rejected the current app secret and accepted a previous one");
                }
                return Ok((app, short_lived));
            }
            Err(failure) if failure.kind == ProviderErrorKind::WrongAppCredentials => refusal = Some(failure),
            // Facebook uses up a code with every attempt. Then the first refusal is the reason.
            Err(failure) if failure.kind == ProviderErrorKind::CodeUsed => return Err(refusal.unwrap_or(failure)),
            Err(failure) => return Err(failure),
        }
    }
    Err(refusal.unwrap_or(ProviderError::new(ProviderErrorKind::WrongAppCredentials)))
}

/// Exchanges the token for a long-lived one, first with the app secret that the code exchange used.
async fn extend<P: Provider>(
    provider: &P,
    app: App,
    token: &AccessToken,
    login: &Login<'_>,
) -> Result<(App, LongLivedToken), ProviderError> {
    let mut refusal = ProviderError::new(ProviderErrorKind::WrongAppCredentials);
    for app in app.with_each_secret(login.now) {
        match provider.extend(&app, token).await {
            Ok(token) => return Ok((app, token)),
            Err(failure) if failure.kind == ProviderErrorKind::WrongAppCredentials => refusal = failure,
            Err(failure) => return Err(failure),
        }
    }
    Err(refusal)
}
