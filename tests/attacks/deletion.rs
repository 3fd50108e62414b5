//! An owner asks for the deletion of their data after somebody else's account has taken their name.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use evertoken_callback::{Environment, Service, Settings, retry_removal};
use evertoken_core::app::App;
use evertoken_core::clock::SystemClock;
use evertoken_core::credentials::{AppCredentials, CredentialsError, SigningKeySource};
use evertoken_core::document::Document;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::MemoryEvents;
use evertoken_core::invite::Invite;
use evertoken_core::login::TimeLimits;
use evertoken_core::metrics::{Metric, NoMetrics};
use evertoken_core::provider::Logins;
use evertoken_core::removal_queue::{DeferredRemoval, RemovalCallback};
use evertoken_core::signing::SigningKeys;
use evertoken_core::variables::Variables;
use evertoken_core::vault::{
    AccountIndex, AccountStore, DocumentLocator, FaultyVault, MemoryVault, OutageCause, ParkedDocuments, VaultError,
    VaultFaults,
};
use evertoken_instagram::InstagramLogin;
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::browser::Consent;
use evertoken_tests::browser_client::{BrowserClient, PageResponse};
use evertoken_tests::deployment::Deployment;
use evertoken_tests::http::{self, Request, Response};
use evertoken_tests::lambda_emulator::Lambda;
use evertoken_tests::serve_process::ServeProcess;
use evertoken_tests::test_app::TestApp;
use evertoken_tests::test_cli::TestCli;
use evertoken_tests::{sample, wait};
use reqwest::Method;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use tokio_util::task::TaskTracker;

const BLUE_BOTTLE: &str = "17841405793187218";

async fn delete_data_of_blue_bottle(app: &TestApp) -> PageResponse {
    let signed = app.control("POST", "signed_request", json!({ "account": "blue_bottle" })).await;
    let signed = signed["signed_request"].as_str().unwrap();
    BrowserClient::new().send(app.client.post(app.url("/data-deletion")).form(&[("signed_request", signed)])).await
}

/// Whether the page of the confirmation code says that something was deleted.
async fn says_deleted(app: &TestApp, answer: &PageResponse) -> bool {
    let answer: Value = serde_json::from_str(&answer.text).unwrap();
    let page = BrowserClient::new().open(app, &answer["url"].as_str().unwrap().parse().unwrap()).await;
    page.text.contains("permanently deleted")
}

#[tokio::test]
async fn a_replacement_keeps_nothing_of_the_first_account() {
    let app = TestApp::start().await;
    BrowserClient::new().log_in(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    let first = app.vault.get(&sample::name("shop-de")).await.unwrap().unwrap();
    app.vault.park(&first.version, &first.document).await.unwrap();
    let replace = Invite { replace: true, ..app.invite("shop-de") };
    assert_eq!(BrowserClient::new().log_in(&app, &app.link(&replace), "corner_bakery").await.status, 303);
    assert_eq!(app.vault.find(&BLUE_BOTTLE.parse().unwrap()).await.unwrap().former, []);
    assert_eq!(app.vault.parked(&sample::name("shop-de")).await.unwrap(), None);
    let answer = delete_data_of_blue_bottle(&app).await;
    assert!(answer.status == 200 && !says_deleted(&app, &answer).await);
    assert_eq!(app.document("shop-de").await.unwrap().username, "corner_bakery");
}

/// Fails every call while it is switched on.
#[derive(Clone, Debug, Default)]
struct Outage(Arc<AtomicBool>);

impl VaultFaults for Outage {
    async fn pass<T: Send>(&self, work: impl Future<Output = Result<T, VaultError>> + Send) -> Result<T, VaultError> {
        if self.0.load(Ordering::SeqCst) { Err(injected()) } else { work.await }
    }
}

/// Fails one of the next calls: the first, the second and so on.
#[derive(Clone, Debug, Default)]
struct FailingCall(Arc<AtomicUsize>);

impl VaultFaults for FailingCall {
    async fn pass<T: Send>(&self, work: impl Future<Output = Result<T, VaultError>> + Send) -> Result<T, VaultError> {
        if self.0.fetch_sub(1, Ordering::SeqCst) == 1 { Err(injected()) } else { work.await }
    }
}

/// Never answers.
#[derive(Clone, Debug)]
struct Silence;

impl VaultFaults for Silence {
    async fn pass<T: Send>(&self, _: impl Future<Output = Result<T, VaultError>> + Send) -> Result<T, VaultError> {
        std::future::pending().await
    }
}

fn injected() -> VaultError {
    VaultError::Unavailable { cause: OutageCause::Other, code: "injected".to_owned() }
}

#[tokio::test]
async fn a_request_that_meets_a_failing_vault_is_kept_and_answered_with_503() {
    let outage = Outage::default();
    let wrap = |vault| FaultyVault { vault, faults: outage.clone() };
    let app = TestApp::with_vault(&[], TimeLimits::default(), wrap).await;
    BrowserClient::new().log_in(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    outage.0.store(true, Ordering::SeqCst);
    let signed = app.control("POST", "signed_request", json!({ "account": "blue_bottle" })).await;
    let signed = signed["signed_request"].as_str().unwrap().to_owned();
    for (path, callback) in
        [("/deauthorize", RemovalCallback::Deauthorize), ("/data-deletion", RemovalCallback::DataDeletion)]
    {
        let post = app.client.post(app.url(path)).form(&[("signed_request", &signed)]);
        assert_eq!(BrowserClient::new().send(post).await.status, 503, "{path}");
        let failed = app.metrics.take().iter().filter(|one| one.metric == Metric::RemovalsFailed).count();
        assert_eq!(failed, 1, "{path}");
        let kept = DeferredRemoval { callback, signed_request: signed.clone(), attempts: 1 };
        assert_eq!(app.removals.take(), [kept], "{path}");
    }
    // A forged request is never kept.
    let forged = app.client.post(app.url("/deauthorize")).form(&[("signed_request", format!("A{signed}"))]);
    assert_eq!(BrowserClient::new().send(forged).await.status, 400);
    assert_eq!(app.removals.take(), []);
    outage.0.store(false, Ordering::SeqCst);
    assert_eq!(delete_data_of_blue_bottle(&app).await.status, 200);
    // This vault's index is always current, so nothing is tried again.
    assert_eq!(app.removals.take(), []);
    assert!(app.document("shop-de").await.is_none());
}

/// A stack with the account of Blue Bottle, its callback function, and a signed request of the account's owner.
async fn connected_through(proxy: &AwsProxy) -> (Deployment, Lambda, String) {
    let stack = Deployment::new().await.with_variables(&[("AWS_ENDPOINT_URL", proxy.endpoint())]);
    let callback = stack.callback().await;
    let page = stack.browser(&callback).log_in(&stack.invite_link("shop-de"), Consent::allow("blue_bottle")).await;
    assert_eq!(page.status, 200);
    let signed = stack.instagram.signed_request("blue_bottle").await;
    (stack, callback, signed)
}

/// Lets the next calls fail, with all attempts of the SDK.
fn fail_next(proxy: &AwsProxy, operation: &str, calls: usize) {
    (0..calls * 4).for_each(|_| drop(proxy.pause_next(operation)));
}

#[tokio::test]
async fn in_secrets_manager_a_request_that_failed_is_sent_again_until_it_is_done() {
    let proxy = AwsProxy::start().await;
    let (stack, callback, signed) = connected_through(&proxy).await;
    fail_next(&proxy, "ListSecrets", 1);
    // The header of scheduled requests means nothing in another request.
    let form = vec![("signed_request".to_owned(), signed.clone())];
    let headers = vec![("x-evertoken-attempts".to_owned(), "9".to_owned())];
    let request = Request { form, headers, ..Request::get(&stack.page_url("/data-deletion")).method(Method::POST) };
    assert_eq!(stack.browser(&callback).send(&request).await.status, 503);
    let again = stack.take_scheduled_removal(&signed).await.expect("the request was not scheduled");
    assert_eq!(again["headers"]["x-evertoken-attempts"], "1");
    // The vault fails once more.
    fail_next(&proxy, "ListSecrets", 1);
    assert_eq!(callback.invoke(&again).await["statusCode"], 503);
    let again = stack.take_scheduled_removal(&signed).await.expect("the request was not scheduled again");
    assert_eq!(callback.invoke(&again).await["statusCode"], 200);
    assert!(stack.secret_version("shop-de", "AWSCURRENT").await.is_none());
    assert_eq!(stack.take_scheduled_removal(&signed).await, None);
}

/// A scheduled request was verified when it first came. If others were kept unverified, anybody could fill the queue.
#[tokio::test]
async fn in_secrets_manager_only_a_scheduled_request_is_kept_while_the_credentials_cannot_be_read() {
    let proxy = AwsProxy::start().await;
    let (stack, callback, signed) = connected_through(&proxy).await;
    let unprepared = stack.callback().await;
    fail_next(&proxy, "GetSecretValue", 1);
    assert_eq!(post(&stack, &unprepared, "/deauthorize", &signed).await.status, 503);
    assert_eq!(stack.take_scheduled_removal(&signed).await, None);
    fail_next(&proxy, "ListSecrets", 1);
    assert_eq!(post(&stack, &callback, "/data-deletion", &signed).await.status, 503);
    let again = stack.take_scheduled_removal(&signed).await.expect("the request was not scheduled");
    // The signing keys and the app secret.
    fail_next(&proxy, "GetSecretValue", 2);
    let unprepared = stack.callback().await;
    assert_eq!(unprepared.invoke(&again).await["statusCode"], 503);
    let again = stack.take_scheduled_removal(&signed).await.expect("the request was not scheduled again");
    assert_eq!(again["headers"]["x-evertoken-attempts"], "2");
}

/// `ListSecrets` may lag by minutes, so each request is tried again once, also one that found something.
#[tokio::test]
async fn in_secrets_manager_a_request_finds_an_account_that_the_index_did_not_show_yet() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let signed = stack.instagram.signed_request("blue_bottle").await;
    // The account was connected before the request, and appears in the index after it.
    assert_eq!(post(&stack, &callback, "/deauthorize", &signed).await.status, 200);
    assert_eq!(post(&stack, &callback, "/deauthorize", &signed).await.status, 200);
    let again = stack.take_scheduled_removal(&signed).await.expect("the request was not scheduled");
    assert_eq!(stack.take_scheduled_removal(&signed).await, None, "the same request was scheduled twice");
    let token = stack.instagram.token("blue_bottle", Duration::days(2)).await;
    let vault = stack.vault();
    let connected_at = OffsetDateTime::now_utc() - Duration::minutes(1);
    let document = sample::document_json("shop-de", &token, connected_at);
    vault.create(&Document::decode(&sample::name("shop-de"), &document.to_string()).unwrap()).await.unwrap();
    assert_eq!(callback.invoke(&again).await["statusCode"], 200);
    assert!(stack.accounts().await.is_empty());
    assert_eq!(stack.take_scheduled_removal(&signed).await, None);
    // The owner has connected the account again before the request is sent again. That is no failure.
    let connected_at = OffsetDateTime::now_utc() + Duration::seconds(5);
    let document = sample::document_json("shop-de", &token, connected_at);
    vault.create(&Document::decode(&sample::name("shop-de"), &document.to_string()).unwrap()).await.unwrap();
    assert_eq!(callback.invoke(&again).await["statusCode"], 200);
    assert_eq!(stack.accounts().await.len(), 1);
}

#[tokio::test]
async fn one_account_that_cannot_be_deleted_does_not_keep_the_others() {
    let failing = FailingCall::default();
    let wrap = |vault| FaultyVault { vault, faults: failing.clone() };
    let app = TestApp::with_vault(&[], TimeLimits::default(), wrap).await;
    for name in ["shop-de", "shop-fr"] {
        BrowserClient::new().log_in(&app, &app.link(&app.invite(name)), "blue_bottle").await;
    }
    // The search, and the first deletion.
    failing.0.store(2, Ordering::SeqCst);
    assert_eq!(delete_data_of_blue_bottle(&app).await.status, 503);
    let left = [app.document("shop-de").await, app.document("shop-fr").await];
    assert_eq!(left.iter().flatten().count(), 1);
    assert_eq!(app.removals.take().len(), 1);
    assert_eq!(delete_data_of_blue_bottle(&app).await.status, 200);
    assert!(app.document("shop-de").await.is_none() && app.document("shop-fr").await.is_none());
}

/// The Lambda function is stopped after 29 seconds, and a request that was not kept by then would be lost.
#[tokio::test]
async fn a_request_that_meets_a_vault_that_does_not_answer_is_kept() {
    let limits = TimeLimits { removal: std::time::Duration::from_millis(100), ..TimeLimits::default() };
    let app = TestApp::with_vault(&[], limits, |vault| FaultyVault { vault, faults: Silence }).await;
    let signed = app.control("POST", "signed_request", json!({ "account": "blue_bottle" })).await;
    let form = [("signed_request", signed["signed_request"].as_str().unwrap())];
    let post = app.client.post(app.url("/deauthorize")).form(&form);
    assert_eq!(BrowserClient::new().send(post).await.status, 503);
    assert_eq!(app.removals.take().len(), 1);
}

#[tokio::test]
async fn on_one_machine_a_request_that_failed_is_tried_in_each_run_until_it_is_done() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("shop-de", Duration::days(2)).await;
    let app = evertoken_sandbox::Settings::default();
    let own = [("EVERTOKEN_APP_ID", app.app_id), ("EVERTOKEN_APP_SECRET", app.app_secret)];
    let own = own.map(|(name, value)| (name.to_owned(), value));
    let environment: Vec<_> = cli.environment().into_iter().chain(own).collect();
    let local = ["--local", cli.dir().to_str().unwrap()];
    let service = ServeProcess::start(&local, &environment).await;
    // No process can delete a folder as it deletes a document.
    let obstacle = cli.dir().join("accounts/shop-de.previous.json");
    std::fs::create_dir(&obstacle).unwrap();
    let signed = cli.instagram().signed_request("blue_bottle").await;
    let request = http::client().post(service.url.join("/data-deletion").unwrap());
    assert_eq!(request.form(&[("signed_request", &signed)]).send().await.unwrap().status(), 503);
    service.shut_down().await;
    let files = || std::fs::read_dir(cli.dir().join("removals")).unwrap().map(|file| file.unwrap().path());
    let file = files().next().expect("the request was not kept");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    // It fails in the next run as well, and stays.
    let last_run = cli.dir().join("last-run.json");
    std::fs::remove_file(&last_run).ok();
    let service = ServeProcess::start(&local, &environment).await;
    wait::until("a run", || last_run.exists().then_some(())).await;
    service.shut_down().await;
    assert!(file.exists());
    assert!(cli.document("shop-de").await.is_some());
    std::fs::remove_dir(&obstacle).unwrap();
    let service = ServeProcess::start(&local, &environment).await;
    wait::until("the removal", || (files().next().is_none()).then_some(())).await;
    service.shut_down().await;
    assert!(cli.document("shop-de").await.is_none());
}

/// Secrets that cannot be read now.
struct Unavailable;

impl Unavailable {
    fn error(secret: &str) -> CredentialsError {
        CredentialsError::Unavailable { secret: secret.to_owned(), code: "injected".to_owned() }
    }
}

impl AppCredentials for Unavailable {
    async fn app(&self) -> Result<Arc<App>, CredentialsError> {
        Err(Self::error("app"))
    }
}

impl SigningKeySource for Unavailable {
    async fn signing_keys(&self) -> Result<Arc<SigningKeys>, CredentialsError> {
        Err(Self::error("signing"))
    }
}

#[tokio::test]
async fn on_one_machine_a_request_that_cannot_be_verified_now_is_not_done() {
    let variables = Variables::default().or("EVERTOKEN_PUBLIC_URL", "https://login.example.com");
    let service = Arc::new(Service {
        logins: Logins::<InstagramLogin>::new(Vec::new()),
        vault: MemoryVault::default(),
        app_credentials: Unavailable,
        signing_keys: Unavailable,
        events: MemoryEvents::default(),
        environment: Environment {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            metrics: Arc::new(NoMetrics),
            locator: DocumentLocator::Memory,
            settings: Settings::read(&variables).unwrap(),
            removals: None,
            background: TaskTracker::new(),
        },
    });
    for callback in [RemovalCallback::Deauthorize, RemovalCallback::DataDeletion] {
        let removal = DeferredRemoval { callback, signed_request: "signature.payload".to_owned(), attempts: 1 };
        assert!(!retry_removal(&service, &removal).await, "{callback:?}");
    }
}

/// Only the confirmation code needs the signing keys. Meta does not document whether it asks again.
#[tokio::test]
async fn data_is_deleted_while_the_signing_keys_cannot_be_read() {
    let app = TestApp::start().await;
    BrowserClient::new().log_in(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    app.withhold_signing_keys();
    assert_eq!(delete_data_of_blue_bottle(&app).await.status, 503);
    assert!(app.document("shop-de").await.is_none());
}

/// As after a crash, or with a vault of an earlier version.
#[tokio::test]
async fn a_request_deletes_earlier_documents_that_a_replacement_has_left() {
    let failing = FailingCall::default();
    let wrap = |vault| FaultyVault { vault, faults: failing.clone() };
    let app = TestApp::with_vault(&[], TimeLimits::default(), wrap).await;
    BrowserClient::new().log_in(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    BrowserClient::new().log_in(&app, &app.link(&app.invite("bakery")), "corner_bakery").await;
    let first = app.vault.get(&sample::name("shop-de")).await.unwrap().unwrap();
    let bakery = app.document("bakery").await.unwrap();
    let taken = Document { name: sample::name("shop-de"), ..bakery };
    app.vault.replace(&first.version, &taken).await.unwrap();
    // The first call finds the documents, and the second one deletes them.
    failing.0.store(2, Ordering::SeqCst);
    assert_eq!(delete_data_of_blue_bottle(&app).await.status, 503);
    assert_eq!(app.removals.take().len(), 1);
    let answer = delete_data_of_blue_bottle(&app).await;
    assert!(says_deleted(&app, &answer).await);
    assert_eq!(app.vault.find(&BLUE_BOTTLE.parse().unwrap()).await.unwrap().former, []);
    assert_eq!(app.document("shop-de").await, Some(taken));
    // The name still belongs to an account, so nobody is told that it is gone.
    assert!(app.take_events().await.iter().all(|event| event.kind.as_str() != "Data Deleted"));
}

#[tokio::test]
async fn in_secrets_manager_a_replacement_leaves_no_labeled_version() {
    let stack = Deployment::new().await;
    let callback = stack.callback().await;
    let invite =
        Invite { name: Some(sample::name("shop-de")), ..Invite::new(OffsetDateTime::now_utc() + Duration::days(1)) };
    let log_in = async |invite: &Invite, account: &str| {
        let page = stack.browser(&callback).log_in(&stack.invite_link_for(invite), Consent::allow(account)).await;
        assert_eq!(page.status, 200, "{}", page.body);
    };
    log_in(&invite, "blue_bottle").await;
    let (_, first) = stack.current_document("shop-de").await;
    stack.put_version("shop-de", &first.to_string(), "EVERTOKEN_PARKED").await;
    let replace = Invite { replace: true, ..invite.clone() };
    log_in(&replace, "corner_bakery").await;
    let labels = async || stack.labels("shop-de").await.into_values().flatten().collect::<Vec<_>>();
    assert_eq!(labels().await, ["AWSCURRENT"]);

    // An owner who removes the app, and somebody else who gets the name.
    leave(&stack, &callback, "/deauthorize", "corner_bakery").await;
    log_in(&invite, "blue_bottle").await;
    assert_eq!(labels().await, ["AWSCURRENT"], "the removed account was restored");
}

#[tokio::test]
async fn in_secrets_manager_a_failed_login_does_not_restore_a_removed_account() {
    let proxy = AwsProxy::start().await;
    let stack = Deployment::new().await.with_variables(&[("AWS_ENDPOINT_URL", proxy.endpoint())]);
    let callback = stack.callback().await;
    let link = stack.invite_link("shop-de");
    let log_in = async || stack.browser(&callback).log_in(&link, Consent::allow("blue_bottle")).await.status;
    assert_eq!(log_in().await, 200);
    leave(&stack, &callback, "/deauthorize", "blue_bottle").await;
    assert_eq!(stack.accounts().await, [""; 0]);
    // The SDK's attempts to write the document, and the login's.
    for _ in 0..6 {
        drop(proxy.pause_next("PutSecretValue"));
    }
    assert_eq!(log_in().await, 503);
    assert_eq!(stack.accounts().await, [""; 0]);
}

async fn post(stack: &Deployment, callback: &Lambda, path: &str, signed_request: &str) -> Response {
    let form = vec![("signed_request".to_owned(), signed_request.to_owned())];
    let request = Request { form, ..Request::get(&stack.page_url(path)).method(Method::POST) };
    stack.browser(callback).send(&request).await
}

async fn leave(stack: &Deployment, callback: &Lambda, path: &str, account: &str) {
    let signed = stack.instagram.signed_request(account).await;
    let answer = post(stack, callback, path, &signed).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn in_a_folder_an_import_over_another_account_leaves_no_file_of_it() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("shop-de", Duration::days(2)).await;
    for file in ["shop-de.previous.json", "shop-de.parked.json"] {
        std::fs::copy(cli.dir().join("accounts/shop-de.json"), cli.dir().join("accounts").join(file)).unwrap();
    }
    let token = cli.instagram().token("corner_bakery", Duration::days(2)).await;
    cli.scanner().register_secret("a token", &token);
    cli.run_with_stdin(&["import", "shop-de", "--replace"], &token).await.expect_code(0);
    assert_eq!(cli.document("shop-de").await.unwrap()["username"], "corner_bakery");
    for file in ["shop-de.previous.json", "shop-de.parked.json"] {
        assert!(!cli.dir().join("accounts").join(file).exists(), "{file}");
    }
}
