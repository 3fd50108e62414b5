//! The answers' shapes. Meta's documents and its servers disagree on several, so each accepts what was seen anywhere.

use evertoken_core::account::AccountId;
use evertoken_core::provider::Profile;
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_core::scopes::Scopes;
use evertoken_core::secrets::AccessToken;
use evertoken_core::token::{LongLivedToken, ShortLivedToken};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use time::Duration;

use crate::http::Answer;
use crate::refusals;

/// The documented form wraps the object in an array `data`; servers were seen to send it bare (Meta, "Business Login for
/// Instagram"; `chatwoot/chatwoot`, `gitroomhq/postiz-app`).
#[derive(Deserialize)]
#[serde(untagged)]
enum Wrapped<T> {
    InData { data: [T; 1] },
    Bare(T),
}

impl<T> Wrapped<T> {
    fn into_inner(self) -> T {
        match self {
            Self::InData { data: [inner] } | Self::Bare(inner) => inner,
        }
    }
}

/// An id: a JSON integer above 2^53 from one endpoint, a string from another (`fbsamples/threads_api#9`).
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(u64),
}

impl Id {
    fn parse(self) -> Option<AccountId> {
        match self {
            Self::Text(text) => text.parse().ok(),
            Self::Number(number) => number.to_string().parse().ok(),
        }
    }
}

/// Granted permissions: an array from the servers, a comma-separated text in the documents.
#[derive(Deserialize)]
#[serde(untagged)]
enum Permissions {
    List(Vec<String>),
    Text(String),
}

#[derive(Deserialize)]
struct CodeExchange {
    access_token: String,
    /// Absent means unknown, not none.
    permissions: Option<Permissions>,
}

#[derive(Deserialize)]
struct TokenGrant {
    access_token: String,
    token_type: Option<String>,
    #[serde(default)]
    expires_in: Option<serde_json::Value>,
}

impl TokenGrant {
    /// How long the token lives, if that is said and believable. Ten years: anything beyond is no lifetime of a token,
    /// and would overflow a date in the end.
    fn lifetime(&self) -> Option<Duration> {
        let seconds = self.expires_in.as_ref()?.as_i64()?;
        (1..=315_360_000).contains(&seconds).then(|| Duration::seconds(seconds))
    }
}

#[derive(Deserialize)]
struct Me {
    id: Id,
    user_id: Id,
    username: String,
    account_type: Option<String>,
}

/// A refusal if it is one, else the answer.
fn parse<T: DeserializeOwned>(answer: &Answer) -> Result<T, ProviderError> {
    if let Some(failure) = refusals::in_answer(answer) {
        return Err(failure);
    }
    // serde_json's message may quote the answer, a token included: it ends here.
    serde_json::from_slice::<Wrapped<T>>(&answer.body).map(Wrapped::into_inner).map_err(|_| unreadable())
}

fn unreadable() -> ProviderError {
    ProviderError::new(ProviderErrorKind::Unreadable)
}

fn token(text: &str) -> Result<AccessToken, ProviderError> {
    let token = AccessToken::new(text);
    if token.is_empty() { Err(unreadable()) } else { Ok(token) }
}

/// The answer to a code: no `token_type` and no `expires_in`, unlike RFC 6749 (`nextauthjs/next-auth#8868`).
pub(crate) fn short_lived(answer: &Answer) -> Result<ShortLivedToken, ProviderError> {
    let answer: CodeExchange = parse(answer)?;
    let granted = answer.permissions.map(|permissions| match permissions {
        Permissions::List(list) => list.into_iter().collect(),
        Permissions::Text(text) => text.split(',').map(|scope| scope.trim().to_owned()).collect::<Scopes>(),
    });
    Ok(ShortLivedToken { token: token(&answer.access_token)?, granted })
}

/// A token that was made long-lived. Without its lifetime the login starts again: nothing is lost yet.
pub(crate) fn extended(answer: &Answer) -> Result<LongLivedToken, ProviderError> {
    let granted = refreshed(answer)?;
    if granted.expires_in.is_zero() { Err(unreadable()) } else { Ok(granted) }
}

/// A token that was renewed. One whose lifetime is missing or nonsense is kept all the same: the old one may be dead.
pub(crate) fn refreshed(answer: &Answer) -> Result<LongLivedToken, ProviderError> {
    let answer: TokenGrant = parse(answer)?;
    Ok(LongLivedToken {
        token: token(&answer.access_token)?,
        expires_in: answer.lifetime().unwrap_or_default(),
        token_type: answer.token_type.unwrap_or_else(|| "bearer".to_owned()),
    })
}

/// The answer to `/me`.
pub(crate) fn profile(answer: &Answer) -> Result<Profile, ProviderError> {
    let me: Me = parse(answer)?;
    Ok(Profile {
        account_id: me.user_id.parse().ok_or_else(unreadable)?,
        app_scoped_id: me.id.parse().ok_or_else(unreadable)?,
        username: me.username,
        // Documented as `Business`, sent as `BUSINESS`.
        account_type: me.account_type.unwrap_or_default().to_uppercase(),
    })
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;

    use super::*;

    fn ok(body: &str) -> Answer {
        Answer { status: StatusCode::OK, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn a_code_exchange_is_understood_in_every_shape_that_was_seen() {
        let table = [
            (r#"{"access_token":"T","user_id":28978671838402975,"permissions":["a","b"]}"#, Some("a,b")),
            (r#"{"data":[{"access_token":"T","user_id":"28978671838402975","permissions":"a, b"}]}"#, Some("a,b")),
            (r#"{"access_token":"T","user_id":1}"#, None),
            (r#"{"access_token":"T","user_id":1,"permissions":[]}"#, Some("")),
        ];
        for (body, granted) in table {
            let answer = short_lived(&ok(body)).unwrap();
            assert_eq!(answer.token.expose(), "T");
            assert_eq!(answer.granted.map(|scopes| scopes.to_string()).as_deref(), granted, "{body}");
        }
    }

    #[test]
    fn ids_are_kept_to_the_last_digit() {
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
    fn nonsense_is_unreadable_and_not_believed() {
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
            assert_eq!(extended(&ok(body)).unwrap_err().kind, ProviderErrorKind::Unreadable, "{body}");
        }
    }

    #[test]
    fn a_renewed_token_is_kept_whatever_is_said_of_its_lifetime() {
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
            let answer = refreshed(&ok(&format!(r#"{{"access_token":"T","expires_in":{expires_in}}}"#)));
            if expires_in == "1e400" {
                assert!(answer.is_err(), "no JSON number");
                continue;
            }
            assert_eq!(answer.unwrap().expires_in, Duration::seconds(seconds), "{expires_in}");
        }
        let bare = refreshed(&ok(r#"{"access_token":"T"}"#)).unwrap();
        assert_eq!((bare.token.expose(), bare.expires_in), ("T", Duration::ZERO));
    }
}
