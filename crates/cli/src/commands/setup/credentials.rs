//! Checks an app's ID and secret and stores them. The old secret is kept as a previous one.

use evertoken_core::app::App;
use evertoken_core::provider::Provider;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::credentials::app_check::{self, Verdict};
use crate::credentials::app_store::AppStore;
use crate::error::{CliError, Result};

/// How many previous secrets are kept. They verify logins and receipts of the last weeks.
const PREVIOUS_SECRETS: usize = 4;

/// Credentials that were checked and stored.
#[derive(Debug)]
pub(super) struct AcceptedCredentials {
    pub(super) app_id: String,
    pub(super) stored: StoreResult,
    pub(super) checked: CheckResult,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoreResult {
    /// The same credentials were stored before.
    Unchanged,
    /// No credentials were stored before.
    #[serde(rename = "stored")]
    First,
    /// Other credentials were stored before. Their secret is now a previous one.
    Replaced,
}

impl StoreResult {
    pub(super) fn describe(self, store: &AppStore) -> String {
        match self {
            Self::Unchanged => format!("Already stored in {store}."),
            Self::First => format!("Stored in {store}."),
            Self::Replaced => format!("Stored in {store}. The old secret is kept as a previous one."),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CheckResult {
    Accepted,
    /// Instagram accepted the credentials but does not know the redirect URI yet.
    RedirectUriUnknown,
    /// The check failed for another reason.
    NotTold(&'static str),
}

impl CheckResult {
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Accepted => format!("Checked: {}.", app_check::ACCEPTED),
            Self::RedirectUriUnknown => {
                "Checked: Instagram did not reject the ID and secret, and does not know the redirect URI yet."
                    .to_owned()
            }
            Self::NotTold(reason) => {
                format!("Not checked: {reason} The first login will show whether the ID and secret are right.")
            }
        }
    }
}

/// Checks the credentials with Instagram and stores them unless Instagram rejects them.
pub(super) async fn accept(
    provider: &impl Provider,
    store: &AppStore,
    public_url: &Url,
    app: &App,
) -> Result<AcceptedCredentials> {
    let checked = match app_check::check(provider, app, public_url).await {
        Verdict::Accepted => CheckResult::Accepted,
        Verdict::UnknownRedirect(_) => CheckResult::RedirectUriUnknown,
        Verdict::Inconclusive(error) => CheckResult::NotTold(error.kind.cause()),
        Verdict::Rejected(error) => return Err(CliError::CredentialsRejected(error)),
    };
    let present = store.read().await?;
    let (text, stored) = next(present.as_ref().map(SecretString::expose_secret), app);
    if stored != StoreResult::Unchanged {
        store.write(&text).await?;
    }
    Ok(AcceptedCredentials { app_id: app.id.clone(), stored, checked })
}

/// The text to store in place of the present one. Keeps unknown keys.
fn next(present: Option<&str>, app: &App) -> (SecretString, StoreResult) {
    let mut object = match present.map(serde_json::from_str) {
        Some(Ok(Value::Object(object))) => object,
        _ => Map::new(),
    };
    let old = present.and_then(|text| App::parse(text).ok());
    let stored = match &old {
        None => StoreResult::First,
        Some(old) if old.id == app.id && old.secret == app.secret => StoreResult::Unchanged,
        Some(_) => StoreResult::Replaced,
    };
    let mut previous: Vec<String> = Vec::new();
    for secret in old.iter().flat_map(|old| std::iter::once(&old.secret).chain(&old.previous_secrets)) {
        let secret = secret.expose().to_owned();
        if secret != app.secret.expose() && !previous.contains(&secret) {
            previous.push(secret);
        }
    }
    previous.truncate(PREVIOUS_SECRETS);
    object.insert("app_id".to_owned(), json!(app.id));
    object.insert("app_secret".to_owned(), json!(app.secret.expose()));
    object.insert("previous_app_secrets".to_owned(), json!(previous));
    (SecretString::from(Value::Object(object).to_string()), stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_old_secret_and_all_other_keys() {
        let app = |secret| App::new("1", secret, &[]).unwrap();
        let value = |present: Option<&str>, secret| -> (Value, StoreResult) {
            let (text, stored) = next(present, &app(secret));
            (serde_json::from_str(text.expose_secret()).unwrap(), stored)
        };
        let (first, stored) = value(None, "one");
        assert_eq!(
            (first.clone(), stored),
            (json!({"app_id":"1","app_secret":"one","previous_app_secrets":[]}), StoreResult::First)
        );
        assert_eq!(value(Some(&first.to_string()), "one").1, StoreResult::Unchanged);
        let noted = r#"{"app_id":"1","app_secret":"one","previous_app_secrets":["zero"],"note":"ours"}"#;
        let (second, stored) = value(Some(noted), "two");
        let expected = json!({"app_id":"1","app_secret":"two","previous_app_secrets":["one","zero"],"note":"ours"});
        assert_eq!((second, stored), (expected, StoreResult::Replaced));
        // Back to the older secret, which is then no longer a previous one.
        assert_eq!(value(Some(noted), "zero").0["previous_app_secrets"], json!(["one"]));
        assert_eq!(value(Some(r#"{"app_id":"","app_secret":""}"#), "one").1, StoreResult::First);
        assert_eq!(value(Some("nonsense"), "one").1, StoreResult::First);
    }
}
