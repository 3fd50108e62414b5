//! Checks an app's ID and secret and stores them, for either login. The old secret is kept as a previous one.

use evertoken_core::app::{App, InvalidApp};
use evertoken_core::clock::{Clock, SystemClock};
use evertoken_core::document::ProviderName;
use evertoken_core::provider::Provider;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use url::Url;

use super::answers::keys;
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
    pub(super) login: ProviderName,
    pub(super) app_id: String,
    pub(super) stored: StoreResult,
    pub(super) checked: CheckResult,
}

/// Credentials that were not rejected. Not stored yet.
pub(super) struct CheckedCredentials {
    login: ProviderName,
    app: App,
    checked: CheckResult,
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
    /// The credentials were accepted, and Meta does not know the redirect URI yet.
    RedirectUriUnknown,
    /// The check failed for another reason.
    NotTold(&'static str),
}

impl CheckResult {
    pub(super) fn describe(&self, login: ProviderName) -> String {
        match self {
            Self::Accepted => format!("Checked: {}.", app_check::accepted(login)),
            Self::RedirectUriUnknown => {
                let name = if login == ProviderName::Facebook { "Facebook" } else { "Instagram" };
                format!("Checked: {name} did not reject the ID and secret, and does not know the redirect URI yet.")
            }
            Self::NotTold(reason) => {
                format!("Not checked: {reason} The first login will show whether the ID and secret are right.")
            }
        }
    }
}

/// Creates the app of a login from its ID and secret.
pub(super) fn app_of(login: ProviderName, id: &str, secret: &str) -> Result<App, SetupError> {
    App::new(id, secret, &[]).map_err(|error| {
        SetupError::InvalidCredentials(match (login, error) {
            (ProviderName::Facebook, InvalidApp::Unfilled) => InvalidApp::MetaUnfilled,
            (ProviderName::Facebook, InvalidApp::Id) => InvalidApp::MetaId,
            (ProviderName::Facebook, InvalidApp::Secret) => InvalidApp::MetaSecret,
            (_, error) => error,
        })
    })
}

/// Checks the credentials with Instagram or Facebook.
pub(super) async fn check(provider: &impl Provider, public_url: &Url, app: App) -> Result<CheckedCredentials> {
    let login = provider.name();
    let checked = match app_check::check(provider, &app, public_url).await {
        Verdict::Accepted => CheckResult::Accepted,
        Verdict::UnknownRedirect(_) => CheckResult::RedirectUriUnknown,
        Verdict::Inconclusive(error) => CheckResult::NotTold(app_check::cause(login, error.kind)),
        Verdict::Rejected(error) => return Err(SetupError::CredentialsRejected(login, error).into()),
    };
    Ok(CheckedCredentials { login, app, checked })
}

/// Stores credentials that were checked.
pub(super) async fn store(store: &AppStore, checked: CheckedCredentials) -> Result<AcceptedCredentials> {
    let CheckedCredentials { login, app, checked } = checked;
    let present = store.read().await?;
    let (text, stored) = next(present.as_ref().map(SecretString::expose_secret), login, &app, SystemClock.now());
    if stored != StoreResult::Unchanged {
        store.write(&text).await?;
    }
    Ok(AcceptedCredentials { login, app_id: app.id, stored, checked })
}

/// The text to store in place of the present one. Keeps all other keys, such as the pair of the other login.
fn next(present: Option<&str>, login: ProviderName, app: &App, now: OffsetDateTime) -> (SecretString, StoreResult) {
    let mut object = match present.map(serde_json::from_str) {
        Some(Ok(Value::Object(object))) => object,
        _ => Map::new(),
    };
    let all = present.and_then(|text| App::parse(text).ok());
    let old = all.as_ref().and_then(|all| all.of(login).ok());
    let stored = match &old {
        None => StoreResult::First,
        Some(old) if old.id == app.id && old.secret == app.secret => StoreResult::Unchanged,
        Some(_) => StoreResult::Replaced,
    };
    // The current secret becomes a previous one with an end; the others keep theirs.
    let replaced = old.as_ref().map(|old| (old.secret.expose(), Some(now + PREVIOUS_SECRET_LIFETIME)));
    let kept = all.iter().flat_map(|all| &all.previous_secrets).map(|old| (old.secret.expose(), old.until));
    let mut previous: Vec<(&str, Option<OffsetDateTime>)> = Vec::new();
    for (secret, until) in replaced.into_iter().chain(kept) {
        let is_known = secret == app.secret.expose() || previous.iter().any(|(known, _)| *known == secret);
        if !is_known && until.is_none_or(|until| now < until) {
            previous.push((secret, until));
        }
    }
    previous.truncate(PREVIOUS_SECRETS);
    let previous: Vec<Value> = previous.into_iter().map(|(secret, until)| entry(secret, until)).collect();
    let (id_key, secret_key) = keys(login);
    object.insert(id_key.to_owned(), json!(app.id));
    object.insert(secret_key.to_owned(), json!(app.secret.expose()));
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
            let (text, stored) = next(present, ProviderName::Instagram, &app(secret), NOW);
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

    #[test]
    fn each_login_keeps_the_pair_of_the_other_one() {
        let app = |id, secret| App::new(id, secret, &[]).unwrap();
        let value = |present: Option<&str>, login, app: &App| -> (Value, StoreResult) {
            let (text, stored) = next(present, login, app, NOW);
            (serde_json::from_str(text.expose_secret()).unwrap(), stored)
        };
        let (meta, stored) = value(None, ProviderName::Facebook, &app("2", "meta"));
        let expected = json!({"meta_app_id":"2","meta_app_secret":"meta","previous_app_secrets":[]});
        assert_eq!((meta.clone(), stored), (expected, StoreResult::First));
        let (both, stored) = value(Some(&meta.to_string()), ProviderName::Instagram, &app("1", "one"));
        let expected = json!({"app_id":"1","app_secret":"one","meta_app_id":"2","meta_app_secret":"meta",
            "previous_app_secrets":[]});
        assert_eq!((both.clone(), stored), (expected, StoreResult::First));
        let (changed, stored) = value(Some(&both.to_string()), ProviderName::Facebook, &app("2", "new"));
        assert_eq!((&changed["app_secret"], &changed["meta_app_secret"]), (&json!("one"), &json!("new")));
        assert_eq!(changed["previous_app_secrets"], json!([{"secret":"meta","until":"2026-11-29T05:00:00Z"}]));
        assert_eq!(stored, StoreResult::Replaced);
        let unchanged = value(Some(&both.to_string()), ProviderName::Facebook, &app("2", "meta"));
        assert_eq!(unchanged, (both, StoreResult::Unchanged));
    }

    #[test]
    fn a_placeholder_is_refused_with_the_place_of_the_logins_own_secret() {
        for (login, key, place) in [
            (ProviderName::Instagram, "\"app_secret\"", "Instagram > API setup"),
            (ProviderName::Facebook, "\"meta_app_secret\"", "App settings > Basic"),
        ] {
            let error = app_of(login, "1", "<your app secret>").unwrap_err();
            assert!(error.to_string().starts_with(key), "{error}");
            assert!(error.hint("evertoken setup").contains(place), "{error}");
        }
    }
}
