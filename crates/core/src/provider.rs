//! The ports to the service that issues access tokens: one for logins, one for stored tokens.

use std::future::Future;

use time::OffsetDateTime;
use url::Url;

use crate::account::AccountId;
use crate::app::App;
use crate::document::{Document, ProviderName, TokenKind};
use crate::media::{MediaList, MediaSource};
use crate::provider_error::{ProviderError, ProviderErrorKind};
use crate::scopes::Scopes;
use crate::secrets::{AccessToken, AuthorizationCode};
use crate::token::{LongLivedToken, ShortLivedToken};

/// Issues access tokens to people who log in.
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

    /// The accounts that the person who logged in gave access to, at least one. `token` is the long-lived token of the login.
    fn accounts(
        &self,
        app: &App,
        token: &LongLivedToken,
    ) -> impl Future<Output = Result<GrantedAccounts, ProviderError>> + Send;

    /// Proves that an account's token works and lasts, before it is stored.
    fn prove(
        &self,
        app: &App,
        account: GrantedAccount,
    ) -> impl Future<Output = Result<GrantedAccount, ProviderError>> + Send;
}

/// Renews and checks the tokens of stored accounts.
pub trait TokenApi: Send + Sync + 'static {
    /// Renews the token of a document. Instagram renews a token that is at least 24 hours old.
    fn refresh(&self, document: &Document) -> impl Future<Output = Result<LongLivedToken, ProviderError>> + Send;

    /// Checks that the token of a document works, and returns what is known about it. The account may be another one.
    fn check(&self, document: &Document) -> impl Future<Output = Result<CheckedToken, ProviderError>> + Send;
}

/// The logins of an installation. A document's `provider` decides which of them keeps its token.
#[derive(Clone, Debug)]
pub struct Logins<P>(Vec<P>);

impl<P> Logins<P> {
    /// Several logins, of which the first is the default.
    pub fn new(logins: Vec<P>) -> Self {
        Self(logins)
    }

    /// One login.
    pub fn one(login: P) -> Self {
        Self(vec![login])
    }
}

impl<P: Provider> Logins<P> {
    /// The login with this name; `None` if it is not offered.
    pub fn of(&self, name: ProviderName) -> Option<&P> {
        self.0.iter().find(|login| login.name() == name)
    }

    /// The names of the logins that are offered.
    pub fn names(&self) -> impl Iterator<Item = ProviderName> {
        self.0.iter().map(Provider::name)
    }

    fn keeping(&self, document: &Document) -> Result<&P, ProviderError> {
        self.of(document.provider).ok_or(ProviderError::new(ProviderErrorKind::NotConfigured))
    }
}

impl<P: Provider + TokenApi> TokenApi for Logins<P> {
    async fn refresh(&self, document: &Document) -> Result<LongLivedToken, ProviderError> {
        self.keeping(document)?.refresh(document).await
    }

    async fn check(&self, document: &Document) -> Result<CheckedToken, ProviderError> {
        self.keeping(document)?.check(document).await
    }
}

impl<P: Provider + MediaSource> MediaSource for Logins<P> {
    async fn media(&self, account: &Document, limit: usize) -> Result<MediaList, ProviderError> {
        self.keeping(account)?.media(account, limit).await
    }
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
    /// The professional account's id: `user_id` of Instagram Login, `id` of Facebook Login.
    pub account_id: AccountId,
    /// The id that is scoped to the app: `id` of Instagram Login. With Facebook Login, the id of the person who logged in.
    pub app_scoped_id: AccountId,
    /// The Instagram username.
    pub username: String,
    /// The account type in upper case, such as `BUSINESS`. Empty with Facebook Login, which does not tell it.
    pub account_type: String,
}

/// What a login gives access to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantedAccounts {
    /// The scopes that were granted; `None` if they are known from the code exchange.
    pub scopes: Option<Scopes>,
    /// The accounts.
    pub accounts: Vec<GrantedAccount>,
}

/// An account that a login gives access to, with the token to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantedAccount {
    /// The account.
    pub profile: Profile,
    /// The account's token.
    pub token: LongLivedToken,
    /// What only Facebook Login knows.
    pub facebook: Option<FacebookAccess>,
}

/// How a person reaches an Instagram account through Facebook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacebookAccess {
    /// Whose token it is.
    pub token_kind: TokenKind,
    /// The id of the Facebook Page; `None` for a system user's token.
    pub page_id: Option<AccountId>,
    /// The page's name.
    pub page_name: Option<String>,
    /// The name of the Instagram account.
    pub account_name: Option<String>,
    /// The Instagram account's picture.
    pub picture_url: Option<Url>,
    /// When access to data ends; `None` if it does not, or if that is not known yet.
    pub data_access_expires_at: Option<OffsetDateTime>,
}

/// What a check of a stored token found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedToken {
    /// The professional account's id.
    pub account_id: AccountId,
    /// The Instagram username.
    pub username: String,
    /// When access to data ends, with Facebook Login; `None` if it does not, or if Instagram Login issued the token.
    pub data_access_expires_at: Option<OffsetDateTime>,
}

impl From<Profile> for CheckedToken {
    fn from(profile: Profile) -> Self {
        Self { account_id: profile.account_id, username: profile.username, data_access_expires_at: None }
    }
}
