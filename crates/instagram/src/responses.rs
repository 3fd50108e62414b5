//! Successful responses. Meta's documentation and servers disagree on several of them, so every known form is accepted.

use evertoken_core::provider::Profile;
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_core::scopes::Scopes;
use evertoken_core::secrets::AccessToken;
use evertoken_core::token::{LongLivedToken, ShortLivedToken};
use evertoken_core::visible_text::visible;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use time::Duration;

use crate::error_responses::find_error;
use crate::numeric_id::NumericId;
use crate::transport::HttpResponse;

/// The documentation wraps the object in an array named `data`. Servers also send it without the wrapper (Meta, "Business
/// Login for Instagram"; `chatwoot/chatwoot`, `gitroomhq/postiz-app`).
#[derive(Deserialize)]
#[serde(untagged)]
enum Envelope<T> {
    Wrapped { data: [T; 1] },
    Bare(T),
}

impl<T> Envelope<T> {
    fn into_inner(self) -> T {
        match self {
            Self::Wrapped { data: [inner] } | Self::Bare(inner) => inner,
        }
    }
}

/// Granted permissions: an array from the servers, a comma-separated string in the documentation.
#[derive(Deserialize)]
#[serde(untagged)]
enum Permissions {
    List(Vec<String>),
    Text(String),
}

#[derive(Deserialize)]
struct CodeExchange {
    access_token: AccessToken,
    /// Absent means unknown, not none.
    permissions: Option<Permissions>,
}

#[derive(Deserialize)]
struct TokenGrant {
    access_token: AccessToken,
    token_type: Option<String>,
    #[serde(default)]
    expires_in: Option<serde_json::Value>,
}

impl TokenGrant {
    /// The token's lifetime, if the response has a plausible one. The limit is ten years: no token lives longer, and a
    /// larger value could overflow a date.
    fn lifetime(&self) -> Option<Duration> {
        let seconds = self.expires_in.as_ref()?.as_i64()?;
        (1..=315_360_000).contains(&seconds).then(|| Duration::seconds(seconds))
    }
}

#[derive(Deserialize)]
struct Me {
    id: NumericId,
    user_id: NumericId,
    username: String,
    account_type: Option<String>,
}

fn parse<T: DeserializeOwned>(response: &HttpResponse) -> Result<T, ProviderError> {
    if let Some(error) = find_error(response) {
        return Err(error);
    }
    // Dropped, because serde_json's message may quote the response, including a token.
    serde_json::from_slice::<Envelope<T>>(&response.body).map(Envelope::into_inner).map_err(|_| unreadable())
}

fn unreadable() -> ProviderError {
    ProviderError::new(ProviderErrorKind::Unreadable)
}

fn not_empty(token: AccessToken) -> Result<AccessToken, ProviderError> {
    if token.is_empty() { Err(unreadable()) } else { Ok(token) }
}

/// Parses the response to a code exchange. It has neither `token_type` nor `expires_in`, contrary to RFC 6749
/// (`nextauthjs/next-auth#8868`).
pub(crate) fn short_lived_token(response: &HttpResponse) -> Result<ShortLivedToken, ProviderError> {
    let exchange: CodeExchange = parse(response)?;
    let granted = exchange.permissions.map(|permissions| match permissions {
        Permissions::List(list) => list.into_iter().collect(),
        Permissions::Text(text) => text.split(',').map(|scope| scope.trim().to_owned()).collect::<Scopes>(),
    });
    Ok(ShortLivedToken { token: not_empty(exchange.access_token)?, granted })
}

/// Parses the response to a long-lived exchange. A response without a lifetime is an error: nothing is stored yet, so the
/// person can start the login again.
pub(crate) fn extended_token(response: &HttpResponse) -> Result<LongLivedToken, ProviderError> {
    let token = refreshed_token(response)?;
    if token.expires_in.is_zero() { Err(unreadable()) } else { Ok(token) }
}

/// Parses the response to a refresh. A token without a plausible lifetime is accepted, because the old token may no
/// longer work.
pub(crate) fn refreshed_token(response: &HttpResponse) -> Result<LongLivedToken, ProviderError> {
    let grant: TokenGrant = parse(response)?;
    Ok(LongLivedToken {
        expires_in: grant.lifetime().unwrap_or_default(),
        token: not_empty(grant.access_token)?,
        token_type: grant.token_type.unwrap_or_else(|| "bearer".to_owned()),
    })
}

/// Parses the response of `/me`.
pub(crate) fn profile(response: &HttpResponse) -> Result<Profile, ProviderError> {
    let me: Me = parse(response)?;
    Ok(Profile {
        account_id: me.user_id.parse().ok_or_else(unreadable)?,
        app_scoped_id: me.id.parse().ok_or_else(unreadable)?,
        username: visible(&me.username).into_owned(),
        // `Business` in the documentation, `BUSINESS` from the servers.
        account_type: visible(&me.account_type.unwrap_or_default()).to_uppercase(),
    })
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;

    use super::*;

    fn ok(body: &str) -> HttpResponse {
        HttpResponse { status: StatusCode::OK, headers: HeaderMap::new(), body: body.as_bytes().to_vec().into() }
    }

    #[test]
    fn parses_every_known_form_of_a_code_exchange() {
        let table = [
            (r#"{"access_token":"T","user_id":28978671838402975,"permissions":["a","b"]}"#, Some("a,b")),
            (r#"{"data":[{"access_token":"T","user_id":"28978671838402975","permissions":"a, b"}]}"#, Some("a,b")),
            (r#"{"access_token":"T","user_id":1}"#, None),
            (r#"{"access_token":"T","user_id":1,"permissions":[]}"#, Some("")),
        ];
        for (body, granted) in table {
            let exchanged = short_lived_token(&ok(body)).unwrap();
            assert_eq!(exchanged.token.expose(), "T");
            assert_eq!(exchanged.granted.map(|scopes| scopes.to_string()).as_deref(), granted, "{body}");
        }
    }

    #[test]
    fn keeps_every_digit_of_an_id() {
        let bodies = [
            r#"{"id":"28978671838402975","user_id":"17841405793187218","username":"u","account_type":"Business"}"#,
            r#"{"data":[{"id":28978671838402975,"user_id":17841405793187218,"username":"u","account_type":"BUSINESS"}]}"#,
        ];
        for body in bodies {
            let profile = profile(&ok(body)).unwrap();
            assert_eq!(profile.app_scoped_id.as_str(), "28978671838402975");
            assert_eq!(profile.account_id.as_str(), "17841405793187218");
            assert_eq!(profile.account_type, "BUSINESS");
        }
    }

    #[test]
    fn reports_a_malformed_response_as_unreadable() {
        let bodies = [
            "",
            "<html>",
            "[]",
            r#"{"data":[]}"#,
            r#"{"access_token":"T"}"#,
            r#"{"access_token":"","expires_in":5184000}"#,
            r#"{"access_token":"T","expires_in":0}"#,
            r#"{"access_token":"T","expires_in":9223372036854775807}"#,
        ];
        for body in bodies {
            assert_eq!(extended_token(&ok(body)).unwrap_err().kind, ProviderErrorKind::Unreadable, "{body}");
        }
    }

    #[test]
    fn accepts_a_renewed_token_with_an_implausible_lifetime() {
        let table = [
            ("5184000", 5_184_000),
            ("31536000", 31_536_000),
            ("0", 0),
            ("-1", 0),
            ("null", 0),
            (r#""soon""#, 0),
            ("1e400", 0),
            ("9223372036854775807", 0),
        ];
        for (expires_in, seconds) in table {
            let refreshed = refreshed_token(&ok(&format!(r#"{{"access_token":"T","expires_in":{expires_in}}}"#)));
            if expires_in == "1e400" {
                assert!(refreshed.is_err(), "not a JSON number");
                continue;
            }
            assert_eq!(refreshed.unwrap().expires_in, Duration::seconds(seconds), "{expires_in}");
        }
        let bare = refreshed_token(&ok(r#"{"access_token":"T"}"#)).unwrap();
        assert_eq!((bare.token.expose(), bare.expires_in), ("T", Duration::ZERO));
    }
}
