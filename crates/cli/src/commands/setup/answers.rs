//! Answers from a file, for automation.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use evertoken_core::app::App;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::terminal::output;
use crate::terminal::pasted_input::PastedInput;

/// What a file answers.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) app: App,
    pub(super) public_url: Option<String>,
}

impl Answers {
    /// Reads a JSON file; `-` is standard input.
    pub(super) fn read(file: &Path) -> Result<Self> {
        let mut text = String::new();
        let read = if file == Path::new("-") {
            std::io::stdin().lock().read_to_string(&mut text)
        } else {
            std::fs::read_to_string(file).map(|read| {
                text = read;
                text.len()
            })
        };
        read.with_context(|| format!("the answers {} could not be read", file.display()))?;
        let text = SecretString::from(text);
        Self::parse(text.expose_secret()).with_context(|| format!("the answers {} cannot be used", file.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        // serde_json's own message may quote a value: it ends here.
        let Ok(Value::Object(object)) = serde_json::from_str(text) else { bail!("they are no JSON object") };
        let known = ["app_id", "app_secret", "public_url"];
        if let Some(unknown) = object.keys().find(|key| !known.contains(&key.as_str())) {
            bail!("{unknown:?} is none of {}", known.join(", "));
        }
        let answer = |key: &str| match object.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) if key == "app_id" => Ok(Some(number.to_string())),
            Some(_) => bail!("{key:?} must be a text in quotes"),
        };
        let secret = PastedInput::clean(&answer("app_secret")?.context("\"app_secret\" is missing")?);
        if let Some(remark) = secret.remark("app secret") {
            output::say(&remark);
        }
        let id = PastedInput::clean(&answer("app_id")?.context("\"app_id\" is missing")?);
        Ok(Self { app: App::new(id.expose(), secret.expose(), &[])?, public_url: answer("public_url")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named_and_the_secret_never() {
        let table = [
            ("hunter22", "they are no JSON object"),
            (r#"{"app_id":"1","app_secret":"hunter22","secret":"hunter22"}"#, "\"secret\" is none of"),
            (r#"{"app_id":"1"}"#, "\"app_secret\" is missing"),
            (r#"{"app_id":"my app","app_secret":"hunter22"}"#, "digits only"),
            (r#"{"app_id":"1","app_secret":["hunter22"]}"#, "\"app_secret\" must be a text"),
        ];
        for (text, expected) in table {
            let error = format!("{:#}", Answers::parse(text).unwrap_err());
            assert!(error.contains(expected) && !error.contains("hunter22"), "{error}");
        }
        let answers = Answers::parse("{\"app_id\": 1234567890123456, \"app_secret\": \" hunter22\\n\"}").unwrap();
        assert_eq!((answers.app.id.as_str(), answers.app.secret.expose()), ("1234567890123456", "hunter22"));
    }
}
