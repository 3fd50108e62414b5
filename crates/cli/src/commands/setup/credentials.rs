//! An id and a secret: checked, then stored, the secret before them kept.

use anyhow::{Result, bail};
use evertoken_core::app::App;
use evertoken_core::provider::Provider;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::credentials::app_check::{self, Verdict};
use crate::credentials::app_store::AppStore;

/// How many earlier secrets are kept: logins and receipts of some weeks ago are what they are for.
const KEPT: usize = 4;

/// What became of the pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stored {
    /// It was there already.
    Unchanged,
    /// It is the first one.
    #[serde(rename = "stored")]
    First,
    /// Another one was there; its secret is among the previous ones now.
    Replaced,
}

impl Stored {
    pub(super) fn words(self, place: &str) -> String {
        match self {
            Self::Unchanged => format!("Both stand in {place} already."),
            Self::First => format!("Stored in {place}."),
            Self::Replaced => format!("Stored in {place}; the secret before it stays good as a previous one."),
        }
    }
}

/// What Instagram had to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Checked {
    /// No fault was found.
    Accepted,
    /// No fault with the pair; the redirect URI is not registered yet.
    RedirectUriUnknown,
    /// It could not be asked.
    NotTold(&'static str),
}

impl Checked {
    pub(super) fn words(&self) -> String {
        match self {
            Self::Accepted => format!("Checked: {}.", app_check::ACCEPTED),
            Self::RedirectUriUnknown => {
                "Checked: Instagram finds no fault with the id and secret, and does not know the redirect URI yet."
                    .to_owned()
            }
            Self::NotTold(why) => {
                format!("Not checked: {why} The first login shows whether the id and secret are right.")
            }
        }
    }
}

/// Checks the pair with Instagram and stores it; one that Instagram refuses is not stored.
pub(super) async fn accept(
    provider: &impl Provider,
    store: &AppStore,
    public_url: &Url,
    app: &App,
) -> Result<(Stored, Checked)> {
    let checked = match app_check::ask(provider, app, public_url).await {
        Verdict::Accepted => Checked::Accepted,
        Verdict::UnknownRedirect(_) => Checked::RedirectUriUnknown,
        Verdict::NotTold(failure) => Checked::NotTold(failure.kind.cause()),
        Verdict::Refused(failure) => bail!("nothing was stored. {}", failure.message()),
    };
    let present = store.read().await?;
    let (text, stored) = next(present.as_ref().map(SecretString::expose_secret), app);
    if stored != Stored::Unchanged {
        store.write(&text).await?;
    }
    Ok((stored, checked))
}

/// What is to be stored over what is there. Keys that are not ours stay.
fn next(present: Option<&str>, app: &App) -> (SecretString, Stored) {
    let mut object = match present.map(serde_json::from_str) {
        Some(Ok(Value::Object(object))) => object,
        _ => Map::new(),
    };
    let before = present.and_then(|text| App::parse(text).ok());
    let stored = match &before {
        None => Stored::First,
        Some(before) if before.id == app.id && before.secret == app.secret => Stored::Unchanged,
        Some(_) => Stored::Replaced,
    };
    let mut previous: Vec<String> = Vec::new();
    for secret in before.iter().flat_map(|before| std::iter::once(&before.secret).chain(&before.previous_secrets)) {
        let secret = secret.expose().to_owned();
        if secret != app.secret.expose() && !previous.contains(&secret) {
            previous.push(secret);
        }
    }
    previous.truncate(KEPT);
    object.insert("app_id".to_owned(), json!(app.id));
    object.insert("app_secret".to_owned(), json!(app.secret.expose()));
    object.insert("previous_app_secrets".to_owned(), json!(previous));
    (SecretString::from(Value::Object(object).to_string()), stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_before_becomes_a_previous_one_and_nothing_else_is_lost() {
        let app = |secret| App::new("1", secret, &[]).unwrap();
        let value = |present: Option<&str>, secret| -> (Value, Stored) {
            let (text, stored) = next(present, &app(secret));
            (serde_json::from_str(text.expose_secret()).unwrap(), stored)
        };
        let (first, stored) = value(None, "one");
        assert_eq!(
            (first.clone(), stored),
            (json!({"app_id":"1","app_secret":"one","previous_app_secrets":[]}), Stored::First)
        );
        assert_eq!(value(Some(&first.to_string()), "one").1, Stored::Unchanged);
        let noted = r#"{"app_id":"1","app_secret":"one","previous_app_secrets":["zero"],"note":"ours"}"#;
        let (second, stored) = value(Some(noted), "two");
        let expected = json!({"app_id":"1","app_secret":"two","previous_app_secrets":["one","zero"],"note":"ours"});
        assert_eq!((second, stored), (expected, Stored::Replaced));
        // Back to the older one: it is no previous one any more.
        assert_eq!(value(Some(noted), "zero").0["previous_app_secrets"], json!(["one"]));
        assert_eq!(value(Some(r#"{"app_id":"","app_secret":""}"#), "one").1, Stored::First);
        assert_eq!(value(Some("nonsense"), "one").1, Stored::First);
    }
}
