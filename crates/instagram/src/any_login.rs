//! The logins that an installation offers, behind one type.

use std::sync::Arc;

use evertoken_core::app::App;
use evertoken_core::clock::Clock;
use evertoken_core::credentials::AppCredentials;
use evertoken_core::document::{Document, ProviderName};
use evertoken_core::media::{MediaList, MediaSource};
use evertoken_core::provider::{
    AuthorizeRequest, CheckedToken, GrantedAccount, GrantedAccounts, Logins, Provider, TokenApi,
};
use evertoken_core::provider_error::ProviderError;
use evertoken_core::secrets::{AccessToken, AuthorizationCode};
use evertoken_core::token::{LongLivedToken, ShortLivedToken};
use evertoken_core::variables::{VariableError, Variables};
use evertoken_https::{Tls, TlsError};
use reqwest::Client;
use url::Url;

use crate::endpoints::Endpoints;
use crate::facebook::{FacebookEndpoints, FacebookLogin};
use crate::instagram_login::InstagramLogin;
use crate::transport::Transport;

/// The settings of the logins that an installation offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginSettings {
    /// Whether people can log in with Instagram: `EVERTOKEN_PROVIDER` is `instagram`, the default, or `both`.
    pub offers_instagram: bool,
    /// Whether people can log in through Facebook: `EVERTOKEN_PROVIDER` is `facebook` or `both`.
    pub offers_facebook: bool,
    /// Instagram's addresses. They are always needed: an installation keeps the accounts that were connected earlier.
    pub instagram: Endpoints,
    /// Facebook's addresses, if its login is offered or accounts that were connected with it are kept.
    pub facebook: Option<FacebookEndpoints>,
}

impl LoginSettings {
    /// Reads and validates the environment variables. Facebook's are read only if its login is offered.
    pub fn read(variables: &Variables) -> Result<Self, VariableError> {
        let offered = variables.parse("EVERTOKEN_PROVIDER", "instagram, facebook or both", |value| match value {
            "instagram" => Some((true, false)),
            "facebook" => Some((false, true)),
            "both" => Some((true, true)),
            _ => None,
        })?;
        let (offers_instagram, offers_facebook) = offered.unwrap_or((true, false));
        Ok(Self {
            offers_instagram,
            offers_facebook,
            instagram: Endpoints::read(variables)?,
            facebook: offers_facebook.then(|| FacebookEndpoints::read(variables)).transpose()?,
        })
    }

    /// The same logins at one address, as the sandbox has them. Facebook's address is always replaced, so that no token of the
    /// sandbox is sent to Facebook.
    #[must_use]
    pub fn on_one_origin(self, origin: &Url) -> Self {
        let config_id = self.facebook.and_then(|facebook| facebook.config_id);
        let facebook = FacebookEndpoints { config_id, ..FacebookEndpoints::on_one_origin(origin) };
        Self { instagram: Endpoints::on_one_origin(origin), facebook: Some(facebook), ..self }
    }

    /// The same logins, with Facebook's addresses for accounts that were connected with it while it was offered.
    pub fn keeping_facebook(self, variables: &Variables) -> Result<Self, VariableError> {
        let facebook = match self.facebook {
            Some(facebook) => facebook,
            None => FacebookEndpoints::read(variables)?,
        };
        Ok(Self { facebook: Some(facebook), ..self })
    }

    /// The logins to offer to people. Instagram Login is the default.
    pub fn offered<A>(self, tls: &Tls, app: A, clock: Arc<dyn Clock>) -> Result<Logins<AnyLogin<A>>, TlsError> {
        let (instagram, facebook) = (self.offers_instagram, self.offers_facebook);
        let mut logins = self.connect(tls, Some(app), clock)?;
        logins.retain(|login| match login {
            AnyLogin::Instagram(_) => instagram,
            AnyLogin::Facebook(_) => facebook,
        });
        Ok(Logins::new(logins))
    }

    /// The logins that keep stored tokens. `app` is needed for Facebook Login only.
    pub fn keeping<A>(self, tls: &Tls, app: Option<A>, clock: Arc<dyn Clock>) -> Result<Logins<AnyLogin<A>>, TlsError> {
        Ok(Logins::new(self.connect(tls, app, clock)?))
    }

    fn connect<A>(self, tls: &Tls, app: Option<A>, clock: Arc<dyn Clock>) -> Result<Vec<AnyLogin<A>>, TlsError> {
        let mut logins = vec![AnyLogin::Instagram(InstagramLogin::with_tls(tls, self.instagram)?)];
        if let (Some(endpoints), Some(app)) = (self.facebook, app) {
            logins.push(AnyLogin::Facebook(FacebookLogin::with_tls(tls, endpoints, app, clock)?));
        }
        Ok(logins)
    }
}

/// A login of either kind.
#[derive(Clone, Debug)]
pub enum AnyLogin<A, T = Client> {
    /// Instagram Login.
    Instagram(InstagramLogin<T>),
    /// Facebook Login.
    Facebook(FacebookLogin<A, T>),
}

impl<A: AppCredentials, T: Transport> Provider for AnyLogin<A, T> {
    fn name(&self) -> ProviderName {
        match self {
            Self::Instagram(login) => login.name(),
            Self::Facebook(login) => login.name(),
        }
    }

    fn authorize_url(&self, request: AuthorizeRequest<'_>) -> Url {
        match self {
            Self::Instagram(login) => login.authorize_url(request),
            Self::Facebook(login) => login.authorize_url(request),
        }
    }

    async fn exchange_code(
        &self,
        app: &App,
        code: &AuthorizationCode,
        redirect_uri: &Url,
    ) -> Result<ShortLivedToken, ProviderError> {
        match self {
            Self::Instagram(login) => login.exchange_code(app, code, redirect_uri).await,
            Self::Facebook(login) => login.exchange_code(app, code, redirect_uri).await,
        }
    }

    async fn extend(&self, app: &App, token: &AccessToken) -> Result<LongLivedToken, ProviderError> {
        match self {
            Self::Instagram(login) => login.extend(app, token).await,
            Self::Facebook(login) => login.extend(app, token).await,
        }
    }

    async fn accounts(&self, app: &App, token: &LongLivedToken) -> Result<GrantedAccounts, ProviderError> {
        match self {
            Self::Instagram(login) => login.accounts(app, token).await,
            Self::Facebook(login) => login.accounts(app, token).await,
        }
    }

    async fn prove(&self, app: &App, account: GrantedAccount) -> Result<GrantedAccount, ProviderError> {
        match self {
            Self::Instagram(login) => login.prove(app, account).await,
            Self::Facebook(login) => login.prove(app, account).await,
        }
    }
}

impl<A: AppCredentials, T: Transport> TokenApi for AnyLogin<A, T> {
    async fn refresh(&self, document: &Document) -> Result<LongLivedToken, ProviderError> {
        match self {
            Self::Instagram(login) => login.refresh(document).await,
            Self::Facebook(login) => login.refresh(document).await,
        }
    }

    async fn check(&self, document: &Document) -> Result<CheckedToken, ProviderError> {
        match self {
            Self::Instagram(login) => login.check(document).await,
            Self::Facebook(login) => login.check(document).await,
        }
    }
}

impl<A: AppCredentials, T: Transport> MediaSource for AnyLogin<A, T> {
    async fn media(&self, account: &Document, limit: usize) -> Result<MediaList, ProviderError> {
        match self {
            Self::Instagram(login) => login.media(account, limit).await,
            Self::Facebook(login) => login.media(account, limit).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Result<LoginSettings, VariableError> {
        LoginSettings::read(&[("EVERTOKEN_PROVIDER".to_owned(), value.to_owned())].into_iter().collect())
    }

    #[test]
    fn instagram_login_is_offered_by_default() {
        let offered = LoginSettings::read(&Variables::default()).unwrap();
        assert!(offered.offers_instagram && !offered.offers_facebook && offered.facebook.is_none());
        assert_eq!(read("instagram"), Ok(offered));
        assert!(!read("facebook").unwrap().offers_instagram && read("facebook").unwrap().facebook.is_some());
        assert!(read("both").unwrap().offers_instagram && read("both").unwrap().facebook.is_some());
        let error = read("google").unwrap_err().to_string();
        assert!(error.starts_with("EVERTOKEN_PROVIDER is \"google\""), "{error}");
    }

    #[test]
    fn the_sandbox_stands_in_for_facebook_even_if_its_login_is_not_offered() {
        let origin: Url = "http://127.0.0.1:4000".parse().unwrap();
        let settings = LoginSettings::read(&Variables::default()).unwrap().on_one_origin(&origin);
        let facebook = settings.keeping_facebook(&Variables::default()).unwrap().facebook.unwrap();
        assert_eq!((&facebook.graph, &facebook.dialog), (&origin, &origin));
    }

    #[test]
    fn both_logins_of_the_sandbox_are_at_its_address_and_keep_the_configuration() {
        let origin: Url = "http://127.0.0.1:4000".parse().unwrap();
        let variables = [("EVERTOKEN_PROVIDER", "both"), ("EVERTOKEN_FACEBOOK_CONFIG_ID", "777")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
        let settings = LoginSettings::read(&variables).unwrap().on_one_origin(&origin);
        assert_eq!(settings.instagram, Endpoints::on_one_origin(&origin));
        assert_eq!(settings.facebook.unwrap().config_id.as_deref(), Some("777"));
    }
}
