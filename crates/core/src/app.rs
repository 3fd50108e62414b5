//! The Meta app's credentials.

use std::borrow::Cow;
use std::fmt;

use secrecy::zeroize::Zeroizing;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use time::OffsetDateTime;

use crate::document::ProviderName;
use crate::secrets::{AppSecret, deserialize_text};

/// The id and secret of the app that people log in to: Meta's dashboard calls them "Instagram app ID" and
/// "Instagram app secret" (not the pair under Settings > Basic).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// The Instagram app ID: digits.
    pub id: String,
    /// The current secret.
    pub secret: AppSecret,
    /// Earlier secrets, newest first. Signatures made with them are accepted until the secrets end.
    pub previous_secrets: Vec<PreviousSecret>,
    /// The Meta app's own id and secret, for Facebook Login.
    meta: Option<MetaApp>,
    /// The fields that had whitespace around them, such as `app_secret`, usually from pasting.
    trimmed: Vec<&'static str>,
}

/// The Meta app's own id and secret: the pair under App settings > Basic in Meta's dashboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaApp {
    /// The app ID: digits.
    pub id: String,
    /// The app secret.
    pub secret: AppSecret,
}

/// An earlier secret of the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousSecret {
    /// The secret.
    pub secret: AppSecret,
    /// When it is no longer accepted; `None` if the operator removes it.
    pub until: Option<OffsetDateTime>,
}

impl PreviousSecret {
    fn is_valid(&self, now: OffsetDateTime) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// The text does not contain an app's credentials. Never quotes the text.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidApp {
    /// The secret does not exist or has no value.
    #[error(r#"the secret does not exist or is empty; store {{"app_id":"...","app_secret":"..."}} in it"#)]
    Absent,
    /// Id and secret are both missing or placeholders.
    #[error("it is not filled in; paste the Instagram app ID and the Instagram app secret from Meta's dashboard")]
    Unfilled,
    /// Not `{"app_id","app_secret","previous_app_secrets":[]}`.
    #[error(r#"expected a JSON object with "app_id", "app_secret" and, optionally, "previous_app_secrets""#)]
    Shape,
    /// The id is missing or not a number.
    #[error(r#""app_id" must be the Instagram app ID, which has digits only"#)]
    Id,
    /// Facebook Login is used, and its pair is not filled in.
    #[error(r#""meta_app_id" and "meta_app_secret" are not filled in; paste the app ID and the app secret from App settings > Basic in Meta's dashboard"#)]
    MetaUnfilled,
    /// The Meta app's id is missing or not a number.
    #[error(r#""meta_app_id" must be the app ID under App settings > Basic, which has digits only"#)]
    MetaId,
    /// The Meta app's secret is missing or a placeholder.
    #[error(r#""meta_app_secret" is empty or a placeholder; paste the app secret from App settings > Basic in Meta's dashboard"#)]
    MetaSecret,
    /// The secret is missing or a placeholder.
    #[error(r#""app_secret" is empty or a placeholder; paste the Instagram app secret from Meta's dashboard"#)]
    Secret,
}

#[derive(Deserialize)]
struct Fields {
    app_id: Option<String>,
    app_secret: Option<SecretField>,
    meta_app_id: Option<String>,
    meta_app_secret: Option<SecretField>,
    #[serde(default)]
    previous_app_secrets: Vec<PreviousField>,
}

#[derive(Deserialize)]
struct SecretField(#[serde(deserialize_with = "deserialize_text")] Zeroizing<String>);

/// `"secret"` or `{"secret","until"}`.
struct PreviousField {
    secret: Zeroizing<String>,
    until: Option<OffsetDateTime>,
}

impl<'de> Deserialize<'de> for PreviousField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // An untagged enum would copy the secret.
        deserializer.deserialize_any(PreviousFieldVisitor)
    }
}

struct PreviousFieldVisitor;

impl<'de> Visitor<'de> for PreviousFieldVisitor {
    type Value = PreviousField;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret, or an object with secret and until")
    }

    fn visit_str<E: Error>(self, secret: &str) -> Result<PreviousField, E> {
        Ok(PreviousField { secret: Zeroizing::new(secret.to_owned()), until: None })
    }

    fn visit_string<E: Error>(self, secret: String) -> Result<PreviousField, E> {
        Ok(PreviousField { secret: Zeroizing::new(secret), until: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PreviousField, A::Error> {
        #[derive(Deserialize)]
        struct Object {
            #[serde(deserialize_with = "deserialize_text")]
            secret: Zeroizing<String>,
            #[serde(default, with = "time::serde::rfc3339::option")]
            until: Option<OffsetDateTime>,
        }
        let Object { secret, until } = Object::deserialize(MapAccessDeserializer::new(map))?;
        Ok(PreviousField { secret, until })
    }
}

impl App {
    /// Creates credentials from their parts. Whitespace around each part is removed. The previous secrets have no end.
    pub fn new(id: &str, secret: &str, previous_secrets: &[String]) -> Result<Self, InvalidApp> {
        let previous =
            previous_secrets.iter().map(|secret| PreviousField { secret: secret.clone().into(), until: None });
        Self::with_previous(id, secret, &previous.collect::<Vec<_>>())
    }

    fn with_previous(id: &str, secret: &str, previous_secrets: &[PreviousField]) -> Result<Self, InvalidApp> {
        let parts = [("app_id", id), ("app_secret", secret)].into_iter();
        let parts =
            parts.chain(previous_secrets.iter().map(|previous| ("previous_app_secrets", previous.secret.as_str())));
        let trimmed = parts.filter(|(_, text)| text.trim() != *text).map(|(name, _)| name).collect();
        let id = id.trim().to_owned();
        let secret = AppSecret::new(secret);
        match (is_placeholder(&id), is_placeholder(secret.expose())) {
            (true, true) => return Err(InvalidApp::Unfilled),
            (true, false) => return Err(InvalidApp::Id),
            (false, true) => return Err(InvalidApp::Secret),
            (false, false) => {}
        }
        if !id.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidApp::Id);
        }
        Ok(Self { id, secret, previous_secrets: previous(previous_secrets), meta: None, trimmed })
    }

    /// The credentials for a login: the app itself for Instagram Login, and the Meta app's own pair for Facebook Login.
    pub fn of(&self, provider: ProviderName) -> Result<Cow<'_, Self>, InvalidApp> {
        match (provider, &self.meta) {
            (ProviderName::Instagram, _) if self.id.is_empty() => Err(InvalidApp::Unfilled),
            (ProviderName::Instagram, _) => Ok(Cow::Borrowed(self)),
            (ProviderName::Facebook, None) => Err(InvalidApp::MetaUnfilled),
            (ProviderName::Facebook, Some(meta)) => Ok(Cow::Owned(Self {
                id: meta.id.clone(),
                secret: meta.secret.clone(),
                previous_secrets: self.previous_secrets.clone(),
                meta: None,
                trimmed: Vec::new(),
            })),
        }
    }

    /// The same app with the Meta app's own pair. Whitespace around each part is removed.
    pub fn with_meta(self, id: &str, secret: &str) -> Result<Self, InvalidApp> {
        let meta = MetaApp { id: id.trim().to_owned(), secret: AppSecret::new(secret) };
        if is_placeholder(&meta.id) || !meta.id.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidApp::MetaId);
        }
        if is_placeholder(meta.secret.expose()) {
            return Err(InvalidApp::MetaSecret);
        }
        Ok(Self { meta: Some(meta), ..self })
    }

    /// The Meta app's own id and secret, if they are stored.
    pub fn meta(&self) -> Option<&MetaApp> {
        self.meta.as_ref()
    }

    /// The current secret, then the earlier ones that are still accepted.
    pub fn accepted_secrets(&self, now: OffsetDateTime) -> impl Iterator<Item = &AppSecret> {
        let previous = self.previous_secrets.iter().filter(move |previous| previous.is_valid(now));
        std::iter::once(&self.secret).chain(previous.map(|previous| &previous.secret))
    }

    /// The app with its current secret, then with each earlier secret that is still accepted in its place.
    pub fn with_each_secret(&self, now: OffsetDateTime) -> impl Iterator<Item = App> {
        let all: Vec<_> = self.accepted_secrets(now).cloned().collect();
        let others = move |at: usize, all: &[AppSecret]| {
            let others = all.iter().enumerate().filter(|(place, _)| *place != at);
            others.map(|(_, secret)| PreviousSecret { secret: secret.clone(), until: None }).collect()
        };
        let id = self.id.clone();
        all.clone().into_iter().enumerate().map(move |(at, secret)| Self {
            id: id.clone(),
            secret,
            previous_secrets: others(at, &all),
            meta: None,
            trimmed: Vec::new(),
        })
    }

    /// Logs a warning if whitespace was removed. `secret` names the source of the credentials.
    pub fn report_white_space(&self, secret: &str) {
        if !self.trimmed.is_empty() {
            let parts = self.trimmed.join(", ");
            tracing::warn!(
                secret,
                parts,
                "removed whitespace around the app's credentials; remove it at the source too"
            );
        }
    }

    /// Every secret that may sign Meta's callbacks: those of Instagram Login, and the Meta app's own.
    pub fn signing_secrets(&self, now: OffsetDateTime) -> impl Iterator<Item = &AppSecret> {
        self.accepted_secrets(now)
            .chain(self.meta.as_ref().map(|meta| &meta.secret))
            .filter(|secret| !secret.is_empty())
    }

    /// Reads the app secret's JSON: `{"app_id","app_secret","previous_app_secrets":[]}`, and for Facebook Login also
    /// `"meta_app_id"` and `"meta_app_secret"`. One of the two pairs is enough. A previous secret is a text, or
    /// `{"secret","until"}` with a time in RFC 3339.
    pub fn parse(json: &str) -> Result<Self, InvalidApp> {
        if json.trim().is_empty() {
            return Err(InvalidApp::Unfilled);
        }
        // serde_json's message quotes the value, so it is dropped.
        let fields: Fields = serde_json::from_str(json).map_err(|_| InvalidApp::Shape)?;
        let text = |secret: &Option<SecretField>| secret.as_ref().map(|SecretField(text)| text.clone());
        let (id, secret) = (fields.app_id.unwrap_or_default(), text(&fields.app_secret).unwrap_or_default());
        let (meta_id, meta_secret) =
            (fields.meta_app_id.unwrap_or_default(), text(&fields.meta_app_secret).unwrap_or_default());
        if is_placeholder(&meta_id) && is_placeholder(&meta_secret) {
            return match (fields.app_secret, id.is_empty()) {
                (None, true) => Err(InvalidApp::Shape),
                _ => Self::with_previous(&id, &secret, &fields.previous_app_secrets),
            };
        }
        let app = match Self::with_previous(&id, &secret, &fields.previous_app_secrets) {
            // Only Facebook Login is used.
            Err(InvalidApp::Unfilled) => Self {
                id: String::new(),
                secret: AppSecret::new(""),
                previous_secrets: previous(&fields.previous_app_secrets),
                meta: None,
                trimmed: Vec::new(),
            },
            app => app?,
        };
        app.with_meta(&meta_id, &meta_secret)
    }
}

fn previous(fields: &[PreviousField]) -> Vec<PreviousSecret> {
    let secrets =
        fields.iter().map(|field| PreviousSecret { secret: AppSecret::new(&*field.secret), until: field.until });
    secrets.filter(|previous| !previous.secret.is_empty()).collect()
}

/// Whether the text is empty or a placeholder such as `...`, `<your app secret>` or `REPLACE_ME`. Meta's ids are decimal
/// and its secrets hexadecimal, so neither looks like a placeholder.
fn is_placeholder(text: &str) -> bool {
    const WORDS: [&str; 6] = ["replaceme", "changeme", "placeholder", "fillin", "your", "todo"];
    // Large enough from the start: a text that moves leaves a copy behind.
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    plain.extend(text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()));
    let crossed_out = plain.len() >= 3 && plain.bytes().all(|byte| byte == b'x');
    plain.is_empty() || crossed_out || WORDS.iter().any(|word| plain.contains(word))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn errors_name_the_problem_and_never_quote_the_value() {
        let cases = [
            ("hunter2", InvalidApp::Shape),
            (r#"{"app_id":"","app_secret":"hunter2"}"#, InvalidApp::Id),
            (r#"{"app_id":"my app","app_secret":"hunter2"}"#, InvalidApp::Id),
            (r#"{"app_id":"...","app_secret":"hunter2"}"#, InvalidApp::Id),
            (r#"{"app_id":"1","app_secret":" "}"#, InvalidApp::Secret),
            (r#"{"app_id":"1","app_secret":"REPLACE-ME"}"#, InvalidApp::Secret),
            (r#"{"app_id":"1","app_secret":"<your app secret>"}"#, InvalidApp::Secret),
            (r#"{"app_id":"1","app_secret":"XXXXXXXX"}"#, InvalidApp::Secret),
            (r#"{"app_id":"","app_secret":"","previous_app_secrets":[]}"#, InvalidApp::Unfilled),
            (r#"{"app_id":"<app id>...","app_secret":"CHANGE_ME"}"#, InvalidApp::Secret),
            (r#"{"app_id":"TODO","app_secret":"TODO"}"#, InvalidApp::Unfilled),
            ("", InvalidApp::Unfilled),
        ];
        for (json, expected) in cases {
            let error = App::parse(json).unwrap_err();
            assert!(!error.to_string().contains("hunter2"));
            assert_eq!(error, expected);
        }
    }

    #[test]
    fn removes_white_space_around_a_pasted_secret() {
        let app = App::parse("{\"app_id\":\" 12 \",\"app_secret\":\"s3cret\\r\\n\"}").unwrap();
        assert_eq!((app.id.as_str(), app.secret.expose()), ("12", "s3cret"));
        assert_eq!(app.trimmed, ["app_id", "app_secret"]);
    }

    #[test]
    fn yields_the_current_secret_first_and_then_each_earlier_one() {
        let app = App::new("1", "new", &["old".to_owned(), "older".to_owned()]).unwrap();
        assert_eq!(secrets(&app, NOW), ["new", "old", "older"]);
    }

    const NOW: OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

    fn secrets(app: &App, now: OffsetDateTime) -> Vec<String> {
        app.with_each_secret(now).map(|app| app.secret.expose().to_owned()).collect()
    }

    #[test]
    fn a_previous_secret_ends() {
        let json = r#"{"app_id":"1","app_secret":"new","previous_app_secrets":
            [{"secret":"old","until":"2026-11-22T05:00:00Z"},"older",{"secret":"oldest"}]}"#;
        let app = App::parse(json).unwrap();
        assert_eq!(secrets(&app, NOW - time::Duration::SECOND), ["new", "old", "older", "oldest"]);
        assert_eq!(secrets(&app, NOW), ["new", "older", "oldest"]);
        let unclear = json.replace("2026-11-22T05:00:00Z", "soon");
        assert_eq!(App::parse(&unclear), Err(InvalidApp::Shape));
    }
}
