//! The routes of the choice under attack.

use evertoken_core::invite::Invite;
use evertoken_sandbox::Endpoint;
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::faults;
use evertoken_tests::log_lines::LogLines;
use evertoken_tests::test_app::TestApp;
use serde_json::json;
use url::{Position, Url};

use crate::facebook_app::{ACCOUNTS, ONE_PAGE, THREE_PAGES, choose, form, open_choice, start};

/// The value of the browser's cookie whose name contains `part`, and its name.
fn cookie(browser: &BrowserClient, part: &str) -> (String, String) {
    let header = browser.cookie_header();
    let found = header.split("; ").find(|cookie| cookie.contains(part)).unwrap();
    let (name, value) = found.split_once('=').unwrap();
    (name.to_owned(), value.to_owned())
}

#[tokio::test]
async fn a_choice_that_was_not_offered_is_refused() {
    let app = start().await;
    let browser = BrowserClient::new();
    let page = open_choice(&app, &browser, &app.invite("shop-de")).await;
    for accounts in [&["17841405793187221"][..], &["1"], &["../x"], &ACCOUNTS[..2]] {
        let refused = choose(&app, &browser, &form(&page, accounts)).await;
        assert_eq!(refused.status, 403, "{accounts:?}");
        assert_eq!(refused.heading(), "This account cannot be selected");
    }
    assert!(app.document("shop-de").await.is_none());
    // The person may still choose.
    assert_eq!(choose(&app, &browser, &form(&page, &[ACCOUNTS[0]])).await.status, 303);
}

#[tokio::test]
async fn an_account_that_was_not_selected_on_facebook_cannot_be_chosen() {
    let app = start().await;
    let browser = BrowserClient::new();
    let link = app.link(&app.invite("shop-de"));
    let callback = browser.log_in_with_facebook(&app, &link, "three_pages", &THREE_PAGES[..2]).await;
    let page = browser.open(&app, &callback.location()).await;
    assert!(!page.text.contains(ACCOUNTS[2]), "{}", page.text);
    assert_eq!(choose(&app, &browser, &form(&page, &[ACCOUNTS[2]])).await.status, 403);
}

#[tokio::test]
async fn another_browser_can_neither_see_nor_make_the_choice() {
    let app = start().await;
    let (browser, stranger) = (BrowserClient::new(), BrowserClient::new());
    let page = open_choice(&app, &browser, &app.invite("shop-de")).await;
    let form = form(&page, &[ACCOUNTS[0]]);
    let mut address = app.url("/choose");
    address.query_pairs_mut().append_pair("state", &form[0].1);
    assert_eq!(stranger.open(&app, &address).await.status, 403);
    assert_eq!(choose(&app, &stranger, &form).await.status, 403);
    // Nor with the sealed cookie of its victim, or with a login of its own.
    let (name, value) = cookie(&browser, "choice");
    let stolen = app.client.post(app.url("/choose")).header("cookie", format!("{name}={value}")).form(&form);
    assert_eq!(stolen.send().await.unwrap().status(), 403);
    let other = open_choice(&app, &stranger, &app.invite("other")).await;
    let mixed = [("state".to_owned(), crate::facebook_app::form(&other, &[])[0].1.clone()), form[1].clone()];
    let (own, _) = cookie(&stranger, "choice");
    let header = format!("{}; {own}={value}", stranger.cookie_header());
    let mixed = app.client.post(app.url("/choose")).header("cookie", header).form(&mixed).send().await.unwrap();
    assert!(mixed.status().is_client_error() || mixed.headers()["location"].to_str().unwrap().contains("/connected"));
    assert!(app.document("shop-de").await.is_none());
}

#[tokio::test]
async fn a_cookie_that_was_altered_or_sealed_with_a_removed_key_is_refused() {
    let app = start().await;
    let browser = BrowserClient::new();
    let page = open_choice(&app, &browser, &app.invite("shop-de")).await;
    let form = form(&page, &[ACCOUNTS[0]]);
    let (name, value) = cookie(&browser, "choice");
    let header = browser.cookie_header();
    let mut positions: Vec<usize> = (0..value.len()).step_by(37).collect();
    positions.push(value.len() - 1);
    for at in positions {
        let mut altered = value.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let altered = header.replace(&value, std::str::from_utf8(&altered).unwrap());
        let response = app.client.post(app.url("/choose")).header("cookie", altered).form(&form).send().await.unwrap();
        assert_eq!(response.status(), 410, "{name} {at}");
    }
    // An older key still opens what it sealed; a removed one does not.
    app.set_signing_keys(&["a-newer-signing-key-0123456789-abcdef", evertoken_tests::test_app::SIGNING_KEY]);
    assert_eq!(choose(&app, &browser, &form).await.status, 303);
    let app = start().await;
    let browser = BrowserClient::new();
    let page = open_choice(&app, &browser, &app.invite("shop-de")).await;
    app.set_signing_keys(&["a-newer-signing-key-0123456789-abcdef"]);
    let refused = choose(&app, &browser, &crate::facebook_app::form(&page, &[ACCOUNTS[0]])).await;
    assert!(refused.status.is_client_error(), "{refused:?}");
    assert!(app.document("shop-de").await.is_none());
}

#[tokio::test]
async fn a_choice_expires_after_ten_minutes() {
    let app = start().await;
    let browser = BrowserClient::new();
    let page = open_choice(&app, &browser, &app.invite("shop-de")).await;
    app.control("POST", "clock", json!({"advance_seconds": 599})).await;
    let address = {
        let mut address = app.url("/choose");
        address.query_pairs_mut().append_pair("state", &form(&page, &[])[0].1);
        address
    };
    assert_eq!(browser.open(&app, &address).await.status, 200);
    app.control("POST", "clock", json!({"advance_seconds": 1})).await;
    let expired = browser.open(&app, &address).await;
    assert_eq!((expired.status.as_u16(), expired.heading()), (410, "The selection has expired"));
    assert_eq!(choose(&app, &browser, &form(&page, &[ACCOUNTS[0]])).await.status, 410);
}

#[tokio::test]
async fn the_cookie_is_sealed_and_bound_to_host_and_https() {
    let public = "https://connect.example.com";
    let app = TestApp::with_variables(&[("EVERTOKEN_PROVIDER", "facebook"), ("EVERTOKEN_PUBLIC_URL", public)]).await;
    let browser = BrowserClient::new();
    // The service itself listens on the loopback interface.
    let local = |url: &Url| app.url(&url[Position::BeforePath..]);
    let landing = browser.open(&app, &local(&app.link(&app.invite("shop-de")))).await;
    let login = local(&landing.button().unwrap());
    let callback = browser.consent_on_facebook(&app, &login, "three_pages", &THREE_PAGES).await;
    let callback = browser.open(&app, &local(&callback)).await;
    assert_eq!((callback.status.as_u16(), callback.location().path()), (303, "/choose"), "{callback:?}");
    let cookies: Vec<_> = callback.headers.get_all("set-cookie").iter().map(|it| it.to_str().unwrap()).collect();
    let choice = cookies.iter().find(|cookie| cookie.starts_with("__Host-evertoken-choice-")).unwrap();
    for attribute in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/", "; Max-Age=600"] {
        assert!(choice.contains(attribute), "{choice}");
    }
    assert!(!choice.contains("Domain"), "{choice}");
    assert!(!choice.contains("EAA") && !callback.location().as_str().contains("EAA"));
}

#[tokio::test]
async fn markup_in_the_name_of_a_page_is_text() {
    let app = start().await;
    let page = open_choice(&app, &BrowserClient::new(), &app.invite("shop-de")).await;
    assert!(page.text.contains("Corner Bakery &#60;img src=x onerror=alert(1)&#62;"), "{}", page.text);
    assert!(!page.text.contains("<img src=x"), "{}", page.text);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    for rule in ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("script-src") && !policy.contains("unsafe"), "{policy}");
}

/// Instagram's usernames contain no markup; the pages must not rely on that.
#[tokio::test]
async fn markup_in_the_name_of_an_account_is_text() {
    let app = start().await;
    let hostile = |number: u8| format!("<img src=x onerror=alert({number})>");
    let escaped = |number: u8| format!("&#60;img src=x onerror=alert({number})&#62;");
    app.sandbox.update_account("corner_bakery", |account| account.username = hostile(2)).unwrap();
    let browser = BrowserClient::new();
    let link = app.link(&Invite { many_accounts: true, ..app.invite("agency") });
    let callback = browser.log_in_with_facebook(&app, &link, "three_pages", &THREE_PAGES).await;
    let account = json!({ "id": ACCOUNTS[1], "username": hostile(2), "name": hostile(3) });
    let page = json!({ "id": THREE_PAGES[1], "access_token": "EAAx", "instagram_business_account": account });
    app.inject_fault(faults::response(Endpoint::FacebookAccounts, 200, json!({ "data": [page] }))).await;
    let page = browser.open(&app, &callback.location()).await;
    assert!(page.text.contains(&format!("@{}<", escaped(2))) && page.text.contains(&escaped(3)), "{}", page.text);
    assert!(!page.text.contains("<img src=x"), "{}", page.text);

    app.clear_faults().await;
    let done = choose(&app, &browser, &form(&page, &ACCOUNTS)).await;
    let connected = browser.open(&app, &done.location()).await;
    assert!(connected.text.contains(&format!("@{}<", escaped(2))), "{}", connected.text);
    assert!(!connected.text.contains("<img"), "{}", connected.text);
}

#[tokio::test]
async fn malformed_requests_cost_no_call_to_facebook() {
    let app = start().await;
    let browser = BrowserClient::new();
    for (path, body) in [
        ("/choose", ""),
        ("/choose", "state=a.b&account=1"),
        ("/choose", "account=1"),
        ("/choose", "state=a.b&state=c.d"),
        ("/choose", "%ff%fe"),
    ] {
        let status = browser.send(app.client.post(app.url(path)).body(body)).await.status;
        assert!(status.is_client_error(), "{body}: {status}");
    }
    for query in ["", "?state=", "?state=a.b", "?state=a&state=b"] {
        let status = browser.open(&app, &app.url(&format!("/choose{query}"))).await.status;
        assert!(status.is_client_error(), "{query}: {status}");
    }
    assert_eq!(app.instagram_request_count().await, 0);
}

#[tokio::test]
async fn a_code_works_once_and_a_replayed_callback_connects_nobody() {
    let app = start().await;
    let browser = BrowserClient::new();
    let link = app.link(&app.invite("shop-de"));
    let callback = browser.consent_on_facebook(&app, &link, "one_page", &[ONE_PAGE]).await;
    let stranger = BrowserClient::new().open(&app, &callback).await;
    assert_eq!(stranger.status, 403, "{stranger:?}");
    assert_eq!(browser.open(&app, &callback).await.status, 303);
    app.take_events().await;
    assert_eq!(browser.open(&app, &callback).await.location().path(), "/connected");
    assert!(app.take_events().await.is_empty());
}

#[tokio::test]
async fn no_secret_of_facebook_login_appears_in_logs_pages_or_events() {
    let (lines, _guard) = LogLines::collect();
    let app = start().await;
    let browser = BrowserClient::new();
    let invite = Invite { many_accounts: true, ..app.invite("agency") };
    let page = open_choice(&app, &browser, &invite).await;
    let done = choose(&app, &browser, &form(&page, &ACCOUNTS)).await;
    let connected = browser.open(&app, &done.location()).await;
    let report = crate::facebook_app::refresh(&app).await;
    let events = format!("{:?}", app.take_events().await);
    let settings = evertoken_sandbox::Settings::default();
    let token = app.document("agency-blue-bottle").await.unwrap().access_token;
    let texts = [
        ("log", lines.text()),
        ("choice", page.text),
        ("connected", connected.text),
        ("address", done.location().to_string()),
        ("events", events),
        ("report", format!("{report:?}")),
    ];
    assert!(texts[0].1.contains("account connected"), "{}", texts[0].1);
    for (place, text) in &texts {
        for secret in [token.expose(), "EAA", &settings.meta_app_secret, evertoken_tests::test_app::SIGNING_KEY] {
            assert!(!text.contains(secret), "{place} contains {secret}: {text}");
        }
    }
}
