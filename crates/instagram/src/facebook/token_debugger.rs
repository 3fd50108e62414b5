//! Facebook's token debugger: what Facebook knows about a token of Facebook Login.
//!
//! Source: Meta, reference page of `debug_token`. It is documented for tokens of Facebook Login only.

use evertoken_core::account::AccountId;
use evertoken_core::app::MetaApp;
use evertoken_core::provider_error::{GraphError, ProviderError, ProviderErrorKind};
use evertoken_core::scopes::Scopes;
use evertoken_core::secrets::AccessToken;
use evertoken_core::visible_text::visible;
use evertoken_https::{Tls, TlsError};
use reqwest::header::AUTHORIZATION;
use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use time::OffsetDateTime;

use super::endpoints::FacebookEndpoints;
use super::facebook_errors::find_facebook_error;
use super::signed_requests::{app_token, signed};
use crate::instagram_login::{bearer, with_path};
use crate::numeric_id::NumericId;
use crate::transport::HttpResponse;
use crate::{http_client, transport};

/// The names of some Meta apps are long.
const LONGEST_NAME: usize = 100;

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
    /// The pages and accounts that scopes were granted for.
    pub granular_scopes: Vec<GranularScope>,
    /// The app-scoped id of the person behind it.
    pub user_id: Option<AccountId>,
    /// The page that a page token belongs to.
    pub page_id: Option<AccountId>,
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

/// A scope that was granted for some pages or accounts only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GranularScope {
    /// The scope.
    pub scope: String,
    /// The ids of the pages or accounts; `None` for all.
    pub targets: Option<Vec<AccountId>>,
}

impl FacebookToken {
    /// The pages or accounts that a scope was granted for; `None` for all, or if Facebook does not say.
    pub(super) fn targets(&self, scope: &str) -> Option<&[AccountId]> {
        self.granular_scopes.iter().find(|granted| granted.scope == scope)?.targets.as_deref()
    }

    /// The error of a token that does not work.
    pub fn failure(&self) -> Option<ProviderError> {
        if self.is_valid {
            return None;
        }
        let (code, subcode) = self.error.unwrap_or((190, None));
        let kind = ProviderErrorKind::from_graph(GraphError { code, subcode, ..GraphError::default() });
        Some(ProviderError { code: Some(code), subcode, ..ProviderError::new(kind) })
    }
}

/// Asks Facebook about tokens.
#[derive(Clone, Debug)]
pub struct FacebookDebugger {
    client: Client,
    endpoints: FacebookEndpoints,
}

impl FacebookDebugger {
    /// A debugger that trusts the operating system's certificate authorities.
    pub fn new(endpoints: FacebookEndpoints) -> Result<Self, TlsError> {
        Ok(Self { client: http_client::client(&Tls::with_system_roots())?, endpoints })
    }

    /// Asks with the app's own token, or else with the token itself, which Facebook accepts too.
    pub async fn inspect(&self, token: &AccessToken, app: Option<&MetaApp>) -> Result<FacebookToken, ProviderError> {
        let request = debug_request(&self.client, &self.endpoints, token, app)?;
        parse(&transport::send(&self.client, request, http_client::MAXIMUM_BODY).await?)
    }
}

/// The token to inspect is part of the query, as Meta documents it; the other one is in a header.
pub(super) fn debug_request(
    client: &Client,
    endpoints: &FacebookEndpoints,
    token: &AccessToken,
    app: Option<&MetaApp>,
) -> Result<RequestBuilder, ProviderError> {
    let url = with_path(&endpoints.graph, &format!("/{}/debug_token", endpoints.version));
    let request = client.get(url).query(&[("input_token", token.expose())]);
    match app {
        Some(MetaApp { id, secret }) => signed(request, &app_token(id, secret), secret),
        None => Ok(request.header(AUTHORIZATION, bearer(token)?)),
    }
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
    #[serde(default)]
    granular_scopes: Vec<Granular>,
    user_id: Option<NumericId>,
    profile_id: Option<NumericId>,
    issued_at: Option<i64>,
    expires_at: Option<i64>,
    data_access_expires_at: Option<i64>,
    error: Option<TokenError>,
}

#[derive(Deserialize)]
struct Granular {
    scope: String,
    target_ids: Option<Vec<NumericId>>,
}

#[derive(Deserialize)]
struct TokenError {
    code: Option<i64>,
    subcode: Option<i64>,
}

pub(super) fn parse(response: &HttpResponse) -> Result<FacebookToken, ProviderError> {
    let unreadable = || ProviderError::new(ProviderErrorKind::Unreadable);
    // The body decides whether it is an error: `data` may contain one about the token, which is an answer.
    let Ok(Response { data }) = serde_json::from_slice::<Response>(&response.body) else {
        return Err(find_facebook_error(response).unwrap_or_else(unreadable));
    };
    Ok(FacebookToken {
        is_valid: data.is_valid,
        kind: data.kind.filter(|kind| kind.len() <= 20 && kind.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')),
        app_id: data.app_id.and_then(NumericId::parse::<AccountId>).map(String::from),
        app_name: data.application.map(|name| visible(&name).chars().take(LONGEST_NAME).collect()),
        scopes: data.scopes.into_iter().filter(|scope| is_scope(scope)).collect(),
        granular_scopes: data.granular_scopes.into_iter().filter_map(granular_scope).collect(),
        user_id: data.user_id.and_then(NumericId::parse),
        page_id: data.profile_id.and_then(NumericId::parse),
        issued_at: data.issued_at.and_then(time),
        expires_at: data.expires_at.and_then(time),
        never_expires: data.expires_at == Some(0),
        data_access_expires_at: data.data_access_expires_at.and_then(time),
        error: data.error.and_then(|error| Some((error.code?, error.subcode))),
    })
}

fn granular_scope(granted: Granular) -> Option<GranularScope> {
    let targets = granted.target_ids.map(|ids| ids.into_iter().filter_map(NumericId::parse).collect());
    is_scope(&granted.scope).then_some(GranularScope { scope: granted.scope, targets })
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
                "expires_at":0,"data_access_expires_at":1802941200,"scopes":["instagram_basic","pages_show_list"],
                "granular_scopes":[{"scope":"pages_show_list","target_ids":["104",105]},{"scope":"instagram_basic"}],
                "user_id":"10216849123456789","profile_id":104}}"#,
        );
        let page = page.unwrap();
        assert!(page.is_valid && page.never_expires && page.expires_at.is_none());
        assert_eq!((page.kind.as_deref(), page.app_name.as_deref()), (Some("PAGE"), Some("My Shop")));
        assert_eq!(page.issued_at, Some(datetime!(2026-11-20 09:00 UTC)));
        assert_eq!(page.scopes.to_string(), "instagram_basic,pages_show_list");
        let targets = page.targets("pages_show_list").unwrap();
        assert_eq!(targets.iter().map(AccountId::as_str).collect::<Vec<_>>(), ["104", "105"]);
        assert_eq!((page.targets("instagram_basic"), page.targets("pages_read_engagement")), (None, None));
        assert_eq!(page.user_id.as_ref().map(AccountId::as_str), Some("10216849123456789"));
        assert_eq!((page.page_id.as_ref().map(AccountId::as_str), page.failure()), (Some("104"), None));
        let dead = r#"{"data":{"app_id":123,"is_valid":false,"error":{"code":190,"message":"m","subcode":460}}}"#;
        let dead = parsed(200, dead).unwrap();
        assert_eq!(dead.failure().map(|error| error.kind), Some(ProviderErrorKind::PasswordChanged));
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
}
