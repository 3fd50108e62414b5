//! Webhook deliveries of `evertoken serve`.

use evertoken_sandbox::Endpoint;
use evertoken_tests::browser::{Browser, Consent};
use evertoken_tests::secret_scanner::SecretScanner;
use evertoken_tests::serve_process::ServeProcess;
use evertoken_tests::test_cli::TestCli;
use evertoken_tests::webhook_receiver::WebhookReceiver;
use evertoken_tests::{faults, wait};
use serde_json::{Value, json};
use tempfile::TempDir;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

const SECRET: &str = "webhook-secret-of-the-tests-0123456789";

#[tokio::test]
async fn webhook_deliveries_are_retried_until_acknowledged() {
    let dir = TempDir::new().unwrap();
    let endpoint = WebhookReceiver::with_statuses(&[503, 500, 204]).await;
    let variables = [("EVERTOKEN_WEBHOOK_URL", endpoint.url()), ("EVERTOKEN_WEBHOOK_SECRET", SECRET.to_owned())];
    let variables = variables.map(|(name, value)| (name.to_owned(), value));
    let service = ServeProcess::start(&["--sandbox", "--local", dir.path().to_str().unwrap()], &variables).await;
    let scanner = SecretScanner::default();
    scanner.register_secret("the webhook's secret", SECRET);
    scanner.register_log_secret("the webhook's address", "known-to-the-owner");
    let mut browser = Browser::new(&scanner);
    let page = browser.get(&service.url).await;
    let connect = page.body.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let connected = browser.log_in(&service.url.join(connect).unwrap(), Consent::allow("blue_bottle")).await;
    assert_eq!(connected.status, 200);

    let deliveries = endpoint.wait_for_deliveries(3).await;
    for delivery in &deliveries {
        assert!(
            delivery.has_valid_signature(SECRET)
                && !delivery.has_valid_signature("another-secret-of-the-tests-012345678")
        );
        assert!(delivery.has_valid_standard_signature(SECRET));
        assert_eq!(delivery.headers["webhook-timestamp"], delivery.headers["evertoken-timestamp"]);
        // A receiver recognizes a repetition by it.
        assert_eq!(delivery.headers["webhook-id"], deliveries[0].headers["webhook-id"]);
        assert_eq!(delivery.body, deliveries[0].body);
        assert_eq!(delivery.headers["content-type"], "application/json");
        scanner.record_output("a delivery", &delivery.body);
    }
    let mut forged = deliveries[0].clone();
    forged.body = forged.body.replace("blue_bottle", "evil_bottle");
    assert!(!forged.has_valid_signature(SECRET));
    let event = deliveries[0].json();
    assert_eq!((&event["source"], &event["detail-type"]), (&json!("evertoken"), &json!("Account Connected")));
    assert_eq!(event["detail"]["username"], "blue_bottle");
    let keys: Vec<_> = event.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["detail", "detail-type", "source", "time"]);
    let time = OffsetDateTime::parse(event["time"].as_str().unwrap(), &Rfc3339).unwrap();
    assert!((OffsetDateTime::now_utc() - time).abs() < Duration::minutes(5), "{time}");

    let service = service.shut_down().await;
    let printed: Vec<Value> =
        service.stdout().lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(printed, [event]);
    scanner.record_log("the standard output of the service", &service.stdout());
    scanner.record_log("the standard error of the service", &service.stderr());
    assert_eq!(scanner.findings(), [""; 0]);
}

#[tokio::test]
async fn the_reconnect_link_is_sent_to_the_webhook_only() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("shop-de", Duration::days(30)).await;
    cli.instagram().inject_fault(faults::invalid_token(Endpoint::Refresh, 460)).await;
    let endpoint = WebhookReceiver::with_statuses(&[200]).await;
    let webhook = [("EVERTOKEN_WEBHOOK_URL", endpoint.url()), ("EVERTOKEN_WEBHOOK_SECRET", SECRET.to_owned())];
    let webhook = [(webhook[0].0, webhook[0].1.as_str()), (webhook[1].0, webhook[1].1.as_str())];
    let environment = cli.service_environment(&webhook);
    let service = ServeProcess::start(&["--local", cli.dir().to_str().unwrap()], &environment).await;
    let event = endpoint.wait_for_deliveries(1).await[0].json();
    assert_eq!(event["detail-type"], "Login Required");
    let link = event["detail"]["reconnect_url"].as_str().unwrap();
    assert!(link.contains("/login?invite="), "{link}");
    let service = service.shut_down().await;
    assert!(service.stdout().contains("Login Required") && !service.stdout().contains("invite="));
    assert!(cli.document("shop-de").await.unwrap()["health"]["announced_at"].is_string());
    cli.scanner().record_log("the standard output of the service", &service.stdout());
    cli.scanner().record_log("the standard error of the service", &service.stderr());
}

#[tokio::test]
async fn a_failing_webhook_does_not_fail_the_refresh() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("due", Duration::days(30)).await;
    let before = cli.document("due").await.unwrap();
    let endpoint = WebhookReceiver::with_statuses(&[500]).await;
    let (url, dir) = (endpoint.url(), cli.dir().to_str().unwrap().to_owned());
    let webhook = [("EVERTOKEN_WEBHOOK_URL", url.as_str()), ("EVERTOKEN_WEBHOOK_SECRET", SECRET)];
    let service = ServeProcess::start(&["--local", &dir], &cli.service_environment(&webhook)).await;
    assert_eq!(endpoint.wait_for_deliveries(4).await.len(), 4);
    let failed = || service.stderr().contains("(webhook http 500)").then_some(());
    wait::until("the failure in the log", failed).await;
    assert_ne!(cli.document("due").await.unwrap()["access_token"], before["access_token"]);
    service.shut_down().await;
}

#[tokio::test]
async fn an_event_that_the_webhook_rejects_is_not_recorded_and_the_next_command_sends_it() {
    // Each event is posted up to four times.
    let endpoint = WebhookReceiver::with_statuses(&[500, 500, 500, 500, 200]).await;
    let url = endpoint.url();
    let webhook = [("EVERTOKEN_WEBHOOK_URL", url.as_str()), ("EVERTOKEN_WEBHOOK_SECRET", SECRET)];
    let cli = TestCli::with_file_vault().await.with_variables(&webhook);
    cli.add_account("shop-de", Duration::days(30)).await;
    cli.instagram().inject_fault(faults::invalid_token(Endpoint::Refresh, 460)).await;
    cli.run(&["refresh", "shop-de"]).await.expect_code(3);
    assert_eq!(cli.document("shop-de").await.unwrap()["health"].get("announced_at"), None);
    cli.run(&["refresh", "shop-de"]).await.expect_code(3);
    assert!(cli.document("shop-de").await.unwrap()["health"]["announced_at"].is_string());
    assert_eq!(endpoint.wait_for_deliveries(5).await.len(), 5);
}
