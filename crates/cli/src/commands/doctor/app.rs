//! The Meta app's id and secret: there, whole, and known to Instagram.

use std::path::Path;

use evertoken_core::app::{App, InvalidApp};
use evertoken_core::variables::{self, Variables};
use evertoken_instagram::{Endpoints, InstagramLogin};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::finding::Finding;
use crate::credentials::app_check::{self, Verdict};
use crate::credentials::app_store::{self, AppStore};
use crate::credentials::local_credentials;
use crate::vault::location::VaultLocation;

const SUBJECT: &str = "app secret";

/// What `serve` over a folder would use.
pub(super) async fn check_local(place: &VaultLocation, variables: &Variables, dir: &Path) -> Vec<Finding> {
    if variables.get("EVERTOKEN_APP_SECRET").is_some() {
        return match local_credentials::app(variables, None) {
            Ok(app) => vec![
                Finding::ok(SUBJECT, "EVERTOKEN_APP_SECRET holds an id and a secret"),
                at_instagram(&app, variables).await,
            ],
            Err(error) => vec![Finding::problem(
                SUBJECT,
                error.to_string(),
                "Correct the variable, or unset it and run `evertoken setup`.",
            )],
        };
    }
    if !app_store::file_in(dir).exists() {
        let text = "no app is known here: accounts are renewed, but nobody can log in";
        let remedy = format!("evertoken setup --local {}", dir.display());
        return vec![Finding::warning(SUBJECT, text, remedy)];
    }
    match AppStore::of(place, variables).await {
        Ok(store) => check(&store, variables).await,
        Err(error) => vec![Finding::problem(SUBJECT, format!("{error:#}"), "Run `evertoken setup`.")],
    }
}

/// A stored app's shape, and whether Instagram knows it.
pub(super) async fn check(store: &AppStore, variables: &Variables) -> Vec<Finding> {
    let what = store.describe();
    let text = match store.read().await {
        Ok(Some(text)) => text,
        Ok(None) => return vec![Finding::problem(SUBJECT, format!("{what} is not there"), "Run `evertoken setup`.")],
        Err(error) => {
            let remedy = "Check the AWS credentials and the permission secretsmanager:GetSecretValue on it.";
            return vec![Finding::problem(SUBJECT, format!("{error:#}"), remedy)];
        }
    };
    let app = match App::parse(text.expose_secret()) {
        Ok(app) => app,
        Err(reason) => {
            let never = if reason == InvalidApp::Secret { "it was never filled in: " } else { "" };
            let remedy = "Run `evertoken setup`; it asks for both and writes them in the right shape.";
            return vec![Finding::problem(SUBJECT, format!("{what} cannot be used: {never}{reason}"), remedy)];
        }
    };
    let shape = if has_white_space(text.expose_secret()) {
        let text = format!("{what} has white space around its id or secret; it is dropped at each use");
        Finding::warning(SUBJECT, text, "Take it away there, or run `evertoken setup` again.")
    } else if app.secret.expose().len() == 32 && app.secret.expose().bytes().all(|b| b.is_ascii_hexdigit()) {
        Finding::ok(SUBJECT, format!("{what} holds an id and a secret"))
    } else {
        let text = format!("{what}: the secret is not of 32 hexadecimal digits, as Meta's are");
        Finding::warning(SUBJECT, text, "Compare it with Meta's dashboard, or run `evertoken setup` again.")
    };
    vec![shape, at_instagram(&app, variables).await]
}

/// Whether Instagram knows the pair, as far as it tells.
async fn at_instagram(app: &App, variables: &Variables) -> Finding {
    const SUBJECT: &str = "app at Instagram";
    let provider = Endpoints::read(variables).ok().and_then(|endpoints| InstagramLogin::new(endpoints).ok());
    let (Some(provider), Ok(public_url)) = (provider, variables::public_url(variables)) else {
        return Finding::warning(SUBJECT, "not asked: the public URL is not known", "Set EVERTOKEN_PUBLIC_URL.");
    };
    match app_check::ask(&provider, app, &public_url).await {
        Verdict::Accepted => Finding::ok(SUBJECT, app_check::ACCEPTED),
        Verdict::Refused(failure) | Verdict::UnknownRedirect(failure) => {
            Finding::problem(SUBJECT, failure.kind.cause(), failure.kind.remedy())
        }
        Verdict::NotTold(failure) => Finding::warning(
            SUBJECT,
            format!("not told: {}", failure.kind.cause()),
            "Run this again later; a login tells for certain.",
        ),
    }
}

fn has_white_space(json: &str) -> bool {
    let Ok(value) = serde_json::from_str::<Value>(json) else { return false };
    ["app_id", "app_secret"]
        .iter()
        .any(|key| value.get(*key).and_then(Value::as_str).is_some_and(|text| text.trim() != text))
}
