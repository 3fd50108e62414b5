//! Facebook's token debugger: what Facebook knows about a token of Facebook Login.
//!
//! Source: Meta, reference page of `debug_token`. It is documented for tokens of Facebook Login only.

use evertoken_core::account::AccountId;
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_core::scopes::Scopes;
use evertoken_core::secrets::{AccessToken, AppSecret};
use evertoken_core::variables::{VariableError, Variables};
use evertoken_core::visible_text::visible;
use evertoken_https::{Tls, TlsError};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Client;
use reqwest::header::AUTHORIZATION;
use secrecy::zeroize::Zeroizing;
use serde::Deserialize;
use sha2::Sha256;
use time::OffsetDateTime;
use url::Url;

use crate::endpoints::{Endpoints, origin};
use crate::error_responses::find_error;
use crate::http_client;
use crate::instagram_login::{bearer, with_path};
use crate::numeric_id::NumericId;
use crate::transport::{HttpResponse, Transport};

/// The names of some Meta apps are long.
const LONGEST_NAME: usize = 100;

/// The Meta app's own ID and secret ("App settings > Basic"), not those of its Instagram product.
#[derive(Clone, Debug)]
pub struct MetaApp {
    /// Digits.
    pub id: String,
    /// The secret.
    pub secret: AppSecret,
}

/// What Facebook knows about a token. Contains no part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacebookToken {
    /// Whether it works.
    pub is_valid: bool,
    /// `USER`, `PAGE`, `SYSTEM_USER` or `APP`.
    pub kind: Option<String>,
    /// The app that it was issued for.
    pub app_id: Option<String>,
    /// The app's name.
    pub app_name: Option<String>,
    /// What the owner granted.
    pub scopes: Scopes,
    /// When it was issued, for a long-lived token.
    pub issued_at: Option<OffsetDateTime>,
    /// When it expires; `None` for never, or if Facebook does not say.
    pub expires_at: Option<OffsetDateTime>,
    /// Whether Facebook says that it never expires.
    pub never_expires: bool,
    /// When the app's access to data ends, unless the person logs in again.
    pub data_access_expires_at: Option<OffsetDateTime>,
    /// Facebook's code and subcode for a token that does not work.
    pub error: Option<(i64, Option<i64>)>,
}

/// The address of Facebook's Graph API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacebookEndpoint {
    /// `EVERTOKEN_FACEBOOK_GRAPH_URL`, by default `https://graph.facebook.com`.
    graph: Url,
    /// The Graph API version, as in [`Endpoints`].
    version: String,
}

impl FacebookEndpoint {
    /// Reads and validates the environment variables.
    pub fn read(variables: &Variables) -> Result<Self, VariableError> {
        let graph = origin(variables, "EVERTOKEN_FACEBOOK_GRAPH_URL", "https://graph.facebook.com")?;
        Ok(Self { graph, version: Endpoints::read(variables)?.version })
    }
}

/// Asks Facebook about tokens.
#[derive(Clone, Debug)]
pub struct FacebookDebugger {
    client: Client,
    endpoint: FacebookEndpoint,
}

impl FacebookDebugger {
    /// A debugger that trusts the operating system's certificate authorities.
    pub fn new(endpoint: FacebookEndpoint) -> Result<Self, TlsError> {
        Ok(Self { client: http_client::client(&Tls::with_system_roots())?, endpoint })
    }

    /// Asks with the app's own token, or else with the token itself, which Facebook accepts too.
    ///
    /// The token to inspect is part of the query, as Meta documents it; the other one is in a header.
    pub async fn inspect(&self, token: &AccessToken, app: Option<&MetaApp>) -> Result<FacebookToken, ProviderError> {
        let mut url = with_path(&self.endpoint.graph, &format!("/{}/debug_token", self.endpoint.version));
        url.query_pairs_mut().append_pair("input_token", token.expose());
        let authorization = match app {
            Some(MetaApp { id, secret }) => {
                let text = Zeroizing::new(format!("{id}|{}", secret.expose()));
                if let Some(proof) = proof(secret, &text) {
                    url.query_pairs_mut().append_pair("appsecret_proof", &proof);
                }
                bearer(&AccessToken::new(&text))?
            }
            None => bearer(token)?,
        };
        let request = self.client.get(url).header(AUTHORIZATION, authorization);
        let request = request.build().map_err(|_| ProviderError::new(ProviderErrorKind::Unreachable))?;
        parse(&self.client.send(request, http_client::MAXIMUM_BODY).await?)
    }
}

/// `appsecret_proof` (Meta, "Secure Graph API calls"). Apps can require it.
fn proof(secret: &AppSecret, token: &str) -> Option<String> {
    // A key of any length is accepted.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok()?;
    mac.update(token.as_bytes());
    Some(hex::encode(mac.finalize().into_bytes()))
}

#[derive(Deserialize)]
struct Response {
    data: Inspected,
}

#[derive(Deserialize)]
struct Inspected {
    is_valid: bool,
    #[serde(rename = "type")]
    kind: Option<String>,
    app_id: Option<NumericId>,
    application: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
    issued_at: Option<i64>,
    expires_at: Option<i64>,
    data_access_expires_at: Option<i64>,
    error: Option<TokenError>,
}

#[derive(Deserialize)]
struct TokenError {
    code: Option<i64>,
    subcode: Option<i64>,
}

fn parse(response: &HttpResponse) -> Result<FacebookToken, ProviderError> {
    let unreadable = || ProviderError::new(ProviderErrorKind::Unreadable);
    // The body decides whether it is an error: `data` may contain one about the token, which is an answer.
    let Ok(Response { data }) = serde_json::from_slice::<Response>(&response.body) else {
        return Err(find_error(response).unwrap_or_else(unreadable));
    };
    Ok(FacebookToken {
        is_valid: data.is_valid,
        kind: data.kind.filter(|kind| kind.len() <= 20 && kind.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')),
        app_id: data.app_id.and_then(NumericId::parse::<AccountId>).map(String::from),
        app_name: data.application.map(|name| visible(&name).chars().take(LONGEST_NAME).collect()),
        scopes: data.scopes.into_iter().filter(|scope| is_scope(scope)).collect(),
        issued_at: data.issued_at.and_then(time),
        expires_at: data.expires_at.and_then(time),
        never_expires: data.expires_at == Some(0),
        data_access_expires_at: data.data_access_expires_at.and_then(time),
        error: data.error.and_then(|error| Some((error.code?, error.subcode))),
    })
}

/// Seconds since 1970. 0 means never.
fn time(seconds: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(seconds).ok().filter(|_| seconds > 0)
}

fn is_scope(text: &str) -> bool {
    text.len() <= 100 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;
    use time::macros::datetime;

    use super::*;

    fn parsed(status: u16, body: &str) -> Result<FacebookToken, ProviderError> {
        let status = StatusCode::from_u16(status).unwrap();
        parse(&HttpResponse { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec().into() })
    }

    #[test]
    fn reads_a_page_token_and_a_token_that_no_longer_works() {
        let page = parsed(
            200,
            r#"{"data":{"app_id":"123","type":"PAGE","application":"My Shop","is_valid":true,"issued_at":1795165200,
                "expires_at":0,"data_access_expires_at":1802941200,"scopes":["instagram_basic","pages_show_list"]}}"#,
        );
        let page = page.unwrap();
        assert!(page.is_valid && page.never_expires && page.expires_at.is_none());
        assert_eq!((page.kind.as_deref(), page.app_name.as_deref()), (Some("PAGE"), Some("My Shop")));
        assert_eq!(page.issued_at, Some(datetime!(2026-11-20 09:00 UTC)));
        assert_eq!(page.scopes.to_string(), "instagram_basic,pages_show_list");
        let dead = r#"{"data":{"app_id":123,"is_valid":false,"error":{"code":190,"message":"m","subcode":460}}}"#;
        let dead = parsed(200, dead).unwrap();
        assert_eq!((dead.is_valid, dead.error, dead.app_id.as_deref()), (false, Some((190, Some(460))), Some("123")));
    }

    #[test]
    fn shows_nothing_that_a_hostile_answer_could_hide_in_a_name() {
        let hostile = r#"{"data":{"is_valid":true,"type":"EAABsecret","application":"a\u001b[2J\u202eb",
            "scopes":["EAABsecret","ok_scope"],"expires_at":-5,"issued_at":99999999999999999}}"#;
        let token = parsed(200, hostile).unwrap();
        assert_eq!(token.app_name.as_deref(), Some("a\\u{1b}[2J\\u{202e}b"));
        assert_eq!((token.kind, token.scopes.to_string(), token.expires_at), (None, "ok_scope".to_owned(), None));
        assert!(!token.never_expires && token.issued_at.is_none());
    }

    #[test]
    fn an_error_or_another_answer_says_nothing_about_the_token() {
        let error = parsed(400, r#"{"error":{"code":100,"type":"OAuthException","message":"m"}}"#).unwrap_err();
        assert_eq!(error.code, Some(100));
        for other in ["", "{}", "<html>", r#"{"data":[]}"#] {
            assert_eq!(parsed(200, other).unwrap_err().kind, ProviderErrorKind::Unreadable, "{other}");
        }
    }

    #[test]
    fn the_address_is_checked() {
        let read = |url: &str| {
            FacebookEndpoint::read(&[("EVERTOKEN_FACEBOOK_GRAPH_URL".to_owned(), url.to_owned())].into_iter().collect())
        };
        assert_eq!(read("").unwrap().graph.as_str(), "https://graph.facebook.com/");
        for wrong in ["http://graph.facebook.com", "https://graph.facebook.com/v26.0", "graph"] {
            let error = read(wrong).unwrap_err().to_string();
            assert!(error.starts_with("EVERTOKEN_FACEBOOK_GRAPH_URL is "), "{error}");
        }
    }
}
