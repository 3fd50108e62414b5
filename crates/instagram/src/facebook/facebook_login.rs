//! The provider: the dialog's URL, the exchanges, and the calls about stored tokens.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use evertoken_core::account::AccountId;
use evertoken_core::app::{App, MetaApp};
use evertoken_core::clock::Clock;
use evertoken_core::credentials::AppCredentials;
use evertoken_core::document::{Document, ProviderName, TokenKind};
use evertoken_core::provider::{AuthorizeRequest, CheckedToken, GrantedAccount, GrantedAccounts, Provider, TokenApi};
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_core::secrets::{AccessToken, AppSecret, AuthorizationCode};
use evertoken_core::token::{LongLivedToken, ShortLivedToken};
use evertoken_https::{Tls, TlsError};
use reqwest::{Client, RequestBuilder};
use time::Duration;
use url::Url;

use super::discovery::{Discovery, granted_account};
use super::endpoints::FacebookEndpoints;
use super::facebook_errors::find_facebook_error;
use super::pages::{self, LinkedAccount};
use super::signed_requests::signed;
use super::token_debugger::{FacebookToken, debug_request, parse};
use crate::instagram_login::with_path;
use crate::transport::{HttpResponse, Transport};
use crate::{http_client, responses, transport};

/// What a proof call reads. `account_type` does not exist here.
const PROFILE_FIELDS: &str = "id,username";

/// Instagram API with Facebook Login (Meta, "Facebook Login for Business").
///
/// Every call carries the token in a header and `appsecret_proof`. Only Meta's documented exceptions carry a secret in the URL:
/// the two exchanges, and the token that `debug_token` inspects.
#[derive(Clone)]
pub struct FacebookLogin<A, T = Client> {
    /// Builds the requests that `transport` sends.
    pub(super) client: Client,
    pub(super) transport: T,
    pub(super) endpoints: FacebookEndpoints,
    /// The app, whose secret each call about a stored token needs.
    credentials: A,
    clock: Arc<dyn Clock>,
    /// Whether the app may not read all fields of a post. Clones share what one of them has found out.
    pub(super) base_fields_only: Arc<AtomicBool>,
}

impl<A, T> fmt::Debug for FacebookLogin<A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FacebookLogin").field("endpoints", &self.endpoints).finish_non_exhaustive()
    }
}

impl<A> FacebookLogin<A> {
    /// A provider that shares a TLS configuration with other clients.
    pub fn with_tls(
        tls: &Tls,
        endpoints: FacebookEndpoints,
        credentials: A,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TlsError> {
        let client = http_client::client(tls)?;
        Ok(Self { transport: client.clone(), client, endpoints, credentials, clock, base_fields_only: Arc::default() })
    }
}

impl<A, T: Transport> FacebookLogin<A, T> {
    /// A provider that sends its requests through `transport` instead of the network.
    pub fn with_transport(
        transport: T,
        endpoints: FacebookEndpoints,
        credentials: A,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TlsError> {
        let client = http_client::client(&Tls::with_system_roots())?;
        Ok(Self { client, transport, endpoints, credentials, clock, base_fields_only: Arc::default() })
    }

    pub(super) async fn send(
        &self,
        request: RequestBuilder,
        maximum_body: usize,
    ) -> Result<HttpResponse, ProviderError> {
        transport::send(&self.transport, request, maximum_body).await
    }

    pub(super) fn url(&self, path: &str) -> Url {
        with_path(&self.endpoints.graph, &format!("/{}/{path}", self.endpoints.version))
    }

    /// The two exchanges, by GET as Meta documents them.
    async fn exchange(&self, app: &App, query: &[(&str, &str)]) -> Result<HttpResponse, ProviderError> {
        let request = self.client.get(self.url("oauth/access_token")).query(query);
        let request = request.query(&[("client_id", app.id.as_str()), ("client_secret", app.secret.expose())]);
        let response = self.send(request, http_client::MAXIMUM_BODY).await?;
        find_facebook_error(&response).map_or(Ok(response), Err)
    }

    /// What Facebook knows about a token of this app. A token that does not work is an error.
    async fn inspect(&self, app: &App, token: &AccessToken) -> Result<FacebookToken, ProviderError> {
        let meta = MetaApp { id: app.id.clone(), secret: app.secret.clone() };
        let request = debug_request(&self.client, &self.endpoints, token, Some(&meta))?;
        // The call itself is authorized by the app's ID and secret, so an error about its token is one about them.
        let known = parse(&self.send(request, http_client::MAXIMUM_BODY).await?).map_err(|error| {
            if error.rejects_token() {
                ProviderError { kind: ProviderErrorKind::WrongAppCredentials, ..error }
            } else {
                error
            }
        })?;
        match known.failure() {
            Some(failure) => Err(failure),
            None if known.app_id.as_deref().is_some_and(|id| id != app.id) => {
                Err(ProviderError::new(ProviderErrorKind::WrongAppCredentials))
            }
            None => Ok(known),
        }
    }

    /// The proof call: reads an Instagram account with its token.
    async fn account(
        &self,
        id: &AccountId,
        token: &AccessToken,
        secret: &AppSecret,
    ) -> Result<LinkedAccount, ProviderError> {
        let request = self.client.get(self.url(id.as_str())).query(&[("fields", PROFILE_FIELDS)]);
        let response = self.send(signed(request, token, secret)?, http_client::MAXIMUM_BODY).await?;
        pages::account(&response)
    }
}

impl<A: AppCredentials, T: Transport> FacebookLogin<A, T> {
    /// The Meta app's own pair.
    pub(super) async fn app(&self) -> Result<App, ProviderError> {
        let not_configured = ProviderError::new(ProviderErrorKind::NotConfigured);
        let app = self.credentials.app().await.map_err(|error| {
            tracing::warn!("cannot read the app's credentials for Facebook Login: {error}");
            not_configured.clone()
        })?;
        app.of(ProviderName::Facebook).map(Cow::into_owned).map_err(|_| not_configured)
    }

    /// The accounts behind a token that was issued elsewhere: a page's or a system user's.
    ///
    /// # Errors
    /// Refuses a person's own token, and a page token that expires.
    pub async fn adopt(&self, token: &AccessToken) -> Result<Vec<GrantedAccount>, AdoptError> {
        let app = self.app().await?;
        let known = self.inspect(&app, token).await?;
        match known.kind.as_deref() {
            Some("PAGE") => Ok(vec![self.adopt_page(&app, token, known).await?]),
            Some("SYSTEM_USER") => self.adopt_system_user(&app, token, known).await,
            Some("USER") => Err(AdoptError::PersonsToken),
            _ => Err(AdoptError::OtherKind),
        }
    }

    async fn adopt_page(
        &self,
        app: &App,
        token: &AccessToken,
        known: FacebookToken,
    ) -> Result<GrantedAccount, AdoptError> {
        // With a page token, this is the page.
        let fields = "id,name,instagram_business_account{id,username,name,profile_picture_url}";
        let request = self.client.get(self.url("me")).query(&[("fields", fields)]);
        let response = self.send(signed(request, token, &app.secret)?, http_client::MAXIMUM_BODY).await?;
        let page = pages::page(&response)?;
        let account = page.account.as_ref().ok_or(ProviderError::new(ProviderErrorKind::NoLinkedAccount))?;
        let person = known.user_id.clone().unwrap_or_else(|| page.id.clone());
        let account = granted_account(&page, account, token, TokenKind::Page, person, &known);
        Ok(self.prove(app, account).await?)
    }

    async fn adopt_system_user(
        &self,
        app: &App,
        token: &AccessToken,
        known: FacebookToken,
    ) -> Result<Vec<GrantedAccount>, AdoptError> {
        let discovery = Discovery { facebook: self, token, secret: &app.secret, known: &known };
        let mut accounts = Vec::new();
        for account in discovery.accounts().await? {
            accounts.push(self.prove(app, account).await?);
        }
        Ok(accounts)
    }
}

/// A token cannot be adopted.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum AdoptError {
    /// Facebook returned an error.
    #[error("{}", .0.message())]
    Provider(#[from] ProviderError),
    /// The token is a person's. It expires after about 60 days and inherits all that the person may do.
    #[error("this is the token of a person")]
    PersonsToken,
    /// The token is an app's or of an unknown kind.
    #[error("this is neither the token of a page nor of a system user")]
    OtherKind,
}

impl<A: AppCredentials, T: Transport> Provider for FacebookLogin<A, T> {
    fn name(&self) -> ProviderName {
        ProviderName::Facebook
    }

    /// A configuration replaces the scopes, and its tokens may be a system user's, which needs
    /// `override_default_response_type` (Meta, "Facebook Login for Business"). `auth_type` renews access to data and shows the
    /// choice of pages again, which Facebook otherwise skips for a person who logged in before.
    fn authorize_url(&self, request: AuthorizeRequest<'_>) -> Url {
        let mut url = with_path(&self.endpoints.dialog, &format!("/{}/dialog/oauth", self.endpoints.version));
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("client_id", request.app_id)
                .append_pair("redirect_uri", request.redirect_uri.as_str())
                .append_pair("response_type", "code");
            match &self.endpoints.config_id {
                Some(config_id) => {
                    query.append_pair("config_id", config_id).append_pair("override_default_response_type", "true")
                }
                None => query.append_pair("scope", &request.scopes.to_string()),
            };
            query.append_pair("auth_type", "reauthorize").append_pair("state", request.state);
        }
        url
    }

    async fn exchange_code(
        &self,
        app: &App,
        code: &AuthorizationCode,
        redirect_uri: &Url,
    ) -> Result<ShortLivedToken, ProviderError> {
        let query = [("redirect_uri", redirect_uri.as_str()), ("code", code.expose())];
        let token = responses::refreshed_token(&self.exchange(app, &query).await?)?;
        // `debug_token` says which scopes were granted.
        Ok(ShortLivedToken { token: token.token, granted: None })
    }

    /// The response may lack `expires_in` (`pixelant/pxa_social_feed#105`).
    async fn extend(&self, app: &App, token: &AccessToken) -> Result<LongLivedToken, ProviderError> {
        let query = [("grant_type", "fb_exchange_token"), ("fb_exchange_token", token.expose())];
        responses::refreshed_token(&self.exchange(app, &query).await?)
    }

    async fn accounts(&self, app: &App, token: &LongLivedToken) -> Result<GrantedAccounts, ProviderError> {
        let token = &token.token;
        let known = self.inspect(app, token).await?;
        let discovery = Discovery { facebook: self, token, secret: &app.secret, known: &known };
        let accounts = discovery.accounts().await;
        let has_scopes = known.scopes.iter().any(|scope| scope == "instagram_basic");
        match accounts {
            // Without the scopes, the lists are empty. The caller reports the missing scopes.
            Err(_) if !has_scopes => Ok(GrantedAccounts { scopes: Some(known.scopes), accounts: Vec::new() }),
            accounts => Ok(GrantedAccounts { scopes: Some(known.scopes), accounts: accounts? }),
        }
    }

    /// A page token from a short-lived user token looks right except for its end (`sandeepkesarkar/fieldkit#48`).
    async fn prove(&self, app: &App, mut account: GrantedAccount) -> Result<GrantedAccount, ProviderError> {
        let failed = |kind| Err(ProviderError::new(kind));
        let Some(facebook) = &mut account.facebook else { return failed(ProviderErrorKind::Unreadable) };
        let token = &account.token.token;
        let known = self.inspect(app, token).await?;
        match (facebook.token_kind, known.kind.as_deref()) {
            (TokenKind::Page, Some("PAGE")) => {
                if !known.never_expires {
                    return failed(ProviderErrorKind::PageTokenExpires);
                }
                if known.page_id.as_ref().is_some_and(|id| facebook.page_id.as_ref().is_some_and(|page| page != id)) {
                    return failed(ProviderErrorKind::OtherAccount);
                }
            }
            (TokenKind::SystemUser, Some("SYSTEM_USER")) => {}
            _ => return failed(ProviderErrorKind::Unreadable),
        }
        if !known.scopes.iter().any(|scope| scope == "instagram_basic") {
            return failed(ProviderErrorKind::PermissionMissing);
        }
        let proven = self.account(&account.profile.account_id, token, &app.secret).await?;
        if proven.id != account.profile.account_id {
            return failed(ProviderErrorKind::OtherAccount);
        }
        account.profile.username = proven.username;
        facebook.data_access_expires_at = known.data_access_expires_at.or(facebook.data_access_expires_at);
        // Counted from now, like the lifetimes of all new tokens.
        account.token.expires_in = known.expires_at.map_or(Duration::ZERO, |end| end - self.clock.now());
        Ok(account)
    }
}

impl<A: AppCredentials, T: Transport> TokenApi for FacebookLogin<A, T> {
    /// Renews a system user's token that expires (Meta, "Install Apps, Generate, Refresh, and Revoke Tokens"). Other tokens of
    /// Facebook Login do not expire.
    async fn refresh(&self, document: &Document) -> Result<LongLivedToken, ProviderError> {
        let app = self.app().await?;
        let token = &document.access_token;
        let query = [
            ("grant_type", "fb_exchange_token"),
            ("set_token_expires_in_60_days", "true"),
            ("fb_exchange_token", token.expose()),
        ];
        responses::refreshed_token(&self.exchange(&app, &query).await?)
    }

    /// Proves the token on its Instagram account, and asks when access to data ends. The proof needs the app's current secret;
    /// while it is being replaced in Meta's dashboard, that may be an earlier one.
    async fn check(&self, document: &Document) -> Result<CheckedToken, ProviderError> {
        let mut refusal = ProviderError::new(ProviderErrorKind::ProofRejected);
        for app in self.app().await?.with_each_secret(self.clock.now()) {
            match self.check_with(&app, document).await {
                Err(error)
                    if matches!(
                        error.kind,
                        ProviderErrorKind::ProofRejected | ProviderErrorKind::WrongAppCredentials
                    ) =>
                {
                    refusal = error;
                }
                answer => return answer,
            }
        }
        Err(refusal)
    }
}

impl<A: AppCredentials, T: Transport> FacebookLogin<A, T> {
    async fn check_with(&self, app: &App, document: &Document) -> Result<CheckedToken, ProviderError> {
        let token = &document.access_token;
        let account = match self.account(&document.account_id, token, &app.secret).await {
            // An answer without data may mean that access to data has ended.
            Err(error) if error.kind == ProviderErrorKind::Unreadable => {
                let ends_at = self.inspect(app, token).await?.data_access_expires_at;
                let has_ended = ends_at.is_some_and(|ends_at| ends_at <= self.clock.now());
                return Err(if has_ended { ProviderError::new(ProviderErrorKind::DataAccessExpired) } else { error });
            }
            account => account?,
        };
        let known = self.inspect(app, token).await?;
        Ok(CheckedToken {
            account_id: account.id,
            username: account.username,
            data_access_expires_at: known.data_access_expires_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use evertoken_core::clock::SystemClock;
    use evertoken_core::credentials::CredentialsError;
    use evertoken_core::provider::{FacebookAccess, Profile};
    use reqwest::header::HeaderMap;
    use reqwest::{Request, StatusCode};
    use serde_json::{Value, json};

    use super::*;

    const ACCOUNTS: [&str; 3] = ["17841405793187218", "17841405793187219", "17841405793187220"];

    /// Answers by path. Every other list is empty.
    struct Answers(Vec<(&'static str, StatusCode, Value)>);

    impl Transport for Answers {
        async fn send(&self, request: Request, _: usize) -> Result<HttpResponse, ProviderError> {
            let answer = self.0.iter().find(|(path, ..)| request.url().path() == format!("/v26.0/{path}"));
            let (status, body) = match answer {
                Some((_, status, body)) => (*status, body.to_string()),
                None => (StatusCode::OK, r#"{"data":[]}"#.to_owned()),
            };
            Ok(HttpResponse { status, headers: HeaderMap::new(), body: body.into_bytes().into() })
        }
    }

    struct TestCredentials;

    impl AppCredentials for TestCredentials {
        async fn app(&self) -> Result<Arc<App>, CredentialsError> {
            Ok(Arc::new(app()))
        }
    }

    fn app() -> App {
        App::new("2", "hunter2", &[]).unwrap()
    }

    fn facebook(
        answers: impl IntoIterator<Item = (&'static str, StatusCode, Value)>,
    ) -> FacebookLogin<TestCredentials, Answers> {
        let endpoints = FacebookEndpoints::on_one_origin(&"https://graph.facebook.com".parse().unwrap());
        let answers = Answers(answers.into_iter().collect());
        FacebookLogin::with_transport(answers, endpoints, TestCredentials, Arc::new(SystemClock)).unwrap()
    }

    /// What Facebook knows about a page's token, with other values for these keys.
    fn inspected(keys: Value) -> Value {
        let mut data = json!({"app_id": "2", "type": "PAGE", "is_valid": true, "expires_at": 0, "user_id": "7",
            "profile_id": "104", "scopes": ["instagram_basic"]});
        let Value::Object(keys) = keys else { panic!("keys of a token") };
        data.as_object_mut().unwrap().extend(keys);
        json!({ "data": data })
    }

    fn granted() -> GrantedAccount {
        GrantedAccount {
            profile: Profile {
                account_id: ACCOUNTS[0].parse().unwrap(),
                app_scoped_id: "7".parse().unwrap(),
                username: "blue_bottle".to_owned(),
                account_type: String::new(),
            },
            token: LongLivedToken::without_lifetime(AccessToken::new("EAA104")),
            facebook: Some(FacebookAccess {
                token_kind: TokenKind::Page,
                page_id: Some("104".parse().unwrap()),
                page_name: None,
                account_name: None,
                picture_url: None,
                data_access_expires_at: None,
            }),
        }
    }

    #[tokio::test]
    async fn a_token_is_stored_only_if_it_is_the_pages_the_apps_and_the_accounts() {
        use ProviderErrorKind as Kind;
        let ours = json!({"id": ACCOUNTS[0], "username": "blue_bottle"});
        let other = json!({"id": ACCOUNTS[1], "username": "corner_bakery"});
        for (keys, account, expected) in [
            (json!({}), &ours, None),
            (json!({"profile_id": null}), &ours, None),
            (json!({}), &other, Some(Kind::OtherAccount)),
            (json!({"profile_id": "105"}), &ours, Some(Kind::OtherAccount)),
            (json!({"app_id": "3"}), &ours, Some(Kind::WrongAppCredentials)),
            (json!({"type": "USER"}), &ours, Some(Kind::Unreadable)),
            (json!({"type": "SYSTEM_USER"}), &ours, Some(Kind::Unreadable)),
            (json!({"expires_at": null}), &ours, Some(Kind::PageTokenExpires)),
            (json!({"scopes": ["pages_show_list"]}), &ours, Some(Kind::PermissionMissing)),
        ] {
            let token = ("debug_token", StatusCode::OK, inspected(keys.clone()));
            let facebook = facebook([token, (ACCOUNTS[0], StatusCode::OK, account.clone())]);
            let proven = facebook.prove(&app(), granted()).await;
            assert_eq!(proven.err().map(|error| error.kind), expected, "{keys} {account}");
        }
    }

    /// Facebook may list more than the person selected.
    #[tokio::test]
    async fn only_pages_and_accounts_that_were_granted_by_name_are_offered() {
        let page = |id: &str, account: &str| {
            json!({"id": id, "access_token": format!("EAA{id}"),
                "instagram_business_account": {"id": account, "username": account}})
        };
        let pages = ["104", "105", "106"].into_iter().zip(ACCOUNTS).map(|(id, account)| page(id, account));
        let list = json!({"data": pages.collect::<Vec<_>>()});
        let (some_pages, some_accounts) = (json!(["104", "106"]), json!(ACCOUNTS[..2]));
        let person = LongLivedToken::without_lifetime(AccessToken::new("EAAperson"));
        for (pages, accounts, expected) in [
            (&some_pages, &some_accounts, vec![("EAA104", ACCOUNTS[0])]),
            (&some_pages, &Value::Null, vec![("EAA104", ACCOUNTS[0]), ("EAA106", ACCOUNTS[2])]),
            (&Value::Null, &some_accounts, vec![("EAA104", ACCOUNTS[0]), ("EAA105", ACCOUNTS[1])]),
        ] {
            let granted = json!([{"scope": "pages_show_list", "target_ids": pages},
                {"scope": "instagram_basic", "target_ids": accounts}]);
            let token = inspected(json!({"type": "USER", "granular_scopes": granted}));
            let facebook =
                facebook([("debug_token", StatusCode::OK, token), ("me/accounts", StatusCode::OK, list.clone())]);
            let offered = facebook.accounts(&app(), &person).await.unwrap().accounts;
            let offered: Vec<_> =
                offered.iter().map(|it| (it.token.token.expose(), it.profile.account_id.as_str())).collect();
            assert_eq!(offered, expected, "{granted}");
        }
    }

    /// `me/accounts` hides the page, so that it is read by its id.
    #[tokio::test]
    async fn an_outage_while_a_granted_page_is_read_is_told_apart_from_missing_access() {
        let denied = json!({"error": {"code": 10, "type": "OAuthException", "message": "No permission"}});
        let person = LongLivedToken::without_lifetime(AccessToken::new("EAAperson"));
        for (status, body, expected) in [
            (StatusCode::SERVICE_UNAVAILABLE, Value::Null, ProviderErrorKind::Unavailable),
            (StatusCode::FORBIDDEN, denied, ProviderErrorKind::PagesNotGranted),
        ] {
            let granted = json!([{"scope": "pages_show_list", "target_ids": ["104"]}]);
            let token = inspected(json!({"type": "USER", "granular_scopes": granted}));
            let facebook = facebook([("debug_token", StatusCode::OK, token), ("104", status, body)]);
            assert_eq!(facebook.accounts(&app(), &person).await.unwrap_err().kind, expected, "{status}");
        }
    }
}
