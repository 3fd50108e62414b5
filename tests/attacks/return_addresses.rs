//! Return addresses that a web server may read differently from the URL standard.

use evertoken_core::invite::Invite;
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::test_app::TestApp;

const PREFIX: &str = "https://shop.example.com/settings";

async fn app() -> TestApp {
    TestApp::with_variables(&[("EVERTOKEN_LOGIN", "open"), ("EVERTOKEN_RETURN_URLS", PREFIX)]).await
}

#[tokio::test]
async fn a_return_address_cannot_leave_its_prefix_by_encoding() {
    let app = app().await;
    for path in [
        "/..%2fadmin",
        "/..%2Fadmin",
        "/..%5cadmin",
        "/..%5Cadmin",
        "/%2e%2e%2fadmin",
        "/..%252fadmin",
        "/%252e%252e/admin",
        "/..;/admin",
        "/..;x=1/admin",
        "/.;/admin",
        "/x%2f..%2f..%2fadmin",
        "/x/..%2f",
        "%2f..%2fadmin",
        "/a%5cb",
        "/a\\b",
        "\\..\\admin",
        "/a%00b",
        "/a%0d%0ab",
        "/%c0%ae%c0%ae/admin",
    ] {
        let url = format!("{PREFIX}{path}");
        let mut link = app.url("/login");
        link.query_pairs_mut().append_pair("return_to", &url);
        assert_eq!(BrowserClient::new().open(&app, &link).await.status, 403, "{url}");
        // The URL parser has already turned a backslash in an invite into a slash.
        if !path.contains('\\') {
            let invite = app.link(&Invite { return_to: Some(url.parse().unwrap()), ..app.invite("shop-de") });
            assert_eq!(BrowserClient::new().open(&app, &invite).await.status, 403, "{url}");
        }
    }
}

#[tokio::test]
async fn ordinary_return_addresses_are_accepted() {
    let app = app().await;
    for rest in [
        "",
        "/",
        "/instagram",
        "/a.b/c..d/...",
        "/gr%C3%BC%C3%9Fe/50%25",
        "/x?next=%2Fshop%2F..&y=%5c",
        "/x#a/../b",
        "/a;b=1/c",
    ] {
        let mut link = app.url("/login");
        link.query_pairs_mut().append_pair("return_to", &format!("{PREFIX}{rest}"));
        assert_eq!(BrowserClient::new().open(&app, &link).await.status, 302, "{rest}");
    }
}
