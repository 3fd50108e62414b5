//! `evertoken serve` with either vault, its configuration errors and its shutdown.

use std::fs;

use evertoken_sandbox::{Endpoint, InjectedFault, Settings};
use evertoken_tests::browser::{Browser, Consent};
use evertoken_tests::deployed_stack::DeployedStack;
use evertoken_tests::serve_process::ServeProcess;
use evertoken_tests::test_cli::{self, TestCli};
use evertoken_tests::{http, wait, workspace};
use serde_json::json;
use time::Duration;
use url::Url;

#[tokio::test]
async fn serve_uses_secrets_manager_with_the_variables_of_the_lambdas() {
    let cli = TestCli::with_secrets_manager().await.with_variables(&[("EVERTOKEN_PUBLIC_URL", "")]);
    assert_refreshes_and_connects(&cli, &[]).await;
}

#[tokio::test]
async fn serve_finds_secrets_manager_through_the_stack() {
    let cli = TestCli::with_secrets_manager().await;
    let stack = DeployedStack::new(cli.deployment(), "https://login.example.test").await;
    let cli = cli.with_variables(&stack.stack_only_variables()).with_variables(&[("EVERTOKEN_STACK", &stack.name)]);
    assert_refreshes_and_connects(&cli, &["--stack", &stack.name]).await;
}

/// Asserts that a service with these arguments refreshes a due account and completes a login in Secrets Manager.
async fn assert_refreshes_and_connects(cli: &TestCli, arguments: &[&str]) {
    cli.add_account("due", Duration::days(30)).await;
    let before = cli.document("due").await.unwrap();
    let service = ServeProcess::start(arguments, &cli.environment()).await;
    assert_eq!(service.url.host_str(), Some("127.0.0.1"));
    wait::until("the refresh", || service.stderr().contains("1 of 1 accounts refreshed").then_some(())).await;
    assert_ne!(cli.document("due").await.unwrap()["access_token"], before["access_token"]);

    // A login is stored in Secrets Manager.
    let app = Url::parse(cli.instagram().origin()).unwrap().join("/_sandbox/app").unwrap();
    let known = json!({"redirect_uris": [service.url.join("/callback").unwrap()]});
    assert!(http::client().patch(app).json(&known).send().await.unwrap().status().is_success());
    let invite = ["invite", "--public-url", service.url.as_str().trim_end_matches('/'), "--name", "new-shop"];
    let invite: Url = cli.run(&invite).await.expect_code(0).stdout.trim_end().parse().unwrap();
    let page = Browser::new(cli.scanner()).log_in(&invite, Consent::allow("blue_bottle")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(cli.document("new-shop").await.is_some());
    let service = service.shut_down().await;
    cli.scanner().record_log("the standard output of the service", &service.stdout());
    cli.scanner().record_log("the standard error of the service", &service.stderr());
}

#[tokio::test]
async fn shutdown_finishes_refreshes_in_flight_and_starts_no_new_ones() {
    let cli = TestCli::with_file_vault().await;
    for number in 0..9 {
        cli.add_account(&format!("shop-{number}"), Duration::days(30)).await;
    }
    let tokens = async || {
        let mut tokens = Vec::new();
        for number in 0..9 {
            tokens.push(cli.document(&format!("shop-{number}")).await.unwrap()["access_token"].clone());
        }
        tokens
    };
    let before = tokens().await;
    cli.instagram().inject_fault(InjectedFault::latency(Endpoint::Refresh, 1500).always()).await;
    let environment = cli.service_environment(&[("EVERTOKEN_CONCURRENCY", "1")]);
    let service = ServeProcess::start(&["--local", cli.dir().to_str().unwrap()], &environment).await;
    while cli.instagram().request_count("refresh").await == 0 {
        wait::briefly().await;
    }
    service.shut_down().await;
    let after = tokens().await;
    let renewed = before.iter().zip(&after).filter(|(before, after)| before != after).count();
    let requests = usize::try_from(cli.instagram().request_count("refresh").await).unwrap();
    assert!(renewed == requests && (1..9).contains(&renewed), "{renewed} of {requests}");
}

#[tokio::test]
async fn secrets_can_be_read_from_files() {
    let cli = TestCli::with_file_vault().await;
    let app = Settings::default();
    let file = cli.dir().join("app-secret");
    fs::write(&file, format!("{}\n", app.app_secret)).unwrap();
    let mut environment = cli.environment();
    environment.push(("EVERTOKEN_APP_ID".to_owned(), app.app_id));
    environment.push(("EVERTOKEN_APP_SECRET_FILE".to_owned(), file.to_str().unwrap().to_owned()));
    let local = ["--local", cli.dir().to_str().unwrap()];
    let service = ServeProcess::start(&local, &environment).await;
    service.shut_down().await;
    fs::remove_file(&file).unwrap();
    let run = test_cli::run(&["serve", "--port", "0", local[0], local[1]], &environment, "").await.expect_code(2);
    let error =
        format!("error: EVERTOKEN_APP_SECRET_FILE is {file:?}, which cannot be read (entity not found)\nhint: ");
    assert!(run.stderr.starts_with(&error), "{run:?}");
}

#[tokio::test]
async fn a_port_in_use_is_reported() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = test_cli::run(&["serve", "--sandbox", "--port", &port], &[], "").await.expect_code(1);
    let error = format!(
        "error: cannot listen on port {port} of 127.0.0.1 (address in use)\nhint: another process uses the port"
    );
    assert!(run.stderr.contains(&error), "{run:?}");
}

#[tokio::test]
async fn the_systemd_unit_and_the_container_pass_valid_arguments() {
    let file = |name: &str| fs::read_to_string(workspace::root().join("infra").join(name)).unwrap();
    let (unit, container) = (file("evertoken.service"), file("Containerfile"));
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/evertoken ")).unwrap();
    let start: Vec<String> = start.split(' ').map(str::to_owned).collect();
    let arguments = container.lines().find_map(|line| line.strip_prefix("CMD ")).unwrap();
    let arguments: Vec<String> = serde_json::from_str(arguments).unwrap();
    for arguments in [start, arguments] {
        let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        arguments.push("--help");
        test_cli::run(&arguments, &[], "").await.expect_code(0);
        arguments[1] = "--nonsense";
        test_cli::run(&arguments, &[], "").await.expect_code(2);
    }
}

#[tokio::test]
async fn serve_shows_the_operators_brand() {
    let dir = tempfile::TempDir::new().unwrap();
    let logo = dir.path().join("logo.svg");
    fs::write(&logo, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"/>").unwrap();
    let logo = logo.to_str().unwrap();
    let arguments =
        ["--sandbox", "--brand-name", "Blue Agency", "--brand-logo", logo, "--contact-url", "mailto:a@agency.example"];
    // An option replaces its variable.
    let variables =
        [("EVERTOKEN_BRAND_NAME", "Other"), ("EVERTOKEN_BRAND_COLOR", "#0a5c36")].map(|(n, v)| (n.into(), v.into()));
    let service = ServeProcess::start(&arguments, &variables).await;
    let page = http::client().get(service.url.clone()).send().await.unwrap().text().await.unwrap();
    for part in ["<span>Blue Agency</span>", "src=\"data:image/svg+xml;base64,", "--button: #0a5c36", "mailto:a@agency"]
    {
        assert!(page.contains(part), "no {part}: {page}");
    }
    service.shut_down().await;
}

#[tokio::test]
async fn serve_refuses_a_malformed_or_hostile_brand() {
    let dir = tempfile::TempDir::new().unwrap();
    let page = dir.path().join("logo.html");
    fs::write(&page, "<html><script>alert(1)</script></html>").unwrap();
    let cli = TestCli::with_file_vault().await;
    for (arguments, expected) in [
        (["--brand-name", "Agency\u{202e}"], "expected a name of up to 60 visible characters"),
        (["--brand-color", "blue"], "expected a color such as #1d4ed8"),
        (["--brand-color", "#000;}*{display:none"], "expected a color such as #1d4ed8"),
        (["--contact-url", "javascript:alert(1)"], "expected an https URL, or mailto: and an email address"),
        (["--privacy-url", "http://agency.example"], "expected an https URL"),
        (["--brand-logo", "http://agency.example/logo.png"], "expected the https URL of a picture"),
        (["--brand-logo", "missing.png"], "cannot read the logo missing.png"),
        (["--brand-logo", page.to_str().unwrap()], "is not a PNG, JPEG, WebP or SVG picture"),
    ] {
        let run = cli.run(&[&["serve", "--sandbox", "--port", "0"], &arguments[..]].concat()).await.expect_code(2);
        assert!(run.stderr.contains(expected) && run.stdout.is_empty(), "{arguments:?}: {run:?}");
    }
}
