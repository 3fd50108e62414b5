//! Cookies at the callback. Only the browser that started the login continues it, only this browser gets its invite back,
//! and every cookie that the service sets is bound to its host.

use std::sync::LazyLock;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, Request};
use axum::response::Response;
use evertoken_core::vault::AccountStore;
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::service::{router, vault};
use crate::signed_texts::{INVITED, SignedTexts};

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"));

static TEXTS: LazyLock<SignedTexts> = LazyLock::new(SignedTexts::new);

/// Checks the `Cookie` headers of a callback, one on each line, with placeholders for genuine signed texts. Returns whether
/// the login was continued.
pub fn check(data: &[u8]) -> bool {
    let headers: Vec<Vec<u8>> = data.split(|byte| *byte == b'\n').map(|line| TEXTS.fill_in_bytes(line)).collect();
    let contains =
        |text: &str| headers.iter().any(|header| header.windows(text.len()).any(|part| part == text.as_bytes()));
    let (started, completed) = (contains(TEXTS.get("{cookie_tag}")), contains(TEXTS.get("{receipt}")));
    let holds_invite = started || contains(TEXTS.get("{failed_tag}"));
    let mut continued = false;
    for query in ["code=AQ", "code=refused", "error=access_denied", ""] {
        let mut request = Request::get(TEXTS.fill_in(&format!("/callback?{query}&state={{state}}")))
            .body(Body::empty())
            .expect("a URL");
        for header in headers.iter().filter_map(|header| HeaderValue::from_bytes(header).ok()) {
            request.headers_mut().append("cookie", header);
        }
        let vault = RUNTIME.block_on(vault());
        let response = RUNTIME.block_on(router(vault.clone()).oneshot(request)).expect("the router is infallible");
        assert!(!response.status().is_server_error(), "{query}: {response:?}");
        assert_cookies_are_bound(&response);
        if let Some(location) = response.headers().get("location") {
            assert!(started || completed, "{query}: a stranger was redirected");
            assert!(location.as_bytes().starts_with(b"https://connect.example.com/connected?"), "{location:?}");
        }
        let connected = RUNTIME.block_on(vault.get(&INVITED.parse().expect("a name"))).expect("memory").is_some();
        assert!(!connected || (started && query == "code=AQ"), "{query}: a stranger connected an account");
        let body = RUNTIME.block_on(to_bytes(response.into_body(), usize::MAX)).expect("a page");
        let page = String::from_utf8(body.to_vec()).expect("UTF-8");
        for link in page.split("/login?invite=").skip(1) {
            assert!(holds_invite, "{query}: a stranger got an invite");
            let invite: String = link.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
            assert_eq!(invite, TEXTS.get("{invite}"), "{query}: the page links to another invite");
        }
        continued |= connected;
    }
    continued
}

fn assert_cookies_are_bound(response: &Response) {
    for cookie in response.headers().get_all("set-cookie") {
        let cookie = cookie.to_str().expect("ASCII");
        assert!(cookie.starts_with("__Host-evertoken-"), "{cookie}");
        for attribute in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
}
