//! The provider: the authorize URL and the four calls.

use evertoken_core::app::App;
use evertoken_core::document::ProviderName;
use evertoken_core::provider::{AuthorizeRequest, Profile, Provider};
use evertoken_core::provider_error::ProviderError;
use evertoken_core::secrets::{AccessToken, AuthorizationCode};
use evertoken_core::token::{LongLivedToken, ShortLivedToken};
use evertoken_https::{Tls, TlsError};
use reqwest::{Client, RequestBuilder};
use url::Url;

use crate::endpoints::Endpoints;
use crate::http::{Answer, Transport};
use crate::{answers, http};

/// Instagram API with Instagram Login (Meta, "Business Login for Instagram").
#[derive(Clone, Debug)]
pub struct InstagramLogin<T = Client> {
    /// Builds requests.
    client: Client,
    /// Sends them.
    transport: T,
    endpoints: Endpoints,
}

impl InstagramLogin {
    /// A provider that keeps its connections, and trusts what the machine does.
    pub fn new(endpoints: Endpoints) -> Result<Self, TlsError> {
        Self::trusting(&Tls::with_system_roots(), endpoints)
    }

    /// The same with a trust that is set up already.
    pub fn trusting(tls: &Tls, endpoints: Endpoints) -> Result<Self, TlsError> {
        let client = http::client(tls)?;
        Ok(Self { transport: client.clone(), client, endpoints })
    }
}

impl<T: Transport> InstagramLogin<T> {
    /// A provider whose requests go another way than over the network.
    pub fn through(transport: T, endpoints: Endpoints) -> Result<Self, TlsError> {
        Ok(Self { client: http::client(&Tls::with_system_roots())?, transport, endpoints })
    }

    async fn send(&self, request: RequestBuilder) -> Result<Answer, ProviderError> {
        http::send(&self.transport, request).await
    }
}

fn at(origin: &Url, path: &str) -> Url {
    let mut url = origin.clone();
    url.set_path(path);
    url
}

impl<T: Transport> Provider for InstagramLogin<T> {
    fn name(&self) -> ProviderName {
        ProviderName::Instagram
    }

    fn authorize_url(&self, request: AuthorizeRequest<'_>) -> Url {
        let mut url = at(&self.endpoints.authorize, "/oauth/authorize");
        url.query_pairs_mut()
            .append_pair("client_id", request.app_id)
            .append_pair("redirect_uri", request.redirect_uri.as_str())
            .append_pair("response_type", "code")
            .append_pair("scope", &request.scopes.to_string())
            .append_pair("state", request.state);
        url
    }

    /// Credentials go into the body: HTTP Basic fails here (`nextauthjs/next-auth#4705`).
    async fn exchange_code(
        &self,
        app: &App,
        code: &AuthorizationCode,
        redirect_uri: &Url,
    ) -> Result<ShortLivedToken, ProviderError> {
        let form = [
            ("client_id", app.id.as_str()),
            ("client_secret", app.secret.expose()),
            ("grant_type", "authorization_code"),
            ("redirect_uri", redirect_uri.as_str()),
            ("code", code.expose()),
        ];
        let url = at(&self.endpoints.token, "/oauth/access_token");
        answers::short_lived(&self.send(self.client.post(url).form(&form)).await?)
    }

    /// GET only, and on the unversioned path (Meta's reference of `access_token`).
    async fn extend(&self, app: &App, token: &AccessToken) -> Result<LongLivedToken, ProviderError> {
        let query = [
            ("grant_type", "ig_exchange_token"),
            ("client_secret", app.secret.expose()),
            ("access_token", token.expose()),
        ];
        let url = at(&self.endpoints.graph, "/access_token");
        answers::extended(&self.send(self.client.get(url).query(&query)).await?)
    }

    /// Takes neither app id nor secret (Meta's reference of `refresh_access_token`).
    async fn refresh(&self, token: &AccessToken) -> Result<LongLivedToken, ProviderError> {
        let query = [("grant_type", "ig_refresh_token"), ("access_token", token.expose())];
        let url = at(&self.endpoints.graph, "/refresh_access_token");
        answers::refreshed(&self.send(self.client.get(url).query(&query)).await?)
    }

    async fn profile(&self, token: &AccessToken) -> Result<Profile, ProviderError> {
        let url = at(&self.endpoints.graph, &format!("/{}/me", self.endpoints.version));
        let request = self.client.get(url).query(&[("fields", "id,user_id,username,account_type")]);
        // Here Instagram takes a header, which keeps the token out of the URL.
        answers::profile(&self.send(request.bearer_auth(token.expose())).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authorize_url_says_what_meta_documents() {
        let provider = InstagramLogin::new(Endpoints::read(&<_>::default()).unwrap()).unwrap();
        let url = provider.authorize_url(AuthorizeRequest {
            app_id: "123",
            redirect_uri: &"https://login.example.com/callback".parse().unwrap(),
            scopes: &"instagram_business_basic,instagram_business_content_publish".parse().unwrap(),
            state: "a.b",
        });
        assert_eq!(
            url.as_str(),
            "https://www.instagram.com/oauth/authorize?client_id=123\
             &redirect_uri=https%3A%2F%2Flogin.example.com%2Fcallback&response_type=code\
             &scope=instagram_business_basic%2Cinstagram_business_content_publish&state=a.b"
        );
    }
}
