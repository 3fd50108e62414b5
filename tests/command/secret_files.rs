//! `EVERTOKEN_..._FILE`: a secret in a file has the effect of the same secret in a variable.

use std::fs;
use std::path::PathBuf;

use evertoken_core::invite::Invite;
use evertoken_core::signing::SigningKeys;
use evertoken_sandbox::{Endpoint, Settings};
use evertoken_tests::serve_process::ServeProcess;
use evertoken_tests::test_cli::TestCli;
use evertoken_tests::webhook_receiver::WebhookReceiver;
use evertoken_tests::{faults, http};
use time::{Duration, OffsetDateTime};
use url::Url;

/// Writes a secret as an editor does, with a line break at the end.
fn secret_file(cli: &TestCli, text: &str) -> PathBuf {
    let path = cli.dir().join("secret");
    fs::write(&path, format!("{text}\n")).unwrap();
    path
}

#[tokio::test]
async fn the_app_secret_of_a_file_extends_a_short_lived_token() {
    let app = Settings::default();
    for (secret, code) in [(app.app_secret.as_str(), 0), ("fedcba9876543210fedcba9876543210", 1)] {
        let cli = TestCli::with_file_vault().await;
        let file = secret_file(&cli, secret);
        let file = file.to_str().unwrap().to_owned();
        let cli = cli.with_variables(&[("EVERTOKEN_APP_ID", &app.app_id), ("EVERTOKEN_APP_SECRET_FILE", &file)]);
        let token = cli.instagram().short_lived_token("blue_bottle").await;
        let run = cli.run_with_stdin(&["import", "my-shop"], &token).await.expect_code(code);
        assert_eq!(run.stdout.contains("was extended"), code == 0, "{run:?}");
    }
}

const KEY: &str = "signing-key-in-a-file-0123456789-abcdef";

#[tokio::test]
async fn the_signing_key_of_a_variable_signs_invites() {
    for variable in ["EVERTOKEN_SIGNING_KEY", "EVERTOKEN_SIGNING_SECRET"] {
        let cli = TestCli::with_file_vault().await;
        assert_signs_invites(&cli.with_variables(&[(variable, KEY)])).await;
    }
}

#[tokio::test]
async fn the_signing_key_of_a_file_signs_invites() {
    for variable in ["EVERTOKEN_SIGNING_KEY_FILE", "EVERTOKEN_SIGNING_SECRET_FILE"] {
        let cli = TestCli::with_file_vault().await;
        let file = secret_file(&cli, KEY).to_str().unwrap().to_owned();
        assert_signs_invites(&cli.with_variables(&[(variable, &file)])).await;
    }
}

async fn assert_signs_invites(cli: &TestCli) {
    let run = cli.run(&["invite", "--public-url", "https://login.example.test", "--name", "shop-de"]).await;
    let link: Url = run.expect_code(0).stdout.trim_end().parse().unwrap();
    let signed = http::parameter(&link, "invite");
    let verified = SigningKeys::parse(KEY).unwrap().verify::<Invite>(&signed, OffsetDateTime::now_utc());
    assert_eq!(verified.unwrap().name.unwrap().as_str(), "shop-de");
}

#[tokio::test]
async fn the_webhook_secret_of_a_file_signs_deliveries() {
    let secret = "webhook-secret-in-a-file-0123456789";
    let cli = TestCli::with_file_vault().await;
    cli.add_account("shop-de", Duration::days(30)).await;
    cli.instagram().inject_fault(faults::invalid_token(Endpoint::Refresh, 460)).await;
    let (file, receiver) = (secret_file(&cli, secret), WebhookReceiver::with_statuses(&[200]).await);
    let url = receiver.url();
    let webhook = [("EVERTOKEN_WEBHOOK_URL", url.as_str()), ("EVERTOKEN_WEBHOOK_SECRET_FILE", file.to_str().unwrap())];
    let local = ["--local", cli.dir().to_str().unwrap()];
    let service = ServeProcess::start(&local, &cli.service_environment(&webhook)).await;
    let deliveries = receiver.wait_for_deliveries(1).await;
    assert!(deliveries[0].has_valid_signature(secret));
    service.shut_down().await;
}
