//! Values in the vault that are none of ours, beside one that is due.

use evertoken_tests::deployment::{Deployment, document};
use evertoken_tests::sample::ISSUED_AT;
use serde_json::{Value, json};
use time::Duration;

#[tokio::test]
async fn a_value_that_is_no_document_is_named_and_left_alone_and_the_others_are_renewed() {
    let stack = Deployment::new().await;
    stack.plant("good", Duration::days(21)).await;
    let whole = document("from-the-future", "IGAA-future", ISSUED_AT);
    let with = |key: &str, value: Value| {
        let mut document = whole.clone();
        document[key] = value;
        document.to_string()
    };
    let foreign = [
        ("from-the-future", with("schema", json!(2)), "schema 2 is unknown"),
        ("broken", whole.to_string().split_off(40), "not JSON"),
        ("somebody-elses", r#"{"username":"admin","password":"IGAA-hunter2"}"#.to_owned(), "no \"schema\""),
        ("a-list", r#"["IGAA-1"]"#.to_owned(), "no account document"),
        ("a-number", with("access_token", json!(17)), "access_token"),
        ("without-time", with("expires_at", json!("IGAA-soon")), "expires_at"),
        ("misplaced", with("schema", json!(1)), "its name is from-the-future"),
    ];
    for (name, text, _) in &foreign {
        stack.put(name, text).await;
    }
    let mut before = Vec::new();
    for (name, ..) in &foreign {
        before.push(stack.staged(name, "AWSCURRENT").await.unwrap());
    }

    let refresh = stack.refresh().await;
    let report = refresh.invoke(&json!({})).await;
    assert_eq!(report["accounts"], foreign.len() + 1, "{report}");
    assert_eq!((&report["refreshed"], &report["failed"]), (&json!(1), &json!(foreign.len())), "{report}");
    let (_, good) = stack.current("good").await;
    assert_eq!(good["last_attempt"]["outcome"], "refreshed");
    let failures = report["failures"].as_array().unwrap();
    for ((name, text, reason), (version, _)) in foreign.iter().zip(&before) {
        let failure = failures.iter().find(|failure| failure["name"] == *name);
        let failure = failure.unwrap_or_else(|| panic!("{name} is missing in {report}"));
        assert_eq!(failure["kind"], "unreadable");
        assert!(failure["message"].as_str().unwrap().contains(reason), "{failure}");
        let now = stack.staged(name, "AWSCURRENT").await.unwrap();
        assert_eq!(now, (version.clone(), text.clone()));
        refresh.logged(&format!("\"account.name\":\"{name}\"")).await;
    }
}

#[tokio::test]
async fn a_login_does_not_overwrite_what_it_cannot_read() {
    let stack = Deployment::new().await;
    let precious = r#"{"somebody":"else's"}"#;
    stack.put("shop-de", precious).await;
    let before = stack.staged("shop-de", "AWSCURRENT").await.unwrap();
    let callback = stack.callback().await;
    let consent = evertoken_tests::browser::Consent::allow("blue_bottle");
    let page = stack.browser(&callback).log_in(&stack.invite("shop-de"), consent).await;
    assert_eq!(page.status, 500, "{}", page.body);
    assert_eq!(stack.staged("shop-de", "AWSCURRENT").await.unwrap(), before);
}
