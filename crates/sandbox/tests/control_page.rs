//! The control page for people.

use reqwest::Response;
use serde_json::json;
use time::Duration;

use crate::test_sandbox::{ACCOUNT, BASIC, TestSandbox};

async fn click(sandbox: &TestSandbox, form: &str, values: &[(&str, &str)]) -> Response {
    sandbox.client.post(sandbox.url(&format!("/sandbox/{form}"))).form(values).send().await.unwrap()
}

async fn shown(sandbox: &TestSandbox) -> String {
    let response = sandbox.client.get(sandbox.url("/sandbox")).send().await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["cache-control"]), (200, &"no-store".parse().unwrap()));
    response.text().await.unwrap()
}

#[tokio::test]
async fn a_click_moves_the_clock_and_the_page_shows_it() {
    let sandbox = TestSandbox::start().await;
    let before = sandbox.handle.now();
    let response = click(&sandbox, "time", &[("days", "22")]).await;
    assert_eq!((response.status().as_u16(), &response.headers()["location"]), (303, &"/sandbox".parse().unwrap()));
    assert!(sandbox.handle.now() - before >= Duration::days(22));
    assert_eq!(sandbox.handle.clock_offset(), Duration::days(22));
    let page = shown(&sandbox).await;
    assert!(page.contains("<h3>22 days later</h3>"), "{page}");
    for days in ["", "0", "-1", "367", "9999999999999999999", "1e3", "<script>"] {
        let response = click(&sandbox, "time", &[("days", days)]).await;
        assert_eq!(response.status().as_u16(), 400, "{days}");
        assert!(!response.text().await.unwrap().contains("<script>"));
    }
    assert_eq!(sandbox.handle.clock_offset(), Duration::days(22));
}

#[tokio::test]
async fn the_page_shows_what_became_of_a_token_but_never_the_token() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.create_token("long", 0).await;
    let page = shown(&sandbox).await;
    assert!(page.contains("works, expires in 59 days"), "{page}");
    for (change, state, title) in [
        ("checkpoint", "Instagram asks the owner to confirm something", "has to confirm something"),
        ("removal", "the app was removed", "removed the app"),
        ("password", "the app was removed", "changed the password"),
    ] {
        let response = click(&sandbox, "accounts", &[("account", ACCOUNT), ("change", change)]).await;
        assert_eq!(response.status().as_u16(), 303);
        let page = shown(&sandbox).await;
        assert!(page.contains(&format!("rejected: {state}")), "{page}");
        assert!(page.contains(&format!("<h3>@{ACCOUNT} {title}")), "{page}");
        assert!(!page.contains(&token));
    }
    for values in [[("account", "nobody<b>"), ("change", "password")], [("account", ACCOUNT), ("change", "birthday")]] {
        let response = click(&sandbox, "accounts", &values).await;
        assert_eq!(response.status().as_u16(), 400);
        assert!(!response.text().await.unwrap().contains("<b>"));
    }
}

#[tokio::test]
async fn a_restored_token_works_like_the_one_that_was_issued() {
    let sandbox = TestSandbox::start().await;
    let account = sandbox.control(reqwest::Method::GET, &format!("/_sandbox/accounts/{ACCOUNT}"), json!({})).await;
    let id = account["app_scoped_id"].as_str().unwrap().parse().unwrap();
    let now = sandbox.handle.now();
    let expires_at = now + Duration::days(1);
    sandbox.handle.restore_token(id, "IGAAearlier", vec![BASIC.to_owned()], now, expires_at);
    assert_eq!(sandbox.handle.check_token("IGAAearlier"), Ok(()));
    sandbox.handle.restore_token("1".parse().unwrap(), "IGAAnobodys", Vec::new(), now, expires_at);
    assert!(sandbox.handle.check_token("IGAAnobodys").is_err());
    sandbox.handle.advance(Duration::days(1));
    assert!(sandbox.handle.check_token("IGAAearlier").is_err());
}
