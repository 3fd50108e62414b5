//! What Meta posts when somebody removes the app.

use evertoken_core::vault::AccountStore;
use evertoken_tests::login_house::House;
use evertoken_tests::sample;
use evertoken_tests::visitor::{Seen, Visitor};
use serde_json::{Value, json};

async fn connected(names: &[&str]) -> House {
    let house = House::start().await;
    for name in names {
        Visitor::new().log_in(&house, &house.link(&house.invite(name)), "blue_bottle").await;
    }
    house
}

async fn signed(house: &House, account: &str) -> String {
    let signed = house.control("POST", "signed_request", json!({ "account": account })).await;
    signed["signed_request"].as_str().unwrap().to_owned()
}

async fn post(house: &House, path: &str, signed_request: &str) -> Seen {
    Visitor::new().send(house.client.post(house.url(path)).form(&[("signed_request", signed_request)])).await
}

#[tokio::test]
async fn whoever_removes_the_app_is_removed_under_every_name_and_nobody_else() {
    let house = connected(&["shop-de", "shop-fr"]).await;
    Visitor::new().log_in(&house, &house.link(&house.invite("bakery")), "corner_bakery").await;
    let request = signed(&house, "blue_bottle").await;
    for _ in 0..2 {
        assert_eq!(post(&house, "/deauthorize", &request).await.status, 200);
        assert!(house.document("shop-de").await.is_none() && house.document("shop-fr").await.is_none());
        assert!(house.document("bakery").await.is_some());
    }
}

#[tokio::test]
async fn an_account_is_found_by_its_other_id_as_well() {
    let house = connected(&["shop-de"]).await;
    // As if Meta sent the professional account's id: the document's two ids change places.
    let account = house.vault.get(&sample::name("shop-de")).await.unwrap().unwrap();
    let mut document = account.document;
    std::mem::swap(&mut document.account_id, &mut document.app_scoped_id);
    house.vault.replace(&account.version, &document).await.unwrap();
    let request = signed(&house, "blue_bottle").await;
    assert_eq!(post(&house, "/deauthorize", &request).await.status, 200);
    assert!(house.document("shop-de").await.is_none());
}

#[tokio::test]
async fn a_deletion_is_answered_with_a_code_whose_page_says_what_and_when_and_nothing_else() {
    let house = connected(&["shop-de"]).await;
    let request = signed(&house, "blue_bottle").await;
    let answer = post(&house, "/data-deletion", &request).await;
    assert_eq!(answer.status, 200);
    assert!(house.document("shop-de").await.is_none());
    let answer: Value = serde_json::from_str(&answer.text).unwrap();
    let code = answer["confirmation_code"].as_str().unwrap();
    assert!(code.bytes().all(|b| b.is_ascii_alphanumeric()), "{code}");
    assert_eq!(answer["url"], house.url(&format!("/data-deletion/{code}")).as_str());
    assert_eq!(answer.as_object().unwrap().len(), 2);

    let page = Visitor::new().open(&house, &answer["url"].as_str().unwrap().parse().unwrap()).await;
    assert_eq!((page.status.as_u16(), page.heading()), (200, "Data deletion complete"));
    assert!(page.text.contains(&house.now().date().to_string()), "{}", page.text);
    for known in ["blue_bottle", "shop-de", "17841405793187218", "27640875392278831"] {
        assert!(!page.text.contains(known), "{known}");
    }

    let again = post(&house, "/data-deletion", &request).await;
    let again: Value = serde_json::from_str(&again.text).unwrap();
    let page = Visitor::new().open(&house, &again["url"].as_str().unwrap().parse().unwrap()).await;
    assert!(page.text.contains("No data about your Instagram account was stored"), "{}", page.text);
}

#[tokio::test]
async fn whoever_is_unknown_is_no_error() {
    let house = House::start().await;
    let request = signed(&house, "corner_bakery").await;
    assert_eq!(post(&house, "/deauthorize", &request).await.status, 200);
    assert_eq!(post(&house, "/data-deletion", &request).await.status, 200);
}

#[tokio::test]
async fn form_and_json_padded_and_not_and_an_earlier_secret_are_all_good() {
    let house = connected(&[]).await;
    let secret = evertoken_sandbox::Settings::default().app_secret;
    let request = signed(&house, "blue_bottle").await;
    let (signature, payload) = request.split_once('.').unwrap();
    let padded = format!("{signature}=.{payload}");
    for (text, secrets) in [(&request, None), (&padded, None), (&request, Some(["new-secret", secret.as_str()]))] {
        if let Some([newest, previous]) = secrets {
            house.set_app_secrets(newest, &[previous]);
        }
        let json = json!({ "signed_request": text });
        for request in [
            house.client.post(house.url("/deauthorize")).form(&[("signed_request", text)]),
            house.client.post(house.url("/deauthorize")).json(&json),
            // Without a word of what it is.
            house.client.post(house.url("/deauthorize")).body(json.to_string()),
            house.client.post(house.url("/deauthorize")).form(&[("other", "1"), ("signed_request", text)]),
        ] {
            assert_eq!(Visitor::new().send(request).await.status, 200);
        }
    }
}

#[tokio::test]
async fn garbage_is_refused_and_changes_nothing() {
    let house = connected(&["shop-de"]).await;
    let request = signed(&house, "blue_bottle").await;
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
                let post = house.client.post(house.url(path)).header("content-type", kind).body(body.clone());
                let refused = Visitor::new().send(post).await;
                assert_eq!(refused.status, 400, "{path} {}", String::from_utf8_lossy(body));
            }
        }
        for size in [64 * 1024 + 1, 5_000_000] {
            let post = house.client.post(house.url(path)).body(vec![b'a'; size]);
            assert_eq!(Visitor::new().send(post).await.status, 413, "{path}");
        }
        assert_eq!(Visitor::new().open(&house, &house.url(path)).await.status, 405, "{path}");
    }
    assert!(house.document("shop-de").await.is_some());
}

#[tokio::test]
async fn a_code_that_is_none_of_ours_is_not_found() {
    let house = House::start().await;
    let request = signed(&house, "blue_bottle").await;
    let answer: Value = serde_json::from_str(&post(&house, "/data-deletion", &request).await.text).unwrap();
    let code = answer["confirmation_code"].as_str().unwrap();
    let last = if code.ends_with('0') { "1" } else { "0" };
    let changed = format!("{}{last}", code.split_at(code.len() - 1).0);
    for code in [changed.as_str(), &code.to_uppercase(), "x", "..%2f..", "%ff", &"a".repeat(5000)] {
        let page = Visitor::new().open(&house, &house.url(&format!("/data-deletion/{code}"))).await;
        assert_eq!(page.status, 404, "{code}: {page:?}");
        assert!(page.text.contains("<h1>"), "{code}: {page:?}");
    }
}
