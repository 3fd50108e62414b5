//! Checks the app's IDs and secrets: stored, complete, and accepted by Instagram and by Facebook.

use std::path::Path;

use evertoken_core::app::{App, InvalidApp};
use evertoken_core::document::ProviderName;
use evertoken_core::secrets::AppSecret;
use evertoken_core::variables::{self, Variables};
use evertoken_instagram::{Endpoints, InstagramLogin};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::facebook;
use super::finding::Finding;
use crate::context::Context;
use crate::credentials::app_check::{self, Verdict};
use crate::credentials::app_store::AppStore;
use crate::credentials::local_credentials::{self, APP_SECRET, app_file};
use crate::error::CliError;

const SUBJECT: &str = "app secret";

const LOGINS: [ProviderName; 2] = [ProviderName::Instagram, ProviderName::Facebook];

/// Checks what `serve` would use with this folder.
pub(super) async fn check_local(context: &Context, dir: &Path) -> Vec<Finding> {
    let variables = &context.variables;
    if variables.get(APP_SECRET).is_some() {
        return match local_credentials::app_from_variables(variables) {
            Ok(app) => {
                let format = Finding::ok(SUBJECT, "EVERTOKEN_APP_SECRET contains an ID and a secret");
                with_answers_of_meta(format, &app, context).await
            }
            Err(error) => {
                let setup = context.vault_option.command("setup");
                let remedy = format!("Correct the variable, or unset it and run `{setup}`.");
                vec![Finding::problem(SUBJECT, error.to_string(), remedy)]
            }
        };
    }
    if app_file(dir).symlink_metadata().is_err() {
        let text = "no app is set up: accounts are refreshed, but nobody can log in";
        let warning = Finding::warning(SUBJECT, text, context.vault_option.command("setup"));
        return std::iter::once(warning).chain(facebook::without_app(context)).collect();
    }
    check(&AppStore::in_folder(dir), context).await
}

/// Checks the stored text, and the app with Instagram.
pub(super) async fn check(store: &AppStore, context: &Context) -> Vec<Finding> {
    let setup = context.vault_option.command("setup");
    let text = match store.read().await {
        Ok(Some(text)) => text,
        Ok(None) => {
            let text = format!("{store} does not exist or is empty");
            return vec![Finding::problem(SUBJECT, text, format!("Run `{setup}`."))];
        }
        Err(error @ CliError::ReadFile { .. }) => {
            return vec![Finding::failure(SUBJECT, &error, &context.vault_option)];
        }
        Err(error) => {
            let remedy = "Check the AWS credentials and the permission secretsmanager:GetSecretValue for it.";
            return vec![Finding::problem(SUBJECT, error.to_string(), remedy)];
        }
    };
    let app = match App::parse(text.expose_secret()) {
        Ok(app) => app,
        Err(reason) => {
            let never = if reason == InvalidApp::Secret { "it was never filled in: " } else { "" };
            let remedy = format!("Run `{setup}`, which asks for both and stores them in the right format.");
            return vec![Finding::problem(SUBJECT, format!("cannot use {store}: {never}{reason}"), remedy)];
        }
    };
    let format = if has_whitespace(text.expose_secret()) {
        let text = format!("{store} has whitespace around the ID or secret, which is ignored");
        Finding::warning(SUBJECT, text, format!("Remove it there, or run `{setup}` again."))
    } else if LOGINS.iter().filter_map(|login| app.of(*login).ok()).all(|app| is_usual(&app.secret)) {
        Finding::ok(SUBJECT, format!("{store} contains an ID and a secret"))
    } else {
        let text =
            format!("the app secret in {store} does not consist of 32 hexadecimal digits, as Meta's app secrets do");
        Finding::warning(SUBJECT, text, format!("Compare it with Meta's dashboard, or run `{setup}` again."))
    };
    with_answers_of_meta(format, &app, context).await
}

/// This finding, and what Instagram and Facebook say about the app.
async fn with_answers_of_meta(format: Finding, app: &App, context: &Context) -> Vec<Finding> {
    let instagram = match app.of(ProviderName::Instagram) {
        Ok(_) => Some(check_with_instagram(app, &context.variables).await),
        Err(reason) if facebook::offered(&context.variables).includes(ProviderName::Instagram) => {
            let remedy = format!("Run `{}`, which asks for both.", context.vault_option.command("setup"));
            Some(Finding::problem("app at Instagram", reason.to_string(), remedy))
        }
        // Only Facebook Login is used.
        Err(_) => None,
    };
    let facebook = facebook::check_app(app, context).await;
    std::iter::once(format).chain(instagram).chain(facebook).collect()
}

/// Whether a secret has the format of Meta's.
fn is_usual(secret: &AppSecret) -> bool {
    let text = secret.expose();
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

async fn check_with_instagram(app: &App, variables: &Variables) -> Finding {
    const SUBJECT: &str = "app at Instagram";
    let provider = Endpoints::read(variables).ok().and_then(|endpoints| InstagramLogin::new(endpoints).ok());
    let (Some(provider), Ok(public_url)) = (provider, variables::public_url(variables)) else {
        return Finding::warning(SUBJECT, "not checked: the public URL is unknown", "Set EVERTOKEN_PUBLIC_URL.");
    };
    match app_check::check(&provider, app, &public_url).await {
        Verdict::Accepted => Finding::ok(SUBJECT, app_check::accepted(ProviderName::Instagram)),
        Verdict::Rejected(error) | Verdict::UnknownRedirect(error) => {
            Finding::problem(SUBJECT, error.kind.cause(), error.kind.remedy())
        }
        Verdict::Inconclusive(error) => Finding::warning(
            SUBJECT,
            format!("not checked: {}", error.kind.cause()),
            "Try again later. A login proves that the credentials are right.",
        ),
    }
}

fn has_whitespace(json: &str) -> bool {
    let Ok(value) = serde_json::from_str::<Value>(json) else { return false };
    ["app_id", "app_secret", "meta_app_id", "meta_app_secret"]
        .iter()
        .any(|key| value.get(*key).and_then(Value::as_str).is_some_and(|text| text.trim() != text))
}
