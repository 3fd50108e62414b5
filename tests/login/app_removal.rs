//! The requests that Meta posts when an account's owner removes the app.

use evertoken_core::metrics::Metric;
use evertoken_core::vault::AccountStore;
use evertoken_tests::browser_client::{BrowserClient, PageResponse};
use evertoken_tests::sample;
use evertoken_tests::test_app::TestApp;
use serde_json::{Value, json};

async fn connected(names: &[&str]) -> TestApp {
    let app = TestApp::start().await;
    for name in names {
        BrowserClient::new().log_in(&app, &app.link(&app.invite(name)), "blue_bottle").await;
    }
    app
}

async fn signed(app: &TestApp, account: &str) -> String {
    let signed = app.control("POST", "signed_request", json!({ "account": account })).await;
    signed["signed_request"].as_str().unwrap().to_owned()
}

async fn post(app: &TestApp, path: &str, signed_request: &str) -> PageResponse {
    BrowserClient::new().send(app.client.post(app.url(path)).form(&[("signed_request", signed_request)])).await
}

#[tokio::test]
async fn removing_the_app_deletes_every_entry_of_that_account_and_no_other() {
    let app = connected(&["shop-de", "shop-fr"]).await;
    BrowserClient::new().log_in(&app, &app.link(&app.invite("bakery")), "corner_bakery").await;
    let request = signed(&app, "blue_bottle").await;
    for _ in 0..2 {
        assert_eq!(post(&app, "/deauthorize", &request).await.status, 200);
        assert!(app.document("shop-de").await.is_none() && app.document("shop-fr").await.is_none());
        assert!(app.document("bakery").await.is_some());
    }
}

#[tokio::test]
async fn a_removal_finds_the_account_by_either_id() {
    let app = connected(&["shop-de"]).await;
    // Swaps the document's two ids, as if Meta sent the id of the professional account.
    let account = app.vault.get(&sample::name("shop-de")).await.unwrap().unwrap();
    let mut document = account.document;
    std::mem::swap(&mut document.account_id, &mut document.app_scoped_id);
    app.vault.replace(&account.version, &document).await.unwrap();
    let request = signed(&app, "blue_bottle").await;
    assert_eq!(post(&app, "/deauthorize", &request).await.status, 200);
    assert!(app.document("shop-de").await.is_none());
}

#[tokio::test]
async fn a_data_deletion_request_returns_a_status_page_without_personal_data() {
    let app = connected(&["shop-de"]).await;
    let request = signed(&app, "blue_bottle").await;
    let response = post(&app, "/data-deletion", &request).await;
    assert_eq!(response.status, 200);
    assert!(app.document("shop-de").await.is_none());
    let response: Value = serde_json::from_str(&response.text).unwrap();
    let code = response["confirmation_code"].as_str().unwrap();
    assert!(code.bytes().all(|b| b.is_ascii_alphanumeric()), "{code}");
    assert_eq!(response["url"], app.url(&format!("/data-deletion/{code}")).as_str());
    assert_eq!(response.as_object().unwrap().len(), 2);

    let page = BrowserClient::new().open(&app, &response["url"].as_str().unwrap().parse().unwrap()).await;
    assert_eq!((page.status.as_u16(), page.heading()), (200, "Data deletion complete"));
    for part in [app.now().date().to_string().as_str(), "permanently deleted"] {
        assert!(page.text.contains(part), "{}", page.text);
    }
    for known in ["blue_bottle", "shop-de", "17841405793187218", "27640875392278831"] {
        assert!(!page.text.contains(known), "{known}");
    }

    let again = post(&app, "/data-deletion", &request).await;
    let again: Value = serde_json::from_str(&again.text).unwrap();
    let page = BrowserClient::new().open(&app, &again["url"].as_str().unwrap().parse().unwrap()).await;
    assert!(page.text.contains("No data about your Instagram account was stored"), "{}", page.text);
}

#[tokio::test]
async fn a_removal_of_an_unknown_account_succeeds() {
    let app = TestApp::start().await;
    let request = signed(&app, "corner_bakery").await;
    assert_eq!(post(&app, "/deauthorize", &request).await.status, 200);
    assert_eq!(post(&app, "/data-deletion", &request).await.status, 200);
}

#[tokio::test]
async fn signed_requests_are_accepted_in_every_encoding_and_with_a_previous_secret() {
    let app = connected(&[]).await;
    let secret = evertoken_sandbox::Settings::default().app_secret;
    let request = signed(&app, "blue_bottle").await;
    let (signature, payload) = request.split_once('.').unwrap();
    let padded = format!("{signature}=.{payload}");
    for (text, secrets) in [(&request, None), (&padded, None), (&request, Some(["new-secret", secret.as_str()]))] {
        if let Some([newest, previous]) = secrets {
            app.set_app_secrets(newest, &[previous]);
        }
        let json = json!({ "signed_request": text });
        for request in [
            app.client.post(app.url("/deauthorize")).form(&[("signed_request", text)]),
            app.client.post(app.url("/deauthorize")).json(&json),
            // Without a content type.
            app.client.post(app.url("/deauthorize")).body(json.to_string()),
            app.client.post(app.url("/deauthorize")).form(&[("other", "1"), ("signed_request", text)]),
        ] {
            assert_eq!(BrowserClient::new().send(request).await.status, 200);
        }
    }
}

#[tokio::test]
async fn invalid_signed_requests_are_rejected_and_change_nothing() {
    let app = connected(&["shop-de"]).await;
    let request = signed(&app, "blue_bottle").await;
    let (first, rest) = request.split_at(1);
    let changed = format!("{}{rest}", if first == "A" { "B" } else { "A" });
    let other_secret = "O0DHdg8bEw_-kLcnL9yZ0j9JXbELJFPZOzAkfn8J45w.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImV4cGlyZXMiOjEyOTE4NDA0MDAsImlzc3VlZF9hdCI6MTI5MTgzNjgwMCwidXNlcl9pZCI6IjIxODQ3MSJ9";
    let bodies = [
        Vec::new(),
        b"signed_request".to_vec(),
        b"signed_request=".to_vec(),
        b"signed_request=.".to_vec(),
        b"signed_request=a.b".to_vec(),
        format!("signed_request={changed}").into_bytes(),
        format!("signed_request={other_secret}").into_bytes(),
        format!("signed_request={request}&signed_request={request}").into_bytes(),
        format!("signed_request={request}%00").into_bytes(),
        b"signed_request=\xff\xfe.\xff".to_vec(),
        b"{\"signed_request\":7}".to_vec(),
        b"{\"signed_request\":".to_vec(),
        b"[]".to_vec(),
        vec![0xff; 64 * 1024],
    ];
    for path in ["/deauthorize", "/data-deletion"] {
        for body in &bodies {
            for kind in ["application/x-www-form-urlencoded", "application/json", "text/plain"] {
                let post = app.client.post(app.url(path)).header("content-type", kind).body(body.clone());
                let refused = BrowserClient::new().send(post).await;
                assert_eq!(refused.status, 400, "{path} {}", String::from_utf8_lossy(body));
            }
        }
        for size in [64 * 1024 + 1, 5_000_000] {
            let post = app.client.post(app.url(path)).body(vec![b'a'; size]);
            assert_eq!(BrowserClient::new().send(post).await.status, 413, "{path}");
        }
        let opened = BrowserClient::new().open(&app, &app.url(path)).await;
        assert_eq!(opened.status, 405, "{path}");
        assert_eq!(opened.headers["allow"], "POST", "{path}");
    }
    assert!(app.document("shop-de").await.is_some());
}

/// An alarm watches the metric. Meta does not document that it repeats a request.
#[tokio::test]
async fn failed_requests_of_meta_are_counted_and_those_of_strangers_are_not() {
    let app = connected(&["shop-de"]).await;
    let failed = || app.metrics.take().iter().filter(|one| one.metric == Metric::RemovalsFailed).count();
    let signed = signed(&app, "blue_bottle").await;
    // Perhaps signed with a secret of Meta's that the operator has not stored.
    let (_, payload) = signed.split_once('.').unwrap();
    let forged = format!("{}.{payload}", "A".repeat(43));
    for path in ["/deauthorize", "/data-deletion"] {
        assert_eq!(post(&app, path, &forged).await.status, 400);
        assert_eq!(failed(), 1, "{path}");
        assert_eq!(post(&app, path, "not a signed request").await.status, 400);
        assert_eq!(post(&app, path, &"a".repeat(64 * 1024)).await.status, 413);
        assert_eq!(post(&app, path, &signed).await.status, 200);
        assert_eq!(failed(), 0, "{path}");
    }
}

#[tokio::test]
async fn an_unknown_confirmation_code_is_not_found() {
    let app = TestApp::start().await;
    let request = signed(&app, "blue_bottle").await;
    let response: Value = serde_json::from_str(&post(&app, "/data-deletion", &request).await.text).unwrap();
    let code = response["confirmation_code"].as_str().unwrap();
    let last = if code.ends_with('0') { "1" } else { "0" };
    let changed = format!("{}{last}", code.split_at(code.len() - 1).0);
    for code in [changed.as_str(), &code.to_uppercase(), "x", "..%2f..", "%ff", &"a".repeat(5000)] {
        let page = BrowserClient::new().open(&app, &app.url(&format!("/data-deletion/{code}"))).await;
        assert_eq!(page.status, 404, "{code}: {page:?}");
        assert!(page.text.contains("<h1>"), "{code}: {page:?}");
    }
}
