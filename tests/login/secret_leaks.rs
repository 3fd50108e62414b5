//! Requests every route and provokes every failure, and then searches everything that was written for secrets.

use evertoken_core::invite::Invite;
use evertoken_core::metrics::Metric;
use evertoken_core::vault::{AccountIndex, AccountStore};
use evertoken_sandbox::{Endpoint, FaultResponse, InjectedFault};
use evertoken_tests::browser_client::{BrowserClient, PageResponse};
use evertoken_tests::log_lines::LogLines;
use evertoken_tests::sample::name;
use evertoken_tests::secret_scanner::SecretScanner;
use evertoken_tests::test_app::{SIGNING_KEY, TestApp};
use reqwest::StatusCode;
use serde_json::{Value, json};
use url::Url;

/// A token that Instagram repeats in its error messages.
const ECHOED_TOKEN: &str = "IGAA-planted-in-an-error";

/// A browser whose responses are recorded by the scanner.
struct RecordedBrowser<'a> {
    app: &'a TestApp,
    scanner: &'a SecretScanner,
    browser: BrowserClient,
    /// The `Accept` header.
    accept: &'static str,
}

impl RecordedBrowser<'_> {
    async fn open(&self, url: &Url) -> PageResponse {
        let request = self.app.client.get(url.clone()).header("accept", self.accept);
        let response = self.browser.send(request).await;
        self.record(&response);
        response
    }

    fn record(&self, response: &PageResponse) {
        let text = format!("{} {:?} {}", response.status, response.headers, response.text);
        self.scanner.record_output("a page", &text);
    }

    /// Grants everything, and registers the secrets of the URL that Instagram redirects to.
    async fn consent(&self, link: &Url, account: &str) -> Url {
        let callback = self.browser.consent(self.app, link, account).await;
        for (name, value) in callback.query_pairs() {
            match &*name {
                "code" => self.scanner.register_secret("an authorization code", &value),
                // The URL and the cookie of a login contain its state.
                "state" => self.scanner.register_log_secret("a state", &value),
                _ => {}
            }
        }
        callback
    }

    /// Fails a login with every fault at every step.
    async fn fail_logins(&self, link: &Url) {
        let error =
            json!({"error": {"message": ECHOED_TOKEN, "type": ECHOED_TOKEN, "code": 190, "fbtrace_id": ECHOED_TOKEN}});
        let flat_error = json!({"error_type": ECHOED_TOKEN, "code": 400, "error_message": ECHOED_TOKEN});
        let redirect = format!("http://127.0.0.1:9/?access_token={ECHOED_TOKEN}");
        let responses = [
            FaultResponse::with_body(StatusCode::BAD_REQUEST, flat_error),
            FaultResponse::with_body(StatusCode::BAD_REQUEST, error),
            FaultResponse::with_body(StatusCode::OK, json!({"access_token": ECHOED_TOKEN, "expires_in": "never"})),
            FaultResponse::Status {
                status: StatusCode::FOUND,
                body: Some(json!("")),
                headers: [("location".to_owned(), redirect)].into(),
            },
            FaultResponse::status(StatusCode::SERVICE_UNAVAILABLE),
            FaultResponse::Truncated,
            FaultResponse::InvalidJson,
            FaultResponse::RateLimit { status: StatusCode::FORBIDDEN, retry_after_seconds: None },
            FaultResponse::Oversized { bytes: 200_000 },
        ];
        for endpoint in [Endpoint::Code, Endpoint::Exchange, Endpoint::Me] {
            for fault in &responses {
                let callback = self.consent(link, "blue_bottle").await;
                self.app.inject_fault(InjectedFault::new(endpoint, fault.clone()).after_processing()).await;
                let response = self.open(&callback).await;
                let succeeded = response.status.is_success() || response.status == 303;
                assert!(!succeeded, "{endpoint:?} {fault:?}: {}", response.status);
                self.app.clear_faults().await;
                self.open(&callback).await;
            }
        }
    }

    /// Completes a login, repeats it, and opens all other pages.
    async fn log_in_and_open_all_pages(&self, link: &Url) {
        let callback = self.consent(link, "blue_bottle").await;
        let done = self.open(&callback).await;
        self.open(&done.location()).await;
        // The URL and the cookie of the final page contain its receipt.
        self.scanner.register_log_secret("a receipt", &done.location().query_pairs().next().unwrap().1);
        self.open(&callback).await;
        let other = self.consent(link, "corner_bakery").await;
        self.open(&other).await;
        for path in
            ["/", "/healthz", "/login?invite=x", "/callback", "/connected?receipt=x", "/nowhere", "/data-deletion/x"]
        {
            self.open(&self.app.url(path)).await;
        }
        for cookie in self.browser.cookie_header().split("; ") {
            let (_, value) = cookie.split_once('=').unwrap();
            if !value.is_empty() {
                self.scanner.register_log_secret("a cookie", value);
            }
        }
    }

    /// Removes the account in both ways, and sends a forged removal.
    async fn remove_account(&self) {
        let account = self.app.vault.get(&name("shop-de")).await.unwrap().unwrap();
        self.scanner.register_secret("the access token", account.document.access_token.expose());
        let signed = self.app.control("POST", "signed_request", json!({"account": "blue_bottle"})).await;
        let signed = signed["signed_request"].as_str().unwrap().to_owned();
        self.scanner.register_secret("a signed request", &signed);
        for (path, text) in
            [("/deauthorize", &signed), ("/data-deletion", &signed), ("/deauthorize", &format!("A{signed}"))]
        {
            let request = self.app.client.post(self.app.url(path)).form(&[("signed_request", text)]);
            let response = self.browser.send(request).await;
            self.record(&response);
            let body = serde_json::from_str::<Value>(&response.text).ok();
            if let Some(url) = body.and_then(|body| body["url"].as_str().map(str::to_owned)) {
                self.open(&url.parse().unwrap()).await;
            }
        }
        let found = self.app.vault.find(&account.document.account_id).await.unwrap();
        assert!(found.accounts.is_empty());
    }
}

#[tokio::test]
async fn no_secret_appears_in_logs_pages_events_or_metrics() {
    let (lines, _guard) = LogLines::collect();
    let app = TestApp::with_variables(&[("EVERTOKEN_LOGIN", "open")]).await;
    let app_secret = evertoken_sandbox::Settings::default().app_secret;
    app.set_app_secrets(&app_secret, &["planted-previous-secret"]);
    let link = app.link(&Invite { note: None, ..app.invite("shop-de") });

    let scanner = SecretScanner::default();
    scanner.register_secret("the app secret", &app_secret);
    scanner.register_secret("the previous app secret", "planted-previous-secret");
    scanner.register_secret("the signing key", SIGNING_KEY);
    scanner.register_secret("the echoed token", ECHOED_TOKEN);
    scanner.register_log_secret("the invite", &link.query_pairs().next().unwrap().1);

    for accept in ["*/*", "application/json"] {
        let browser = RecordedBrowser { app: &app, scanner: &scanner, browser: BrowserClient::new(), accept };
        browser.fail_logins(&link).await;
        browser.log_in_and_open_all_pages(&link).await;
        browser.remove_account().await;
    }

    let events = app.take_events().await;
    assert!(events.iter().any(|event| event.kind.as_str() == "Account Disconnected"), "{events:?}");
    for event in &events {
        scanner.record_output("an event", &format!("{event:?} {}", event.detail()));
    }
    let metrics = app.metrics.take();
    assert!(metrics.iter().any(|metric| metric.metric == Metric::LoginsFailed), "{metrics:?}");
    scanner.record_output("a metric", &format!("{metrics:?}"));
    let log = lines.text();
    assert!(log.contains("account connected") && log.contains("account removed at its owner"), "{log}");
    scanner.record_log("the log", &log);
    assert_eq!(scanner.findings(), [""; 0]);
}
