//! Answers from a file, for automation.

use std::io::Read;
use std::path::Path;

use evertoken_core::app::App;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::answers_error::AnswersError;
use crate::error::{CliError, Result};
use crate::terminal::output;
use crate::terminal::pasted_input::PastedInput;

const KEYS: [&str; 3] = ["app_id", "app_secret", "public_url"];

#[derive(Debug)]
pub(super) struct Answers {
    pub(super) app: App,
    pub(super) public_url: Option<String>,
}

impl Answers {
    /// Reads a JSON file; `-` reads standard input.
    pub(super) fn read(file: &Path) -> Result<Self> {
        let mut text = String::new();
        if file == Path::new("-") {
            let read = std::io::stdin().lock().read_to_string(&mut text);
            read.map_err(|source| CliError::ReadInput { what: "answers", source })?;
        } else {
            text =
                std::fs::read_to_string(file).map_err(|source| CliError::ReadFile { path: file.to_owned(), source })?;
        }
        let text = SecretString::from(text);
        Self::parse(text.expose_secret()).map_err(|reason| CliError::Answers { file: file.to_owned(), reason })
    }

    fn parse(text: &str) -> Result<Self, AnswersError> {
        // The error of serde_json is dropped because it may quote the secret.
        let Ok(Value::Object(object)) = serde_json::from_str(text) else { return Err(AnswersError::NotAnObject) };
        if let Some(unknown) = object.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(AnswersError::UnknownKey(unknown.clone()));
        }
        let answer = |key: &'static str| match object.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) if key == "app_id" => Ok(Some(number.to_string())),
            Some(_) => Err(AnswersError::NotAString(key)),
        };
        let required = |key: &'static str| answer(key)?.ok_or(AnswersError::Missing(key));
        let secret = PastedInput::clean(&required("app_secret")?);
        if let Some(remark) = secret.remark("app secret") {
            output::note(&remark);
        }
        let id = PastedInput::clean(&required("app_id")?);
        Ok(Self { app: App::new(id.expose(), secret.expose(), &[])?, public_url: answer("public_url")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_what_is_wrong_and_never_the_secret() {
        let table = [
            ("hunter22", "expected a JSON object"),
            (r#"{"app_id":"1","app_secret":"hunter22","secret":"hunter22"}"#, "unknown key \"secret\""),
            (r#"{"app_id":"1"}"#, "\"app_secret\" is missing"),
            (r#"{"app_id":"my app","app_secret":"hunter22"}"#, "digits only"),
            (r#"{"app_id":"1","app_secret":["hunter22"]}"#, "\"app_secret\" must be a string"),
        ];
        for (text, expected) in table {
            let error = Answers::parse(text).unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("hunter22"), "{error}");
        }
        let answers = Answers::parse("{\"app_id\": 1234567890123456, \"app_secret\": \" hunter22\\n\"}").unwrap();
        assert_eq!((answers.app.id.as_str(), answers.app.secret.expose()), ("1234567890123456", "hunter22"));
    }
}
