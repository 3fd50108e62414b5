//! Checks an app's ID and secret and stores them. The old secret is kept as a previous one.

use evertoken_core::app::App;
use evertoken_core::clock::{Clock, SystemClock};
use evertoken_core::provider::Provider;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use url::Url;

use super::setup_error::SetupError;
use crate::credentials::app_check::{self, Verdict};
use crate::credentials::app_store::AppStore;
use crate::error::Result;

/// How many previous secrets are kept.
const PREVIOUS_SECRETS: usize = 4;

/// How long a replaced secret is accepted. Meta's servers and the pages learn of the new one within minutes.
const PREVIOUS_SECRET_LIFETIME: Duration = Duration::days(7);

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
            Self::Replaced => format!("Stored in {store}. The old secret is kept as a previous one for seven days."),
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
        Verdict::Rejected(error) => return Err(SetupError::CredentialsRejected(error).into()),
    };
    let present = store.read().await?;
    let (text, stored) = next(present.as_ref().map(SecretString::expose_secret), app, SystemClock.now());
    if stored != StoreResult::Unchanged {
        store.write(&text).await?;
    }
    Ok(AcceptedCredentials { app_id: app.id.clone(), stored, checked })
}

/// The text to store in place of the present one. Keeps unknown keys.
fn next(present: Option<&str>, app: &App, now: OffsetDateTime) -> (SecretString, StoreResult) {
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
    // The current secret becomes a previous one with an end; the others keep theirs.
    let replaced = old.as_ref().map(|old| (old.secret.expose(), Some(now + PREVIOUS_SECRET_LIFETIME)));
    let kept = old.iter().flat_map(|old| &old.previous_secrets).map(|old| (old.secret.expose(), old.until));
    let mut previous: Vec<(&str, Option<OffsetDateTime>)> = Vec::new();
    for (secret, until) in replaced.into_iter().chain(kept) {
        let is_known = secret == app.secret.expose() || previous.iter().any(|(known, _)| *known == secret);
        if !is_known && until.is_none_or(|until| now < until) {
            previous.push((secret, until));
        }
    }
    previous.truncate(PREVIOUS_SECRETS);
    let previous: Vec<Value> = previous.into_iter().map(|(secret, until)| entry(secret, until)).collect();
    object.insert("app_id".to_owned(), json!(app.id));
    object.insert("app_secret".to_owned(), json!(app.secret.expose()));
    object.insert("previous_app_secrets".to_owned(), json!(previous));
    (SecretString::from(Value::Object(object).to_string()), stored)
}

/// A secret without an end is stored as a text.
fn entry(secret: &str, until: Option<OffsetDateTime>) -> Value {
    match until.and_then(|until| until.format(&Rfc3339).ok()) {
        Some(until) => json!({ "secret": secret, "until": until }),
        None => json!(secret),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

    #[test]
    fn keeps_the_old_secret_and_all_other_keys() {
        let app = |secret| App::new("1", secret, &[]).unwrap();
        let value = |present: Option<&str>, secret| -> (Value, StoreResult) {
            let (text, stored) = next(present, &app(secret), NOW);
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
        let expected = json!({"app_id":"1","app_secret":"two","note":"ours",
            "previous_app_secrets":[{"secret":"one","until":"2026-11-29T05:00:00Z"},"zero"]});
        assert_eq!((second, stored), (expected, StoreResult::Replaced));
        // Back to the older secret, which is then no longer a previous one.
        let back = value(Some(noted), "zero").0["previous_app_secrets"].clone();
        assert_eq!(back, json!([{"secret":"one","until":"2026-11-29T05:00:00Z"}]));
        // An end that was set stays, and a secret that has ended is dropped.
        let ended = r#"{"app_id":"1","app_secret":"one","previous_app_secrets":
            [{"secret":"zero","until":"2026-11-22T05:00:00Z"},{"secret":"older","until":"2026-11-23T05:00:00Z"}]}"#;
        let kept = value(Some(ended), "two").0["previous_app_secrets"].clone();
        assert_eq!(kept[1], json!({"secret":"older","until":"2026-11-23T05:00:00Z"}));
        assert_eq!(kept.as_array().unwrap().len(), 2);
        assert_eq!(value(Some(r#"{"app_id":"","app_secret":""}"#), "one").1, StoreResult::First);
        assert_eq!(value(Some("nonsense"), "one").1, StoreResult::First);
    }
}
