//! What each parameter of the template changes in the behavior of the functions.

use std::collections::BTreeSet;

use evertoken_sandbox::{Endpoint, InjectedFault};
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::faults;
use evertoken_tests::http::parameter;
use evertoken_tests::instagram_proxy::InstagramProxy;
use evertoken_tests::moto::Moto;
use evertoken_tests::sample;
use evertoken_tests::serve_process::ServeProcess;
use serde_json::{Value, json};
use tempfile::TempDir;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

async fn with_due_accounts(parameters: &[(&str, &str)], accounts: usize) -> Deployment {
    let stack = Deployment::new().await.with_parameters(parameters);
    for number in 0..accounts {
        stack.add_account(&format!("shop-{number}"), Duration::days(30)).await;
    }
    stack
}

#[tokio::test]
async fn a_run_refreshes_at_most_the_configured_number_of_accounts_at_once() {
    for limit in [1, 3] {
        let stack = with_due_accounts(&[("Concurrency", &limit.to_string())], 6).await;
        let proxy = InstagramProxy::start(stack.instagram.origin()).await;
        // Long enough for a run without a limit to start all six.
        stack.instagram.inject_fault(InjectedFault::latency(Endpoint::Refresh, 300).always()).await;
        let stack = stack.with_variables(&[("EVERTOKEN_GRAPH_URL", proxy.origin())]);
        let report = stack.refresh().await.invoke(&json!({})).await;
        assert_eq!(report["refreshed"], 6, "{report}");
        assert_eq!(proxy.most_concurrent_refreshes(), limit);
    }
}

/// A lower bound for the duration of the run, which no machine is too slow for: the last of five writes starts at least four
/// seconds after the first. Without the limit, the run takes a fraction of a second.
#[tokio::test]
async fn a_run_writes_no_faster_than_the_configured_rate() {
    let stack = with_due_accounts(&[("WritesPerSecond", "1")], 5).await;
    let report = stack.refresh().await.invoke(&json!({})).await;
    assert_eq!(report["refreshed"], 5, "{report}");
    assert!(report["duration_ms"].as_u64().unwrap() >= 4_000, "{report}");
}

#[tokio::test]
async fn a_token_is_refreshed_from_the_configured_age() {
    // The due time of each account is spread over one more day.
    for (days, counted) in [("5", "refreshed"), ("8", "not_due"), ("20", "not_due")] {
        let stack = Deployment::new().await.with_parameters(&[("RefreshAfterDays", days)]);
        stack.add_account("shop-de", Duration::days(7)).await;
        let report = stack.refresh().await.invoke(&json!({})).await;
        assert_eq!(report[counted], 1, "RefreshAfterDays={days}: {report}");
    }
}

#[tokio::test]
async fn a_token_that_is_not_due_is_checked_at_the_configured_interval() {
    // With an interval of one hour, it is every account's turn in every run.
    for (hours, counted, checked) in [("1", "login_required", 1), ("0", "not_due", 0)] {
        let stack = Deployment::new().await.with_parameters(&[("CheckEveryHours", hours)]);
        stack.add_account("shop-de", Duration::days(2)).await;
        let healthy = stack.refresh().await.invoke(&json!({})).await;
        assert_eq!((&healthy["not_due"], &healthy["checked"]), (&json!(1), &json!(checked)), "{healthy}");
        stack.instagram.revoke("blue_bottle").await;
        let report = stack.refresh().await.invoke(&json!({})).await;
        assert_eq!((&report[counted], &report["checked"]), (&json!(1), &json!(checked)), "{report}");
    }
}

/// With 14 runs a week, the fifteenth failure in a row is announced a second time. With more runs, it is one of many.
#[tokio::test]
async fn a_failed_refresh_is_announced_and_tried_again_at_the_configured_interval() {
    let now = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap();
    for (hours, announced) in [(12, 1), (2, 0)] {
        let aws = AwsProxy::start().await;
        let stack = Deployment::new().await.with_parameters(&[("RefreshEveryHours", &hours.to_string())]);
        let stack = stack.with_variables(&[("AWS_ENDPOINT_URL", aws.endpoint())]);
        let age = Duration::days(30);
        let token = stack.instagram.token("blue_bottle", age).await;
        let mut document = sample::document_json("shop-de", &token, now - age);
        document["last_attempt"]["outcome"] = json!("failed");
        document["last_attempt"]["failures"] = json!(14);
        stack.put_document("shop-de", &document.to_string()).await;
        stack.instagram.inject_fault(faults::service_unavailable(Endpoint::Refresh).always()).await;
        let report = stack.refresh().await.invoke(&json!({})).await;
        assert_eq!(report["failed"], 1, "{report}");
        let next = report["failures"][0]["next_attempt_at"].as_str().unwrap();
        let next = OffsetDateTime::parse(next, &Rfc3339).unwrap();
        // Not compared with the time of the run, which the machine decides.
        let earliest = now + Duration::hours(hours);
        assert!(next >= earliest && next < earliest + Duration::hours(1), "{hours}: {report}");
        let events: Vec<_> = aws.events().into_iter().map(|event| event["DetailType"].clone()).collect();
        assert_eq!(events.len(), announced, "{hours}: {events:?}");
    }
}

#[tokio::test]
async fn a_login_requests_requires_and_stores_the_configured_scopes() {
    let scopes = ["instagram_business_basic", "instagram_business_manage_comments"];
    let stack = Deployment::new().await.with_parameters(&[("Scopes", &scopes.join(","))]);
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    let page = browser.open(&stack.invite_link("shop-de")).await;
    assert_eq!(parameter(&page.url, "scope"), scopes.join(","));
    let refused = Consent { grants: Some(&scopes[..1]), ..Consent::allow("blue_bottle") };
    let refused = browser.consent(&page, refused).await;
    let refused = browser.open(&refused).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert!(refused.body.contains(scopes[1]), "{}", refused.body);
    assert_eq!(browser.log_in(&stack.invite_link("shop-de"), Consent::allow("blue_bottle")).await.status, 200);
    assert_eq!(stack.current_document("shop-de").await.1["scopes"], json!(scopes));
}

#[tokio::test]
async fn profiles_are_read_with_the_configured_version_of_the_graph_api() {
    let stack = with_due_accounts(&[("GraphVersion", "v31.0")], 1).await;
    let proxy = InstagramProxy::start(stack.instagram.origin()).await;
    let stack = stack.with_variables(&[("EVERTOKEN_GRAPH_URL", proxy.origin())]);
    assert_eq!(stack.refresh().await.invoke(&json!({})).await["refreshed"], 1);
    assert_eq!(proxy.paths(), ["/refresh_access_token", "/v31.0/me"]);
}

#[tokio::test]
async fn each_of_instagrams_hosts_receives_only_its_own_requests() {
    let stack = Deployment::new().await;
    let [token, graph] = [(), ()].map(|()| InstagramProxy::start(stack.instagram.origin()));
    let (token, graph) = tokio::join!(token, graph);
    let authorize = stack.instagram.origin().to_owned();
    let stack = stack.with_variables(&[
        ("EVERTOKEN_AUTHORIZE_URL", authorize.as_str()),
        ("EVERTOKEN_TOKEN_URL", token.origin()),
        ("EVERTOKEN_GRAPH_URL", graph.origin()),
    ]);
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    let page = browser.open(&stack.invite_link("shop-de")).await;
    assert!(page.url.as_str().starts_with(&format!("{authorize}/oauth/authorize?")), "{}", page.url);
    let callback_url = browser.consent(&page, Consent::allow("blue_bottle")).await;
    assert_eq!(browser.open(&callback_url).await.status, 200);
    assert_eq!(token.paths(), ["/oauth/access_token"]);
    assert_eq!(graph.paths(), ["/access_token", "/v26.0/me"]);
}

#[tokio::test]
async fn an_open_login_needs_no_invite_and_an_invited_one_does() {
    for (mode, status) in [("open", 302), ("invited", 403)] {
        let stack = Deployment::new().await.with_parameters(&[("LoginMode", mode)]);
        let callback = stack.callback().await;
        let response = stack.browser(&callback).get(&stack.page_url("/login")).await;
        assert_eq!(response.status, status, "LoginMode={mode}: {}", response.body);
    }
}

#[tokio::test]
async fn the_pages_show_the_configured_brand() {
    let stack = Deployment::new().await.with_parameters(&[
        ("BrandName", "Blue Agency"),
        ("BrandLogo", "https://cdn.agency.example/logo.svg"),
        ("BrandColor", "#0a5c36"),
        ("ContactUrl", "https://agency.example/contact"),
        ("PrivacyUrl", "https://agency.example/privacy"),
    ]);
    let callback = stack.callback().await;
    let page = stack.browser(&callback).get(&stack.invite_link("shop-de")).await;
    for part in [
        "Blue Agency asks you",
        "src=\"https://cdn.agency.example/logo.svg\"",
        "--button: #0a5c36",
        "href=\"https://agency.example/contact\"",
        "href=\"https://agency.example/privacy\"",
    ] {
        assert!(page.body.contains(part), "no {part}: {}", page.body);
    }
    assert!(page.header("content-security-policy").contains("img-src https://cdn.agency.example;"));
}

#[tokio::test]
async fn the_public_url_is_the_base_of_the_redirect_uri_and_of_reconnect_links() {
    let aws = AwsProxy::start().await;
    let stack = with_due_accounts(&[("PublicUrl", "https://connect.example.test")], 1).await;
    let stack = stack.with_variables(&[("AWS_ENDPOINT_URL", aws.endpoint())]);
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    let landing_page = browser.get(&stack.invite_link("shop-de")).await;
    let mut button = landing_page.landing_button().unwrap();
    assert_eq!(button.host_str(), Some("connect.example.test"));
    button.set_host(stack.page_url("/").host_str()).unwrap();
    let login = browser.get(&button).await;
    let redirect_uri = parameter(&login.location().unwrap(), "redirect_uri");
    assert_eq!(redirect_uri, "https://connect.example.test/callback");

    stack.instagram.inject_fault(faults::invalid_token(Endpoint::Refresh, 460)).await;
    assert_eq!(stack.refresh().await.invoke(&json!({})).await["login_required"], 1);
    let event = &aws.events()[0];
    let link = event["Detail"]["reconnect_url"].as_str().unwrap();
    assert!(link.starts_with("https://connect.example.test/login?invite="), "{link}");
}

#[tokio::test]
async fn events_go_to_the_configured_bus_or_nowhere() {
    Moto::shared().create_event_bus("shop-events").await;
    for (bus, buses) in [("shop-events", vec!["shop-events"]), ("", vec![])] {
        let aws = AwsProxy::start().await;
        let stack = with_due_accounts(&[("EventBusName", bus)], 1).await;
        let stack = stack.with_variables(&[("AWS_ENDPOINT_URL", aws.endpoint())]);
        let report = stack.refresh().await.invoke(&json!({})).await;
        assert_eq!(report["refreshed"], 1, "{report}");
        let callback = stack.callback().await;
        let page = stack.browser(&callback).log_in(&stack.invite_link("new"), Consent::allow("corner_bakery")).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let events = aws.events();
        let found: BTreeSet<&str> = events.iter().map(|event| event["EventBusName"].as_str().unwrap()).collect();
        let found: Vec<_> = found.into_iter().map(|bus| bus.rsplit('/').next().unwrap()).collect();
        assert_eq!(found, buses, "EventBusName={bus}");
        assert_eq!(aws.count("PutEvents"), 2 * buses.len());
    }
}

#[tokio::test]
async fn the_secret_of_a_new_account_has_the_configured_kms_key_and_prefix() {
    let key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    for parameter in [key, ""] {
        let stack = Deployment::new().await.with_parameters(&[("KmsKeyArn", parameter)]);
        let callback = stack.callback().await;
        let page = stack.browser(&callback).log_in(&stack.invite_link("new"), Consent::allow("blue_bottle")).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert_eq!(stack.kms_key("new").await.as_deref(), (!parameter.is_empty()).then_some(key));
        assert_eq!(stack.secret("new"), format!("{}/accounts/new", stack.stack().parameter("VaultPrefix")));
    }
}

#[tokio::test]
async fn the_secret_of_a_new_account_has_the_configured_tags() {
    let stack = Deployment::new().await.with_parameters(&[("AccountTags", "team=web,cost-center=42")]);
    let callback = stack.callback().await;
    let page = stack.browser(&callback).log_in(&stack.invite_link("new"), Consent::allow("blue_bottle")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let tags = stack.tags("new").await;
    for (key, value) in [("team", "web"), ("cost-center", "42")] {
        assert!(tags.contains(&(key.to_owned(), value.to_owned())), "{tags:?}");
    }
}

#[tokio::test]
async fn rotation_steps_are_refused_unless_rotation_is_on() {
    for (rotation, error) in [("off", "RotationOff"), ("on", "RotationFailed")] {
        let stack = with_due_accounts(&[("Rotation", rotation)], 1).await;
        let step = json!({
            "SecretId": stack.secret("shop-0"),
            "ClientRequestToken": "11111111-2222-3333-4444-555555555555",
            "Step": "createSecret",
        });
        // No rotation was started for this secret.
        assert_eq!(stack.refresh().await.invoke(&step).await["errorType"], error, "Rotation={rotation}");
    }
}

#[tokio::test]
async fn a_function_logs_nothing_below_the_configured_level() {
    for (level, variable, levels) in [
        ("ERROR", "AWS_LAMBDA_LOG_LEVEL", vec![]),
        ("WARN", "AWS_LAMBDA_LOG_LEVEL", vec!["WARN"]),
        ("INFO", "AWS_LAMBDA_LOG_LEVEL", vec!["INFO", "WARN"]),
        // Where Lambda sets no level.
        ("WARN", "RUST_LOG", vec!["WARN"]),
    ] {
        let stack = with_due_accounts(&[("LogLevel", level)], 1).await;
        stack.put_document("odd", r#"{"not":"an account"}"#).await;
        // Lambda sets the variable from the function's logging configuration.
        let logging = stack.stack().properties("RefreshFunction")["LoggingConfig"].clone();
        let level = logging["ApplicationLogLevel"].as_str().unwrap();
        let stack = stack.with_variables(&[("AWS_LAMBDA_LOG_LEVEL", ""), (variable, level)]);
        let refresh = stack.refresh().await;
        assert_eq!(refresh.invoke(&json!({})).await["refreshed"], 1);
        refresh.wait_for_log("RunDurationMs").await;
        let log = refresh.log();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        // Metrics have the level of the function, so that Lambda keeps them.
        let lines = lines.filter(|line| line["message"] != "metrics");
        let found: BTreeSet<String> = lines.filter_map(|line| Some(line["level"].as_str()?.to_owned())).collect();
        assert_eq!(found, levels.iter().map(|level| (*level).to_owned()).collect(), "LogLevel={level}");
    }
}

#[tokio::test]
async fn a_changed_app_id_starts_logins_of_that_app() {
    let stack = Deployment::new().await;
    let app = json!({"app_id": "9876543210987654", "app_secret": "fedcba9876543210fedcba9876543210"});
    stack.put_app_credentials(&app).await;
    stack.scanner.register_secret("the other app secret", "fedcba9876543210fedcba9876543210");
    let callback = stack.callback().await;
    let login = stack.browser(&callback).start(&stack.invite_link("shop-de")).await;
    assert_eq!(parameter(&login.location().unwrap(), "client_id"), "9876543210987654");
}

/// The server's certificate is self-signed. It is not Instagram, so the function does not understand its responses.
#[tokio::test]
async fn a_function_trusts_only_the_given_root_certificates() {
    let dir = TempDir::new().unwrap();
    let server = ServeProcess::start(&["--sandbox", "--tls", "--local", dir.path().to_str().unwrap()], &[]).await;
    let certificate = dir.path().join("tls/localhost.pem");
    let roots = TempDir::new().unwrap();
    std::fs::copy(&certificate, roots.path().join("localhost.pem")).unwrap();
    for (variable, path, reason) in [
        ("SSL_CERT_FILE", certificate.to_str().unwrap(), "Instagram's response was not understood."),
        ("SSL_CERT_DIR", roots.path().to_str().unwrap(), "Instagram's response was not understood."),
        ("SSL_CERT_FILE", "", "Instagram cannot be reached."),
    ] {
        let stack = with_due_accounts(&[], 1).await;
        let origin = server.url.as_str().trim_end_matches('/');
        let stack = stack.with_variables(&[("EVERTOKEN_GRAPH_URL", origin), (variable, path)]);
        let report = stack.refresh().await.invoke(&json!({})).await;
        let message = report["failures"][0]["message"].as_str().unwrap();
        assert!(message.contains(reason), "{variable}={path}: {report}");
    }
    server.shut_down().await;
}
