//! Secrets in the vault that are not account documents.

use evertoken_tests::deployment::Deployment;
use evertoken_tests::sample::{ISSUED_AT, document_json};
use serde_json::{Value, json};
use time::Duration;

#[tokio::test]
async fn unreadable_secrets_are_reported_and_left_unchanged_while_other_accounts_are_refreshed() {
    let stack = Deployment::new().await;
    stack.add_account("good", Duration::days(21)).await;
    let valid = document_json("from-the-future", "IGAA-future", ISSUED_AT);
    let with = |key: &str, value: Value| {
        let mut document = valid.clone();
        document[key] = value;
        document.to_string()
    };
    let unreadable = [
        ("from-the-future", with("schema", json!(2)), "unsupported schema 2"),
        ("broken", valid.to_string().split_off(40), "not JSON"),
        ("somebody-elses", r#"{"username":"admin","password":"IGAA-hunter2"}"#.to_owned(), "no \"schema\""),
        ("a-list", r#"["IGAA-1"]"#.to_owned(), "not an account document"),
        ("a-number", with("access_token", json!(17)), "access_token"),
        ("without-time", with("expires_at", json!("IGAA-soon")), "expires_at"),
        ("misplaced", with("schema", json!(1)), "another account, from-the-future"),
    ];
    for (name, text, _) in &unreadable {
        stack.put_document(name, text).await;
    }
    let mut before = Vec::new();
    for (name, ..) in &unreadable {
        before.push(stack.secret_version(name, "AWSCURRENT").await.unwrap());
    }

    let refresh = stack.refresh().await;
    let report = refresh.invoke(&json!({})).await;
    assert_eq!(report["accounts"], unreadable.len() + 1, "{report}");
    assert_eq!((&report["refreshed"], &report["failed"]), (&json!(1), &json!(unreadable.len())), "{report}");
    let (_, good) = stack.current_document("good").await;
    assert_eq!(good["last_attempt"]["outcome"], "refreshed");
    let failures = report["failures"].as_array().unwrap();
    for ((name, text, reason), (version, _)) in unreadable.iter().zip(&before) {
        let failure = failures.iter().find(|failure| failure["name"] == *name);
        let failure = failure.unwrap_or_else(|| panic!("{name} is missing in {report}"));
        assert_eq!(failure["kind"], "unreadable");
        assert!(failure["message"].as_str().unwrap().contains(reason), "{failure}");
        let now = stack.secret_version(name, "AWSCURRENT").await.unwrap();
        assert_eq!(now, (version.clone(), text.clone()));
        refresh.wait_for_log(&format!("\"account.name\":\"{name}\"")).await;
    }
}

#[tokio::test]
async fn a_login_does_not_overwrite_an_unreadable_secret() {
    let stack = Deployment::new().await;
    let precious = r#"{"somebody":"else's"}"#;
    stack.put_document("shop-de", precious).await;
    let before = stack.secret_version("shop-de", "AWSCURRENT").await.unwrap();
    let callback = stack.callback().await;
    let consent = evertoken_tests::browser::Consent::allow("blue_bottle");
    let page = stack.browser(&callback).log_in(&stack.invite_link("shop-de"), consent).await;
    assert_eq!(page.status, 500, "{}", page.body);
    assert_eq!(stack.secret_version("shop-de", "AWSCURRENT").await.unwrap(), before);
}

/// CloudWatch truncates a line at 1 MB. The caller needs all of them.
#[tokio::test]
async fn the_response_lists_every_failure_and_the_log_the_first_hundred() {
    let stack = Deployment::new().await;
    for number in 0..101 {
        stack.put_document(&format!("odd-{number}"), "{}").await;
    }
    let refresh = stack.refresh().await;
    let report = refresh.invoke(&json!({})).await;
    assert_eq!((&report["failed"], report["failures"].as_array().unwrap().len()), (&json!(101), 101));
    let line: Value = serde_json::from_str(&refresh.wait_for_log("refresh run completed").await).unwrap();
    let logged: Value = serde_json::from_str(line["report"].as_str().unwrap()).unwrap();
    assert_eq!((&logged["failed"], logged["failures"].as_array().unwrap().len()), (&json!(101), 100));
}
