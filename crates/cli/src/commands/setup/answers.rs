//! Answers from a file, for automation.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use evertoken_core::scopes::Scopes;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use serde_json::{Map, Value};
use url::Url;

use super::answers_error::AnswersError;
use super::field::{self, APP_ID, APP_SECRET, NAME, PUBLIC_URL, SCOPES};
use super::setup_error::SetupError;
use crate::error::{CliError, Result};
use crate::terminal::output;

const KEYS: [&str; 5] = [APP_ID, APP_SECRET, PUBLIC_URL, SCOPES, NAME];

/// Larger than any file of answers.
const MAX_LENGTH: u16 = u16::MAX;

/// What the file contains. Every answer can be missing.
#[derive(Debug, Default)]
pub(super) struct Answers {
    pub(super) app_id: Option<String>,
    pub(super) app_secret: Option<SecretString>,
    pub(super) public_url: Option<Url>,
    pub(super) scopes: Option<Scopes>,
    pub(super) name: Option<String>,
}

impl Answers {
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
        if let (Some(mode), Some(_)) = (exposed, &answers.app_secret) {
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
        let secret = text_of(&object, APP_SECRET)?.map(|text| field::app_secret(&text)).transpose()?;
        if let Some((_, Some(remark))) = &secret {
            output::note(remark);
        }
        Ok(Self {
            app_id: text_of(&object, APP_ID)?.map(|text| field::app_id(&text)).transpose()?,
            app_secret: secret.map(|(secret, _)| secret),
            public_url: text_of(&object, PUBLIC_URL)?.map(|text| field::public_url(&text)).transpose()?,
            scopes: text_of(&object, SCOPES)?.map(|text| field::scopes(&text)).transpose()?,
            name: text_of(&object, NAME)?.map(|text| field::name(&text)).transpose()?,
        })
    }
}

/// An answer as text. The ID may be a number, and the scopes a list.
fn text_of(object: &Map<String, Value>, key: &'static str) -> Result<Option<String>, AnswersError> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) if key == APP_ID => Ok(Some(number.to_string())),
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
        assert_eq!(answers.app_id.as_deref(), Some("1234567890123456"));
        assert_eq!(answers.app_secret.unwrap().expose_secret(), "hunter22");
        assert_eq!(answers.scopes.unwrap().to_string(), "instagram_business_basic");
        assert_eq!((answers.name.as_deref(), answers.public_url), (Some("Café"), None));
    }
}
