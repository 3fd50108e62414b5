//! Response headers, languages and JSON errors.

use evertoken_core::invite::Invite;
use evertoken_sandbox::Endpoint;
use evertoken_tests::browser_client::{BrowserClient, PageResponse};
use evertoken_tests::faults;
use evertoken_tests::test_app::TestApp;
use serde_json::{Value, json};
use time::Duration;

async fn every_kind_of_page(app: &TestApp) -> Vec<PageResponse> {
    let browser = BrowserClient::new();
    let done = browser.log_in(app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    let note = app.link(&Invite { note: Some("hello".to_owned()), ..app.invite("shop-de") });
    let mut pages = vec![browser.open(app, &done.location()).await, browser.open(app, &note).await, done];
    for path in
        ["/", "/healthz", "/login", "/login?invite=x", "/callback", "/connected", "/data-deletion/x", "/nowhere"]
    {
        pages.push(browser.open(app, &app.url(path)).await);
    }
    pages.push(browser.send(app.client.post(app.url("/login"))).await);
    pages.push(browser.send(app.client.post(app.url("/deauthorize"))).await);
    pages.push(browser.send(app.client.head(app.url("/callback"))).await);
    pages
}

#[tokio::test]
async fn every_response_has_strict_security_headers() {
    let app = TestApp::start().await;
    for page in every_kind_of_page(&app).await {
        let header = |name: &str| page.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header("cache-control").as_deref(), Some("no-store"), "{page:?}");
        assert_eq!(header("referrer-policy").as_deref(), Some("no-referrer"), "{page:?}");
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"), "{page:?}");
        let policy = header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
        assert!(!page.text.contains("<script") && !page.text.contains(" style=") && !page.text.contains("src="));
        assert!(!policy.contains("img-src"), "{policy}");
    }
}

#[tokio::test]
async fn every_body_has_its_type_and_character_set() {
    let app = TestApp::start().await;
    for page in every_kind_of_page(&app).await.into_iter().filter(|page| !page.text.is_empty()) {
        let kind = page.headers["content-type"].to_str().unwrap();
        let expected = match page.text.as_bytes()[0] {
            b'<' => "text/html; charset=utf-8",
            // JSON is always UTF-8 (RFC 8259, section 8.1).
            b'{' => "application/json",
            _ => "text/plain; charset=utf-8",
        };
        assert_eq!(kind, expected, "{page:?}");
    }
}

#[tokio::test]
async fn no_other_site_can_read_a_response() {
    let app = TestApp::start().await;
    for path in ["/", "/login", "/callback", "/connected"] {
        let request = app.client.get(app.url(path)).header("origin", "https://evil.example");
        let page = BrowserClient::new().send(request).await;
        assert!(!page.headers.contains_key("access-control-allow-origin"), "{page:?}");
    }
}

#[tokio::test]
async fn no_response_names_its_software() {
    let app = TestApp::start().await;
    for page in every_kind_of_page(&app).await {
        for header in ["server", "x-powered-by", "via"] {
            assert!(!page.headers.contains_key(header), "{page:?}");
        }
        // Only the health check states the version, of Evertoken itself.
        let is_health_check = page.text.starts_with(r#"{"status":"ok""#);
        assert_eq!(page.text.contains(env!("CARGO_PKG_VERSION")), is_health_check, "{page:?}");
    }
}

#[tokio::test]
async fn over_https_cookies_are_host_only_and_hsts_is_set() {
    let public = "https://connect.example.com";
    let app = TestApp::with_variables(&[("EVERTOKEN_LOGIN", "open"), ("EVERTOKEN_PUBLIC_URL", public)]).await;
    let started = BrowserClient::new().send(app.client.get(app.url("/login")).header("host", "evil.example")).await;
    assert_eq!(started.status, 302);
    assert!(started.location().as_str().contains("redirect_uri=https%3A%2F%2Fconnect.example.com%2Fcallback"));
    assert_eq!(started.headers["strict-transport-security"], "max-age=63072000");
    let cookie = started.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-evertoken-login-"), "{cookie}");
    for attribute in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/", "; Max-Age=600"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn hsts_is_not_set_for_a_loopback_host() {
    for public in ["https://localhost:8080", "https://127.0.0.1:8080", "https://[::1]:8080"] {
        let app = TestApp::with_variables(&[("EVERTOKEN_LOGIN", "open"), ("EVERTOKEN_PUBLIC_URL", public)]).await;
        let started = BrowserClient::new().send(app.client.get(app.url("/login"))).await;
        assert_eq!(started.status, 302);
        assert!(!started.headers.contains_key("strict-transport-security"), "{public}: {:?}", started.headers);
    }
}

#[tokio::test]
async fn pages_follow_the_accept_language_header() {
    let app = TestApp::start().await;
    for (accept, code, heading) in [
        ("de-AT,de;q=0.9,en;q=0.5", "de", "Sie benötigen einen Einladungslink"),
        ("es-MX", "es", "Necesita un enlace de invitación"),
        ("ja", "en", "You need an invite link"),
    ] {
        let page = BrowserClient::new().send(app.client.get(app.url("/login")).header("accept-language", accept)).await;
        assert!(page.text.contains(&format!("<html lang=\"{code}\">")), "{}", page.text);
        assert_eq!(page.heading(), heading);
    }
}

#[tokio::test]
async fn the_language_of_an_invite_link_takes_precedence_over_the_browsers() {
    let app = TestApp::start().await;
    let mut link = app.link(&app.invite("shop-de"));
    link.query_pairs_mut().append_pair("lang", "de");
    let page = BrowserClient::new().send(app.client.get(link).header("accept-language", "es")).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("<html lang=\"de\">"), "{}", page.text);
}

#[tokio::test]
async fn json_clients_get_json_errors() {
    let app = TestApp::start().await;
    let request = app.client.get(app.url("/login")).header("accept", "application/json");
    let response = BrowserClient::new().send(request).await;
    assert_eq!(response.status, 403);
    let response: Value = serde_json::from_str(&response.text).unwrap();
    let error = response["error"].as_object().unwrap();
    assert_eq!(error.keys().collect::<Vec<_>>(), ["code", "message", "reference", "remedy"]);
    assert_eq!(error["code"], "invite_missing");
    assert_eq!(error["message"], "Accounts can only be connected here with an invite link.");
    assert_eq!(error["remedy"], "Ask the person who sent you here for an invite link.");
    assert_eq!(error["reference"].as_str().unwrap().len(), 10);
}

/// Instagram's user names contain no markup; the page must not rely on that.
#[tokio::test]
async fn text_from_instagram_is_escaped_on_every_page() {
    let hostile = "<img src=x onerror=alert(1)>\"'&";
    for account_type in ["PERSONAL", "BUSINESS"] {
        let app = TestApp::start().await;
        let profile = json!({
            "id": "27640875392278831",
            "user_id": "17841405793187218",
            "username": hostile,
            "account_type": account_type,
        });
        app.inject_fault(faults::response(Endpoint::Me, 200, profile)).await;
        let browser = BrowserClient::new();
        let mut page = browser.log_in(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
        if page.status == 303 {
            page = browser.open(&app, &page.location()).await;
        }
        assert!(page.text.contains("&#60;img src=x onerror=alert(1)&#62;"), "{account_type}: {}", page.text);
        assert!(!page.text.contains("<img"), "{account_type}: {}", page.text);
    }
}

#[tokio::test]
async fn the_login_cookie_lives_as_long_as_the_login_and_the_receipt_an_hour() {
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    let cookies = |page: &PageResponse| {
        let cookies = page.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
        cookies.map(|cookie| cookie.split_once("; ").unwrap().1.to_owned()).collect::<Vec<_>>()
    };
    let started = browser.start(&app, &app.link(&app.invite("shop-de"))).await;
    assert_eq!(cookies(&started), ["HttpOnly; SameSite=Lax; Path=/; Max-Age=600"]);
    let callback = browser.submit_consent(&app, &started.location(), "blue_bottle", "allow", None).await;
    let done = browser.open(&app, &callback).await;
    assert_eq!(cookies(&done), ["HttpOnly; SameSite=Lax; Path=/; Max-Age=3600"]);
    app.sandbox.advance(Duration::minutes(59));
    assert_eq!(browser.open(&app, &done.location()).await.status, 200);
    app.sandbox.advance(Duration::minutes(1));
    assert_ne!(browser.open(&app, &done.location()).await.status, 200);
}

/// RFC 9110, section 12.5.1: browsers accept anything, and some clients both.
#[tokio::test]
async fn a_client_that_accepts_html_gets_a_page() {
    let app = TestApp::start().await;
    for (accept, kind) in [
        ("text/html,application/json", "text/html; charset=utf-8"),
        ("text/html", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
        ("application/json", "application/json"),
    ] {
        let response = BrowserClient::new().send(app.client.get(app.url("/login")).header("accept", accept)).await;
        assert_eq!(response.headers["content-type"], kind, "{accept}");
    }
}
