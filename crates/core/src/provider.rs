//! The port to the service that issues access tokens.

use std::future::Future;

use url::Url;

use crate::account::AccountId;
use crate::app::App;
use crate::document::ProviderName;
use crate::provider_error::ProviderError;
use crate::scopes::Scopes;
use crate::secrets::{AccessToken, AuthorizationCode};
use crate::token::{LongLivedToken, ShortLivedToken};

/// Issues, renews and verifies access tokens.
///
/// Errors are [`ProviderError`] rather than the HTTP client's own: those contain URLs, and these URLs contain tokens.
pub trait Provider: Send + Sync + 'static {
    /// The login that the tokens come from, as stored in the account document.
    fn name(&self) -> ProviderName;

    /// The URL of the consent page.
    fn authorize_url(&self, request: AuthorizeRequest<'_>) -> Url;

    /// Exchanges an authorization code for a short-lived token. Implementations must not retry: a code works once.
    fn exchange_code(
        &self,
        app: &App,
        code: &AuthorizationCode,
        redirect_uri: &Url,
    ) -> impl Future<Output = Result<ShortLivedToken, ProviderError>> + Send;

    /// Exchanges a short-lived token for a long-lived one.
    fn extend(
        &self,
        app: &App,
        token: &AccessToken,
    ) -> impl Future<Output = Result<LongLivedToken, ProviderError>> + Send;

    /// Renews a long-lived token that is at least 24 hours old.
    fn refresh(&self, token: &AccessToken) -> impl Future<Output = Result<LongLivedToken, ProviderError>> + Send;

    /// Returns the account that a token belongs to, which also proves that the token works.
    fn profile(&self, token: &AccessToken) -> impl Future<Output = Result<Profile, ProviderError>> + Send;
}

/// The parameters of the consent page's URL.
#[derive(Clone, Copy, Debug)]
pub struct AuthorizeRequest<'a> {
    /// The app's id.
    pub app_id: &'a str,
    /// The URI that Instagram redirects to after the consent page.
    pub redirect_uri: &'a Url,
    /// The scopes to ask for.
    pub scopes: &'a Scopes,
    /// OAuth's `state`, which Instagram returns unchanged.
    pub state: &'a str,
}

/// The account that a token belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The professional account's id, `user_id`.
    pub account_id: AccountId,
    /// The id that is scoped to the app, `id`.
    pub app_scoped_id: AccountId,
    /// The Instagram username.
    pub username: String,
    /// The account type in upper case, such as `BUSINESS`.
    pub account_type: String,
}
