//! `serve`: TLS, events for others, another vault, and the end.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use evertoken_sandbox::Settings;
use evertoken_tests::binaries;
use evertoken_tests::browser::{Browser, Consent};
use evertoken_tests::command::{self, CommandHouse};
use evertoken_tests::deployed_stack::DeployedStack;
use evertoken_tests::leaks::Leaks;
use evertoken_tests::leashed::Leashed;
use evertoken_tests::receiver::Receiver;
use evertoken_tests::{venv, waiting, web};
use serde_json::{Value, json};
use tempfile::TempDir;
use time::Duration;
use url::Url;

const SECRET: &str = "webhook-secret-of-the-tests-0123456789";

/// Starts the service and waits for its first line.
async fn serve(arguments: &[&str], environment: &[(String, String)]) -> (Leashed, Url) {
    let arguments = [&["serve", "--port", "0"], arguments].concat();
    let mut service = Leashed::start(binaries::path("evertoken"), &arguments, environment);
    let line = loop {
        if let Some((line, _)) = service.stdout().split_once('\n') {
            break line.to_owned();
        }
        let ended = service.status();
        assert!(ended.is_none(), "{}", service.stderr());
        waiting::a_moment().await;
    };
    (service, line.parse().unwrap())
}

async fn assert_ends_cleanly(mut service: Leashed) -> Leashed {
    service.interrupt();
    assert_eq!(service.ended().await, 0, "{}", service.stderr());
    service
}

/// The variables of a service against this house's Instagram.
fn environment(house: &CommandHouse, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let app = Settings::default();
    let own = [("EVERTOKEN_APP_ID", app.app_id.as_str()), ("EVERTOKEN_APP_SECRET", &app.app_secret)];
    let all = own.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    house.environment().into_iter().chain(all).collect()
}

/// A client that believes this certificate and no other.
fn believing(pem: &Path) -> reqwest::Client {
    let certificate = reqwest::Certificate::from_pem(&fs::read(pem).unwrap()).unwrap();
    reqwest::Client::builder().tls_certs_only([certificate]).no_proxy().build().unwrap()
}

async fn status(client: &reqwest::Client, url: &Url) -> Result<u16, reqwest::Error> {
    Ok(client.get(url.join("/healthz").unwrap()).send().await?.status().as_u16())
}

#[tokio::test]
async fn a_certificate_of_its_own_is_made_once_and_its_key_is_private() {
    let dir = TempDir::new().unwrap();
    let local = dir.path().to_str().unwrap();
    let (service, url) = serve(&["--sandbox", "--tls", "--local", local], &[]).await;
    assert_eq!((url.scheme(), url.host_str()), ("https", Some("localhost")));
    let pem = dir.path().join("tls/localhost.pem");
    assert_eq!(fs::metadata(&pem).unwrap().permissions().mode() & 0o777, 0o600);
    // Somebody who connects and says nothing holds up nobody.
    let _silent = tokio::net::TcpStream::connect(("127.0.0.1", url.port().unwrap())).await.unwrap();
    assert_eq!(status(&believing(&pem), &url).await.unwrap(), 200);
    // Without TLS there is no answer.
    let plain: Url = format!("http://localhost:{}/", url.port().unwrap()).parse().unwrap();
    assert!(status(&web::client(), &plain).await.is_err());
    assert_ends_cleanly(service).await;

    let before = fs::read(&pem).unwrap();
    let (service, url) = serve(&["--sandbox", "--tls", "--local", local], &[]).await;
    assert_eq!((fs::read(&pem).unwrap(), status(&believing(&pem), &url).await.unwrap()), (before, 200));
    assert_ends_cleanly(service).await;
}

#[tokio::test]
async fn a_certificate_from_files_is_shown_and_a_useless_one_is_named() {
    let dir = TempDir::new().unwrap();
    let (service, _) = serve(&["--sandbox", "--tls", "--local", dir.path().to_str().unwrap()], &[]).await;
    assert_ends_cleanly(service).await;
    let pem = dir.path().join("tls/localhost.pem");
    let [cert, key] = ["fullchain.pem", "privkey.pem"].map(|name| dir.path().join(name));
    fs::copy(&pem, &cert).unwrap();
    fs::copy(&pem, &key).unwrap();
    let files = ["--sandbox", "--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let (service, url) = serve(&files, &[]).await;
    assert_eq!(status(&believing(&cert), &url).await.unwrap(), 200);
    assert_ends_cleanly(service).await;

    fs::write(&key, "-----BEGIN PRIVATE KEY-----\nhunter22\n").unwrap();
    let start = [&["serve", "--port", "0"], &files[..]].concat();
    let run = command::run(&start, &[], "").await.expect(1);
    assert!(run.stderr.contains("the file contains no private key\nhint: ") && !run.stderr.contains("hunter22"), "{run:?}");
    fs::remove_file(&key).unwrap();
    let run = command::run(&start, &[], "").await.expect(1);
    assert!(run.stderr.contains("privkey.pem, the file of --tls-key (entity not found)"), "{run:?}");
    let run = command::run(&start[..6], &[], "").await.expect(2);
    assert!(run.stderr.contains("--tls-key"), "{run:?}");
}

#[tokio::test]
async fn a_login_is_told_to_the_webhook_until_it_answers() {
    let dir = TempDir::new().unwrap();
    let receiver = Receiver::answering(&[503, 500, 204]).await;
    let variables = [("EVERTOKEN_WEBHOOK_URL", receiver.url()), ("EVERTOKEN_WEBHOOK_SECRET", SECRET.to_owned())];
    let variables = variables.map(|(name, value)| (name.to_owned(), value));
    let (service, home) = serve(&["--sandbox", "--local", dir.path().to_str().unwrap()], &variables).await;
    let leaks = Leaks::default();
    leaks.keep_secret("the webhook's secret", SECRET);
    leaks.keep_out_of_logs("the webhook's address", "known-to-the-owner");
    let mut browser = Browser::new(&leaks);
    let page = browser.get(&home).await;
    let connect = page.body.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let connected = browser.log_in(&home.join(connect).unwrap(), Consent::allow("blue_bottle")).await;
    assert_eq!(connected.status, 200);

    let deliveries = receiver.deliveries(3).await;
    for delivery in &deliveries {
        assert!(delivery.is_genuine(SECRET) && !delivery.is_genuine("another-secret-of-the-tests-012345678"));
        assert_eq!(delivery.body, deliveries[0].body);
        assert_eq!(delivery.headers["content-type"], "application/json");
        leaks.wrote("a delivery", &delivery.body);
    }
    let mut forged = deliveries[0].clone();
    forged.body = forged.body.replace("blue_bottle", "evil_bottle");
    assert!(!forged.is_genuine(SECRET));
    let event = deliveries[0].json();
    assert_eq!((&event["source"], &event["detail-type"]), (&json!("evertoken"), &json!("Account Connected")));
    assert_eq!(event["detail"]["username"], "blue_bottle");

    let service = assert_ends_cleanly(service).await;
    let printed: Vec<Value> =
        service.stdout().lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(printed, [event]);
    leaks.logged("the service's output", &service.stdout());
    leaks.logged("the service's remarks", &service.stderr());
    assert_eq!(leaks.found(), [""; 0]);
}

#[tokio::test]
async fn an_event_that_asks_for_a_person_has_a_link_for_the_webhook_alone() {
    let house = CommandHouse::with_files().await;
    house.plant("shop-de", Duration::days(30)).await;
    let refusal = json!({"error": {"message": "no", "type": "OAuthException", "code": 190, "error_subcode": 460}});
    let answer = json!({"kind": "status", "status": 400, "body": refusal});
    house.instagram().fault(json!({"endpoint": "refresh", "times": "always", "answer": answer})).await;
    let receiver = Receiver::answering(&[200]).await;
    let webhook = [("EVERTOKEN_WEBHOOK_URL", receiver.url()), ("EVERTOKEN_WEBHOOK_SECRET", SECRET.to_owned())];
    let webhook = [(webhook[0].0, webhook[0].1.as_str()), (webhook[1].0, webhook[1].1.as_str())];
    let environment = environment(&house, &webhook);
    let (service, _) = serve(&["--local", house.dir().to_str().unwrap()], &environment).await;
    let event = receiver.deliveries(1).await[0].json();
    assert_eq!(event["detail-type"], "Login Required");
    let link = event["detail"]["reconnect_url"].as_str().unwrap();
    assert!(link.contains("/login?invite="), "{link}");
    let service = assert_ends_cleanly(service).await;
    assert!(service.stdout().contains("Login Required") && !service.stdout().contains("invite="));
    assert!(house.document("shop-de").await.unwrap()["health"]["announced_at"].is_string());
    house.leaks().logged("the service's output", &service.stdout());
    house.leaks().logged("the service's remarks", &service.stderr());
}

#[tokio::test]
async fn a_webhook_that_fails_costs_no_token_and_is_told_again() {
    let house = CommandHouse::with_files().await;
    house.plant("due", Duration::days(30)).await;
    let before = house.document("due").await.unwrap();
    let receiver = Receiver::answering(&[500]).await;
    let (url, dir) = (receiver.url(), house.dir().to_str().unwrap().to_owned());
    let webhook = [("EVERTOKEN_WEBHOOK_URL", url.as_str()), ("EVERTOKEN_WEBHOOK_SECRET", SECRET)];
    let (service, _) = serve(&["--local", &dir], &environment(&house, &webhook)).await;
    assert_eq!(receiver.deliveries(4).await.len(), 4);
    let failed = || service.stderr().contains("(webhook http 500)").then_some(());
    waiting::until("the failure in the log", failed).await;
    assert_ne!(house.document("due").await.unwrap()["access_token"], before["access_token"]);
    assert_ends_cleanly(service).await;
}

#[tokio::test]
async fn the_vault_in_aws_is_served_with_the_variables_of_the_lambdas() {
    let house = CommandHouse::with_secrets_manager().await.with_variables(&[("EVERTOKEN_PUBLIC_URL", "")]);
    assert_renews_and_connects(&house, &[]).await;
}

#[tokio::test]
async fn the_vault_in_aws_is_served_as_the_stack_says() {
    let house = CommandHouse::with_secrets_manager().await;
    let stack = DeployedStack::of(house.deployment(), "https://login.example.test").await;
    let house = house.with_variables(&stack.alone()).with_variables(&[("EVERTOKEN_STACK", &stack.name)]);
    assert_renews_and_connects(&house, &["--stack", &stack.name]).await;
}

/// A service with these arguments renews what is due and takes a login, over the house's vault in Secrets Manager.
async fn assert_renews_and_connects(house: &CommandHouse, arguments: &[&str]) {
    house.plant("due", Duration::days(30)).await;
    let before = house.document("due").await.unwrap();
    let (service, home) = serve(arguments, &house.environment()).await;
    assert_eq!(home.host_str(), Some("127.0.0.1"));
    waiting::until("the renewal", || service.stderr().contains("1 of 1 accounts refreshed").then_some(())).await;
    assert_ne!(house.document("due").await.unwrap()["access_token"], before["access_token"]);

    // A login ends in Secrets Manager too.
    let app = Url::parse(house.instagram().origin()).unwrap().join("/_sandbox/app").unwrap();
    let known = json!({"redirect_uris": [home.join("/callback").unwrap()]});
    assert!(web::client().patch(app).json(&known).send().await.unwrap().status().is_success());
    let invite = ["invite", "--public-url", home.as_str().trim_end_matches('/'), "--name", "new-shop"];
    let invite: Url = house.run(&invite).await.expect(0).stdout.trim_end().parse().unwrap();
    let page = Browser::new(house.leaks()).log_in(&invite, Consent::allow("blue_bottle")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(house.document("new-shop").await.is_some());
    let service = assert_ends_cleanly(service).await;
    house.leaks().logged("the service's output", &service.stdout());
    house.leaks().logged("the service's remarks", &service.stderr());
}

#[tokio::test]
async fn asked_to_end_it_finishes_what_was_begun_and_begins_nothing_new() {
    let house = CommandHouse::with_files().await;
    for number in 0..9 {
        house.plant(&format!("shop-{number}"), Duration::days(30)).await;
    }
    let tokens = async || {
        let mut tokens = Vec::new();
        for number in 0..9 {
            tokens.push(house.document(&format!("shop-{number}")).await.unwrap()["access_token"].clone());
        }
        tokens
    };
    let before = tokens().await;
    house.instagram().fault(json!({"endpoint": "refresh", "times": "always", "latency_ms": 1500})).await;
    let environment = environment(&house, &[("EVERTOKEN_CONCURRENCY", "1")]);
    let (service, _) = serve(&["--local", house.dir().to_str().unwrap()], &environment).await;
    while house.instagram().requests("refresh").await == 0 {
        waiting::a_moment().await;
    }
    assert_ends_cleanly(service).await;
    let after = tokens().await;
    let renewed = before.iter().zip(&after).filter(|(before, after)| before != after).count();
    let asked = usize::try_from(house.instagram().requests("refresh").await).unwrap();
    assert!(renewed == asked && (1..9).contains(&renewed), "{renewed} of {asked}");
}

#[tokio::test]
async fn secrets_may_stand_in_files() {
    let house = CommandHouse::with_files().await;
    let app = Settings::default();
    let file = house.dir().join("app-secret");
    fs::write(&file, format!("{}\n", app.app_secret)).unwrap();
    let mut environment = house.environment();
    environment.push(("EVERTOKEN_APP_ID".to_owned(), app.app_id));
    environment.push(("EVERTOKEN_APP_SECRET_FILE".to_owned(), file.to_str().unwrap().to_owned()));
    let local = ["--local", house.dir().to_str().unwrap()];
    let (service, _) = serve(&local, &environment).await;
    assert_ends_cleanly(service).await;
    fs::remove_file(&file).unwrap();
    let run = command::run(&["serve", "--port", "0", local[0], local[1]], &environment, "").await.expect(2);
    let error =
        format!("error: EVERTOKEN_APP_SECRET_FILE is {file:?}, which cannot be read (entity not found)\nhint: ");
    assert!(run.stderr.starts_with(&error), "{run:?}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = command::run(&["serve", "--sandbox", "--port", &port], &[], "").await.expect(1);
    let error =
        format!("error: cannot listen on port {port} of 127.0.0.1 (address in use)\nhint: another process uses the port");
    assert!(run.stderr.contains(&error), "{run:?}");
}

#[tokio::test]
async fn the_unit_and_the_container_call_the_command_as_it_is() {
    let file = |name: &str| fs::read_to_string(venv::root().join("infra").join(name)).unwrap();
    let (unit, container) = (file("evertoken.service"), file("Containerfile"));
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/evertoken ")).unwrap();
    let start: Vec<String> = start.split(' ').map(str::to_owned).collect();
    let arguments = container.lines().find_map(|line| line.strip_prefix("CMD ")).unwrap();
    let arguments: Vec<String> = serde_json::from_str(arguments).unwrap();
    for arguments in [start, arguments] {
        let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        arguments.push("--help");
        command::run(&arguments, &[], "").await.expect(0);
        arguments[1] = "--nonsense";
        command::run(&arguments, &[], "").await.expect(2);
    }
}
