//! The provider: the URL of the consent page and the four API calls.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use evertoken_core::app::App;
use evertoken_core::document::{Document, ProviderName};
use evertoken_core::provider::{
    AuthorizeRequest, CheckedToken, GrantedAccount, GrantedAccounts, Profile, Provider, TokenApi,
};
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_core::secrets::{AccessToken, AuthorizationCode};
use evertoken_core::token::{LongLivedToken, ShortLivedToken};
use evertoken_https::{Tls, TlsError};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder};
use secrecy::zeroize::Zeroizing;
use url::Url;

use crate::endpoints::Endpoints;
use crate::transport::{HttpResponse, Transport};
use crate::{http_client, responses, transport};

/// Instagram API with Instagram Login (Meta, "Business Login for Instagram").
#[derive(Clone, Debug)]
pub struct InstagramLogin<T = Client> {
    /// Builds the requests that `transport` sends.
    pub(crate) client: Client,
    pub(crate) transport: T,
    pub(crate) endpoints: Endpoints,
    /// Whether the app may not read all fields of a post. Clones share what one of them has found out.
    pub(crate) base_fields_only: Arc<AtomicBool>,
}

impl InstagramLogin {
    /// A provider that trusts the operating system's certificate authorities.
    pub fn new(endpoints: Endpoints) -> Result<Self, TlsError> {
        Self::with_tls(&Tls::with_system_roots(), endpoints)
    }

    /// A provider that shares a TLS configuration with other clients.
    pub fn with_tls(tls: &Tls, endpoints: Endpoints) -> Result<Self, TlsError> {
        let client = http_client::client(tls)?;
        Ok(Self { transport: client.clone(), client, endpoints, base_fields_only: Arc::default() })
    }
}

impl<T: Transport> InstagramLogin<T> {
    /// Renews a long-lived token that is at least 24 hours old. Needs neither the app id nor the app secret (Meta, reference
    /// page of `refresh_access_token`).
    pub async fn renew(&self, token: &AccessToken) -> Result<LongLivedToken, ProviderError> {
        let query = [("grant_type", "ig_refresh_token"), ("access_token", token.expose())];
        let url = with_path(&self.endpoints.graph, "/refresh_access_token");
        responses::refreshed_token(&self.send(self.client.get(url).query(&query)).await?)
    }

    /// The account that a token belongs to, which also proves that the token works.
    pub async fn profile(&self, token: &AccessToken) -> Result<Profile, ProviderError> {
        let url = with_path(&self.endpoints.graph, &format!("/{}/me", self.endpoints.version));
        let request = self.client.get(url).query(&[("fields", "id,user_id,username,account_type")]);
        // This endpoint accepts a header, which keeps the token out of the URL.
        responses::profile(&self.send(request.header(AUTHORIZATION, bearer(token)?)).await?)
    }

    /// A provider that sends its requests through `transport` instead of the network.
    pub fn with_transport(transport: T, endpoints: Endpoints) -> Result<Self, TlsError> {
        let client = http_client::client(&Tls::with_system_roots())?;
        Ok(Self { client, transport, endpoints, base_fields_only: Arc::default() })
    }

    async fn send(&self, request: RequestBuilder) -> Result<HttpResponse, ProviderError> {
        self.send_for(request, http_client::MAXIMUM_BODY).await
    }

    /// Sends a request whose response may be larger than usual.
    pub(crate) async fn send_for(
        &self,
        request: RequestBuilder,
        maximum_body: usize,
    ) -> Result<HttpResponse, ProviderError> {
        transport::send(&self.transport, request, maximum_body).await
    }
}

/// Bytes that are overwritten when the last request that holds them is dropped.
fn secret_bytes(text: Zeroizing<String>) -> Bytes {
    Bytes::from_owner(text)
}

/// A part of a form. Its length is known, because Instagram may not accept a body without one.
fn secret_part(text: &str) -> Part {
    Part::stream_with_length(secret_bytes(text.to_owned().into()), text.len().try_into().unwrap_or(u64::MAX))
}

/// The value of an `Authorization` header.
pub(crate) fn bearer(token: &AccessToken) -> Result<HeaderValue, ProviderError> {
    let mut text = Zeroizing::new(String::with_capacity("Bearer ".len() + token.expose().len()));
    text.push_str("Bearer ");
    text.push_str(token.expose());
    // No token with a line break or another control character works.
    let mut value = HeaderValue::from_maybe_shared(secret_bytes(text))
        .map_err(|_| ProviderError::new(ProviderErrorKind::TokenInvalid))?;
    value.set_sensitive(true);
    Ok(value)
}

pub(crate) fn with_path(origin: &Url, path: &str) -> Url {
    let mut url = origin.clone();
    url.set_path(path);
    url
}

impl<T: Transport> Provider for InstagramLogin<T> {
    fn name(&self) -> ProviderName {
        ProviderName::Instagram
    }

    fn authorize_url(&self, request: AuthorizeRequest<'_>) -> Url {
        let mut url = with_path(&self.endpoints.authorize, "/oauth/authorize");
        url.query_pairs_mut()
            .append_pair("client_id", request.app_id)
            .append_pair("redirect_uri", request.redirect_uri.as_str())
            .append_pair("response_type", "code")
            .append_pair("scope", &request.scopes.to_string())
            .append_pair("state", request.state);
        url
    }

    /// Sends the credentials in the body, because Instagram rejects HTTP Basic here (`nextauthjs/next-auth#4705`). The body
    /// is a multipart form, as in Meta's documentation ("Business Login for Instagram", step 2: `curl -F`). Some projects
    /// report that Instagram rejects a URL-encoded form with an error about the redirect URI.
    async fn exchange_code(
        &self,
        app: &App,
        code: &AuthorizationCode,
        redirect_uri: &Url,
    ) -> Result<ShortLivedToken, ProviderError> {
        let form = Form::new()
            .text("client_id", app.id.clone())
            .part("client_secret", secret_part(app.secret.expose()))
            .text("grant_type", "authorization_code")
            .text("redirect_uri", redirect_uri.to_string())
            .part("code", secret_part(code.expose()));
        let url = with_path(&self.endpoints.token, "/oauth/access_token");
        responses::short_lived_token(&self.send(self.client.post(url).multipart(form)).await?)
    }

    /// Only GET works, and only on the path without a version (Meta, reference page of `access_token`).
    async fn extend(&self, app: &App, token: &AccessToken) -> Result<LongLivedToken, ProviderError> {
        let query = [
            ("grant_type", "ig_exchange_token"),
            ("client_secret", app.secret.expose()),
            ("access_token", token.expose()),
        ];
        let url = with_path(&self.endpoints.graph, "/access_token");
        responses::extended_token(&self.send(self.client.get(url).query(&query)).await?)
    }

    /// A token of Instagram Login belongs to one account.
    async fn accounts(&self, _: &App, token: &LongLivedToken) -> Result<GrantedAccounts, ProviderError> {
        let profile = self.profile(&token.token).await?;
        let account = GrantedAccount { profile, token: token.clone(), facebook: None };
        Ok(GrantedAccounts { scopes: None, accounts: vec![account] })
    }

    /// The profile has proven the token.
    async fn prove(&self, _: &App, account: GrantedAccount) -> Result<GrantedAccount, ProviderError> {
        Ok(account)
    }
}

impl<T: Transport> TokenApi for InstagramLogin<T> {
    async fn refresh(&self, document: &Document) -> Result<LongLivedToken, ProviderError> {
        self.renew(&document.access_token).await
    }

    async fn check(&self, document: &Document) -> Result<CheckedToken, ProviderError> {
        Ok(self.profile(&document.access_token).await?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_the_authorize_url_that_meta_documents() {
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
