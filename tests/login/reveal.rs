//! An invite with `reveal` shows the token once, to the person who has just logged in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use evertoken_core::invite::Invite;
use evertoken_core::login::TimeLimits;
use evertoken_core::vault::{AccountStore, FaultyVault, OutageCause, Removal, VaultError, VaultFaults};
use evertoken_tests::browser_client::{BrowserClient, PageResponse};
use evertoken_tests::log_lines::LogLines;
use evertoken_tests::sample;
use evertoken_tests::test_app::TestApp;
use time::Duration;
use url::Url;

/// The value of the form's hidden field, if the page has the form.
fn form_receipt(page: &PageResponse) -> Option<String> {
    let (_, field) = page.text.split_once("name=\"receipt\" value=\"")?;
    Some(field.split('"').next().unwrap().to_owned())
}

/// Presses the button of a page after a login, in a browser.
async fn press(app: &TestApp, browser: &BrowserClient, receipt: &str) -> PageResponse {
    browser.send(app.client.post(app.url("/reveal")).form(&[("receipt", receipt)])).await
}

/// Logs in, and returns the page after the login and its address.
async fn log_in(app: &TestApp, browser: &BrowserClient, invite: &Invite) -> (PageResponse, Url) {
    let done = browser.log_in(app, &app.link(invite), "blue_bottle").await;
    let address = done.location();
    (browser.open(app, &address).await, address)
}

async fn stored_token(app: &TestApp) -> String {
    app.document("shop-de").await.unwrap().access_token.expose().to_owned()
}

fn assert_refused(page: &PageResponse, status: u16, heading: &str) {
    assert_eq!((page.status.as_u16(), page.heading()), (status, heading));
    assert!(!page.text.contains("IGAA"), "{}", page.text);
}

#[tokio::test]
async fn the_person_who_logged_in_can_copy_the_token_once() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let (log, _guard) = LogLines::collect();
    let (page, address) = log_in(&app, &browser, &Invite { reveal: true, ..app.invite("shop-de") }).await;
    let token = stored_token(&app).await;
    assert!(!page.text.contains(&token) && page.text.contains("action=\"http"), "{}", page.text);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action 'self'"), "{policy}");
    app.events.take();

    let receipt = form_receipt(&page).unwrap();
    let shown = press(&app, &browser, &receipt).await;
    assert_eq!(shown.status, 200);
    assert!(shown.text.contains(&format!("<pre class=\"token\">{token}</pre>")), "{}", shown.text);
    assert_eq!(shown.headers["cache-control"], "no-store");
    let policy = shown.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action 'none'"), "{policy}");

    // The event and the log say so, without the token.
    let events = app.events.take();
    assert_eq!(events.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), ["Token Revealed"]);
    assert!(!events[0].detail().to_string().contains(&token));
    let log = log.text();
    assert!(log.contains("token shown to the person who logged in") && !log.contains(&token), "{log}");

    // A reload sends the form again, and the page before still has the button.
    assert_refused(&press(&app, &browser, &receipt).await, 410, "This has already been shown");
    let again = form_receipt(&browser.open(&app, &address).await).unwrap();
    assert_refused(&press(&app, &browser, &again).await, 410, "This has already been shown");
}

#[tokio::test]
async fn the_token_of_an_account_that_was_chosen_among_several_can_be_copied() {
    let app = TestApp::with_variables(&[("EVERTOKEN_PROVIDER", "facebook")]).await;
    let browser = BrowserClient::new();
    let link = app.link(&Invite { reveal: true, ..app.invite("shop-de") });
    let pages = ["100641205793102", "100641205793103"];
    let callback = browser.log_in_with_facebook(&app, &link, "three_pages", &pages).await;
    assert_eq!(callback.location().path(), "/choose");
    let chosen = app.client.post(app.url("/choose")).form(&[("account", "17841405793187219")]);
    let done = browser.send(chosen).await;
    let receipt = form_receipt(&browser.open(&app, &done.location()).await).unwrap();
    let shown = press(&app, &browser, &receipt).await;
    assert_eq!(shown.status, 200, "{shown:?}");
    assert!(shown.text.contains(&stored_token(&app).await), "{}", shown.text);
}

#[tokio::test]
async fn by_default_no_token_can_be_copied() {
    let app = TestApp::with_variables(&[("EVERTOKEN_LOGIN", "open")]).await;
    for link in [app.link(&app.invite("shop-de")), app.url("/login")] {
        let browser = BrowserClient::new();
        let done = browser.log_in(&app, &link, "blue_bottle").await;
        let page = browser.open(&app, &done.location()).await;
        assert_eq!(form_receipt(&page), None);
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("form-action 'none'"), "{policy}");
        let receipt = done.location().query_pairs().next().unwrap().1.into_owned();
        assert_refused(&press(&app, &browser, &receipt).await, 403, "This can no longer be shown");
    }
}

#[tokio::test]
async fn another_browser_cannot_copy_the_token() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let (page, address) = log_in(&app, &browser, &Invite { reveal: true, ..app.invite("shop-de") }).await;
    let receipt = form_receipt(&page).unwrap();
    // A browser without cookies, and one with the cookie of its own login through the same invite.
    let stranger = BrowserClient::new();
    assert_eq!(form_receipt(&stranger.open(&app, &address).await), None);
    assert_refused(&press(&app, &stranger, &receipt).await, 403, "This can no longer be shown");
    let done = stranger.log_in(&app, &app.link(&app.invite("other")), "corner_bakery").await;
    assert_eq!(done.status, 303);
    assert_eq!(form_receipt(&stranger.open(&app, &address).await), None);
    assert_refused(&press(&app, &stranger, &receipt).await, 403, "This can no longer be shown");
    assert_eq!(press(&app, &browser, &receipt).await.status, 200, "the attempts used nothing up");
}

#[tokio::test]
async fn the_token_can_be_copied_for_ten_minutes() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let (page, address) = log_in(&app, &browser, &Invite { reveal: true, ..app.invite("shop-de") }).await;
    let receipt = form_receipt(&page).unwrap();
    app.sandbox.advance(Duration::minutes(10));
    let later = browser.open(&app, &address).await;
    assert_eq!((later.status.as_u16(), form_receipt(&later)), (200, None));
    assert_refused(&press(&app, &browser, &receipt).await, 403, "This can no longer be shown");
}

#[tokio::test]
async fn malformed_and_hostile_requests_show_nothing_and_use_nothing_up() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let (page, _) = log_in(&app, &browser, &Invite { reveal: true, ..app.invite("shop-de") }).await;
    let receipt = form_receipt(&page).unwrap();
    let twice = format!("receipt={receipt}&receipt={receipt}");
    let long = format!("receipt={}", "a".repeat(100_000));
    for body in ["", "receipt=", "receipt=x", "receipt=a.b", "{}", &twice, &long, &format!("receipt={receipt}A")] {
        let request = app.client.post(app.url("/reveal")).header("content-type", "application/x-www-form-urlencoded");
        let page = browser.send(request.body(body.to_owned())).await;
        assert_refused(&page, 403, "This can no longer be shown");
    }
    // The address alone shows nothing, so no link and no prefetch can use the token up.
    assert_eq!(browser.open(&app, &app.url(&format!("/reveal?receipt={receipt}"))).await.status, 405);
    assert_eq!(press(&app, &browser, &receipt).await.status, 200);
}

/// Another person connects another account under the same name in the meantime.
#[tokio::test]
async fn the_token_of_a_later_login_is_not_shown() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let (page, _) = log_in(&app, &browser, &Invite { reveal: true, ..app.invite("shop-de") }).await;
    let receipt = form_receipt(&page).unwrap();
    let replace = Invite { replace: true, ..app.invite("shop-de") };
    assert_eq!(BrowserClient::new().log_in(&app, &app.link(&replace), "corner_bakery").await.status, 303);
    assert_refused(&press(&app, &browser, &receipt).await, 403, "This can no longer be shown");
    app.vault.remove(&sample::name("shop-de"), Removal::ForGood).await.unwrap();
    assert_refused(&press(&app, &browser, &receipt).await, 403, "This can no longer be shown");
}

#[tokio::test]
async fn of_many_simultaneous_requests_one_shows_the_token() {
    let (app, browser) = (Arc::new(TestApp::start().await), Arc::new(BrowserClient::new()));
    let (page, _) = log_in(&app, &browser, &Invite { reveal: true, ..app.invite("shop-de") }).await;
    let receipt = form_receipt(&page).unwrap();
    let requests = (0..10).map(|_| {
        let (app, browser, receipt) = (Arc::clone(&app), Arc::clone(&browser), receipt.clone());
        tokio::spawn(async move { press(&app, &browser, &receipt).await.status.as_u16() })
    });
    let mut statuses = Vec::new();
    for request in requests.collect::<Vec<_>>() {
        statuses.push(request.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200], vec![410; 9]].concat());
}

/// Rejects all calls while it is on.
#[derive(Default)]
struct Outage(AtomicBool);

impl VaultFaults for Outage {
    async fn pass<T: Send>(&self, work: impl Future<Output = Result<T, VaultError>> + Send) -> Result<T, VaultError> {
        if self.0.load(Ordering::SeqCst) {
            return Err(VaultError::Unavailable { cause: OutageCause::Network, code: "an outage".to_owned() });
        }
        work.await
    }
}

#[tokio::test]
async fn an_outage_of_the_vault_uses_nothing_up() {
    let outage = Arc::new(Outage::default());
    let wrap = |vault| FaultyVault { vault, faults: Arc::clone(&outage) };
    let (app, browser) = (TestApp::with_vault(&[], TimeLimits::default(), wrap).await, BrowserClient::new());
    let (page, _) = log_in(&app, &browser, &Invite { reveal: true, ..app.invite("shop-de") }).await;
    let receipt = form_receipt(&page).unwrap();
    outage.0.store(true, Ordering::SeqCst);
    assert_eq!(press(&app, &browser, &receipt).await.status, 503);
    outage.0.store(false, Ordering::SeqCst);
    assert_eq!(press(&app, &browser, &receipt).await.status, 200);
}
