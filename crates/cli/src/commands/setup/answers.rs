//! Answers from a file, for automation.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use evertoken_core::document::ProviderName;
use evertoken_core::scopes::Scopes;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use serde_json::{Map, Value};
use url::Url;

use super::answers_error::AnswersError;
use super::field::{
    self, APP_ID, APP_SECRET, CONFIG_ID, META_APP_ID, META_APP_SECRET, NAME, PROVIDER, PUBLIC_URL, SCOPES,
};
use super::setup_error::SetupError;
use crate::credentials::offered_logins::OfferedLogins;
use crate::error::{CliError, Result};
use crate::terminal::output;

const KEYS: [&str; 9] =
    [APP_ID, APP_SECRET, META_APP_ID, META_APP_SECRET, PUBLIC_URL, PROVIDER, SCOPES, CONFIG_ID, NAME];

/// Larger than any file of answers.
const MAX_LENGTH: u16 = u16::MAX;

/// What the file contains. Every answer can be missing.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// Of Instagram Login.
    pub(super) app: AppAnswers,
    /// The Meta app's own, for Facebook Login.
    pub(super) meta_app: AppAnswers,
    pub(super) provider: Option<OfferedLogins>,
    /// Empty for none.
    pub(super) config_id: Option<String>,
    pub(super) public_url: Option<Url>,
    pub(super) scopes: Option<Scopes>,
    pub(super) name: Option<String>,
}

/// The ID and the secret of an app.
#[derive(Debug, Default)]
pub(super) struct AppAnswers {
    pub(super) id: Option<String>,
    pub(super) secret: Option<SecretString>,
}

impl AppAnswers {
    fn parse(login: ProviderName, object: &Map<String, Value>) -> Result<Self, AnswersError> {
        let (id, secret) = keys(login);
        let secret = text_of(object, secret)?.map(|text| field::app_secret(login, &text)).transpose()?;
        if let Some((_, Some(remark))) = &secret {
            output::note(remark);
        }
        Ok(Self {
            id: text_of(object, id)?.map(|text| field::app_id(login, &text)).transpose()?,
            secret: secret.map(|(secret, _)| secret),
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.id.is_none() && self.secret.is_none()
    }
}

/// The keys of a login's pair.
pub(super) fn keys(login: ProviderName) -> (&'static str, &'static str) {
    match login {
        ProviderName::Instagram => (APP_ID, APP_SECRET),
        ProviderName::Facebook => (META_APP_ID, META_APP_SECRET),
    }
}

impl Answers {
    pub(super) fn app_of(&self, login: ProviderName) -> &AppAnswers {
        match login {
            ProviderName::Instagram => &self.app,
            ProviderName::Facebook => &self.meta_app,
        }
    }

    /// Reads a JSON file; `-` reads standard input. Warns about a file with the secret that others can read.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let wrong = |reason| CliError::Setup(SetupError::Answers { file: path.to_owned(), reason });
        let (text, exposed) = if path == Path::new("-") {
            let text = read_text(std::io::stdin().lock());
            (text.map_err(|source| CliError::ReadInput { what: "answers", source })?, None)
        } else {
            read_file(path).map_err(|source| CliError::ReadFile { path: path.to_owned(), source })?
        };
        let answers = Self::parse(&text).map_err(wrong)?;
        let has_secret = answers.app.secret.is_some() || answers.meta_app.secret.is_some();
        if let Some(mode) = exposed.filter(|_| has_secret) {
            let file = path.to_string_lossy();
            output::warning(&format!(
                "other users can read {file}, which contains the app secret (mode {mode:03o}). Delete the file, or run \
                 `chmod 600 {}`.",
                shell_words::quote(&file)
            ));
        }
        Ok(answers)
    }

    fn parse(text: &str) -> Result<Self, AnswersError> {
        // Editors on Windows begin a file with this mark. The error of serde_json is dropped because it may quote the secret.
        let text = text.trim_start_matches('\u{feff}');
        let Ok(Value::Object(object)) = serde_json::from_str(text) else { return Err(AnswersError::NotAnObject) };
        if let Some(unknown) = object.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(AnswersError::UnknownKey(unknown.clone()));
        }
        Ok(Self {
            app: AppAnswers::parse(ProviderName::Instagram, &object)?,
            meta_app: AppAnswers::parse(ProviderName::Facebook, &object)?,
            provider: text_of(&object, PROVIDER)?.map(|text| field::provider(&text)).transpose()?,
            config_id: text_of(&object, CONFIG_ID)?.map(|text| field::config_id(&text)).transpose()?,
            public_url: text_of(&object, PUBLIC_URL)?.map(|text| field::public_url(&text)).transpose()?,
            scopes: text_of(&object, SCOPES)?.map(|text| field::scopes(&text)).transpose()?,
            name: text_of(&object, NAME)?.map(|text| field::name(&text)).transpose()?,
        })
    }
}

/// An answer as text. An ID may be a number, and the scopes a list.
fn text_of(object: &Map<String, Value>, key: &'static str) -> Result<Option<String>, AnswersError> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) if [APP_ID, META_APP_ID, CONFIG_ID].contains(&key) => Ok(Some(number.to_string())),
        Some(Value::Array(words)) if key == SCOPES && words.iter().all(Value::is_string) => {
            Ok(Some(words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")))
        }
        Some(_) => Err(AnswersError::NotAString(key)),
    }
}

/// The text, and the mode of the file if others can read it. A pipe has no such mode.
fn read_file(path: &Path) -> std::io::Result<(Zeroizing<String>, Option<u32>)> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    let mode = metadata.mode() & 0o777;
    let exposed = (metadata.is_file() && mode & 0o077 != 0).then_some(mode);
    Ok((read_text(file)?, exposed))
}

fn read_text(source: impl Read) -> std::io::Result<Zeroizing<String>> {
    // Large enough from the start: a text that moves leaves a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(MAX_LENGTH.into()));
    source.take(MAX_LENGTH.into()).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn errors_name_what_is_wrong_and_never_the_secret() {
        let table = [
            ("hunter22", "expected a JSON object"),
            (r#"{"app_id":"1","app_secret":"hunter22","secret":"hunter22"}"#, "unknown key \"secret\""),
            (
                r#"{"app_id":"my app","app_secret":"hunter22"}"#,
                "app_id: it must be the Instagram app ID, which has digits",
            ),
            (r#"{"app_id":"0123456789abcdef0123456789abcdef"}"#, "app_id: this looks like the app secret"),
            (r#"{"app_id":"1","app_secret":["hunter22"]}"#, "\"app_secret\" must be a string"),
            (r#"{"app_secret":"hunter\u001b22"}"#, "app_secret: it contains control characters"),
            (r#"{"public_url":"http://shop.example"}"#, "public_url: it must begin with https://"),
            (r#"{"public_url":8080}"#, "\"public_url\" must be a string"),
            (r#"{"scopes":["a b&c"]}"#, "scopes: they must be lower-case words"),
            (r#"{"scopes":[1]}"#, "\"scopes\" must be a string"),
            (r#"{"name":"a\nb"}"#, "name: it must have at most 60"),
            (r#"{"meta_app_id":"my app","meta_app_secret":"hunter22"}"#, "meta_app_id: it must be the app ID under"),
            (r#"{"meta_app_secret":"hunter\u001b22"}"#, "meta_app_secret: it contains control characters"),
            (r#"{"provider":"google"}"#, "provider: it must be instagram, facebook or both"),
            (r#"{"facebook_config_id":"1&scope=a"}"#, "facebook_config_id: it must be the ID"),
        ];
        for (text, expected) in table {
            let error = Answers::parse(text).unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("hunter22"), "{error}");
        }
    }

    #[test]
    fn reads_every_answer_and_what_editors_add() {
        let text = "\u{feff}{\"app_id\": 1234567890123456, \"app_secret\": \" hunter22\\n\",\r\n\
                    \"scopes\": [\"instagram_business_basic\"], \"name\": \"Café\"}";
        let answers = Answers::parse(text).unwrap();
        assert_eq!(answers.app.id.as_deref(), Some("1234567890123456"));
        assert_eq!(answers.app.secret.unwrap().expose_secret(), "hunter22");
        assert_eq!(answers.scopes.unwrap().to_string(), "instagram_business_basic");
        assert_eq!((answers.name.as_deref(), answers.public_url), (Some("Café"), None));
        let text = r#"{"meta_app_id": 9876543210987654, "meta_app_secret": "hunter22", "provider": "both",
            "facebook_config_id": 1122334455667788}"#;
        let answers = Answers::parse(text).unwrap();
        assert!(answers.app.is_empty() && answers.provider == Some(OfferedLogins::Both));
        assert_eq!(answers.meta_app.id.as_deref(), Some("9876543210987654"));
        assert_eq!(answers.config_id.as_deref(), Some("1122334455667788"));
    }
}
