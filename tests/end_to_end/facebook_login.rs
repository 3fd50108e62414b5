//! Logins through Facebook: connecting one account or several, checking them, and removing them.

use std::collections::BTreeSet;

use evertoken_core::invite::Invite;
use evertoken_tests::deployment::{Deployment, SecretState};
use evertoken_tests::http::Request;
use evertoken_tests::{sample, schema};
use reqwest::Method;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use url::Url;

/// The page of the sandbox's person `one_page`, which is linked to `blue_bottle`.
pub(crate) const ONE_PAGE: &str = "100641205793101";

/// The pages of the sandbox's person `three_pages`, which are linked to [`ACCOUNTS`].
pub(crate) const THREE_PAGES: [&str; 3] = ["100641205793102", "100641205793103", "100641205793104"];

/// `blue_bottle`, `corner_bakery` and `maya.makes`.
pub(crate) const ACCOUNTS: [&str; 3] = ["17841405793187218", "17841405793187219", "17841405793187220"];

const NAMES: [&str; 3] = ["agency-blue-bottle", "agency-corner-bakery", "agency-maya-makes"];

/// An account document, whose token the scanner must not find in any output. Asserts that the document follows its schema.
pub(crate) async fn document(stack: &Deployment, name: &str) -> Value {
    let (_, document) = stack.current_document(name).await;
    stack.scanner.register_secret("a page token", document["access_token"].as_str().unwrap());
    schema::assert_valid(&document.to_string());
    document
}

pub(crate) fn time(document: &Value, key: &str) -> OffsetDateTime {
    OffsetDateTime::parse(document[key].as_str().unwrap(), &Rfc3339).unwrap()
}

/// An invite that connects several accounts.
fn many(stack: &Deployment) -> Url {
    let invite = Invite::new(stack.now() + Duration::days(7));
    stack.invite_link_for(&Invite { name: Some(sample::name("agency")), many_accounts: true, ..invite })
}

/// The IDs of the people who connected an account, in the tags of its secret.
async fn people(stack: &Deployment, name: &str) -> Vec<String> {
    let tags = stack.tags(name).await;
    tags.into_iter().filter(|(key, _)| key == "evertoken:meta-user-id").map(|(_, value)| value).collect()
}

/// The ID of one of the sandbox's people.
fn person(stack: &Deployment, label: &str) -> String {
    stack.instagram.sandbox().person(label).unwrap().id.0.to_string()
}

/// Sends the request that Meta sends when this person removes the app.
async fn remove(stack: &Deployment, label: &str, path: &str) {
    let signed = stack.instagram.sandbox().facebook_signed_request(label).unwrap();
    let callback = stack.callback().await;
    let form = vec![("signed_request".to_owned(), signed)];
    let request = Request { form, ..Request::get(&stack.page_url(path)).method(Method::POST) };
    let answer = stack.browser(&callback).send(&request).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn the_only_account_of_a_person_is_connected_without_a_choice() {
    let stack = Deployment::new().await.with_facebook("facebook").await;
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    let page = browser.log_in_with_facebook(&stack.invite_link("shop-de"), "one_page", &[ONE_PAGE]).await;
    assert_eq!((page.status, page.url.path()), (200, "/connected"), "{}", page.body);
    assert!(page.body.contains("@blue_bottle"), "{}", page.body);

    let connected = document(&stack, "shop-de").await;
    let person = person(&stack, "one_page");
    for (key, value) in [
        ("provider", json!("facebook")),
        ("account_id", json!(ACCOUNTS[0])),
        ("page_id", json!(ONE_PAGE)),
        ("meta_user_id", json!(person)),
        ("token_kind", json!("page")),
        ("expires_at", json!(null)),
    ] {
        assert_eq!(connected[key], value, "{key}");
    }
    let access = time(&connected, "data_access_expires_at") - time(&connected, "connected_at");
    assert!((access - Duration::days(90)).abs() < Duration::minutes(2), "{access}");
    assert_eq!(people(&stack, "shop-de").await, [person]);

    // The stored token is the page's, and no user token is kept.
    let token = connected["access_token"].as_str().unwrap();
    assert!(stack.instagram.sandbox().check_facebook_token(token).is_ok());
    assert!(!connected.to_string().replacen(token, "", 1).contains("EAA"), "another token is in the document");
}

#[tokio::test]
async fn a_person_chooses_one_of_three_accounts() {
    let stack = Deployment::new().await.with_facebook("both").await;
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    let expires_at = stack.now() + Duration::days(7);
    let invite = Invite {
        name: Some(sample::name("shop-de")),
        provider: Some(evertoken_core::document::ProviderName::Facebook),
        ..Invite::new(expires_at)
    };
    let page = browser.log_in_with_facebook(&stack.invite_link_for(&invite), "three_pages", &THREE_PAGES).await;
    for name in ["@blue_bottle", "@corner_bakery", "@maya.makes"] {
        assert!(page.body.contains(name), "{name}: {}", page.body);
    }
    assert_eq!(stack.accounts().await, [""; 0], "nothing is stored before the choice");

    let page = browser.choose(&page, &[ACCOUNTS[1]]).await;
    assert_eq!((page.status, page.url.path()), (200, "/connected"), "{}", page.body);
    assert_eq!(stack.accounts().await, ["shop-de"]);
    let chosen = document(&stack, "shop-de").await;
    assert_eq!((&chosen["account_id"], &chosen["page_id"]), (&json!(ACCOUNTS[1]), &json!(THREE_PAGES[1])));
    assert_eq!(people(&stack, "shop-de").await, [person(&stack, "three_pages")]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn three_accounts_are_connected_at_once_checked_without_a_write_and_removed_with_their_person() {
    let stack = Deployment::new().await.with_facebook("facebook").await;
    // Each run checks all accounts.
    let mut stack = stack.with_parameters(&[("CheckEveryHours", "6")]);
    let callback = stack.callback().await;
    let mut browser = stack.browser(&callback);
    let page = browser.log_in_with_facebook(&many(&stack), "three_pages", &THREE_PAGES).await;
    let page = browser.choose(&page, &ACCOUNTS).await;
    assert_eq!((page.status, page.url.path()), (200, "/connected"), "{}", page.body);
    let page =
        stack.browser(&callback).log_in_with_facebook(&stack.invite_link("shop-de"), "one_page", &[ONE_PAGE]).await;
    assert_eq!(page.url.path(), "/connected", "{}", page.body);
    let all: Vec<&str> = NAMES.into_iter().chain(["shop-de"]).collect();
    assert_eq!(
        stack.accounts().await.into_iter().collect::<BTreeSet<_>>(),
        all.iter().map(ToString::to_string).collect()
    );
    for (name, account) in NAMES.into_iter().zip(ACCOUNTS) {
        assert_eq!(document(&stack, name).await["account_id"], account, "{name}");
        assert_eq!(people(&stack, name).await, [person(&stack, "three_pages")], "{name}");
    }

    let mut versions = Vec::new();
    for name in &all {
        versions.push(stack.current_document(name).await);
    }
    stack.pass_time(Duration::days(2));
    let calls = stack.instagram.request_count("facebook_debug").await;
    let report = stack.run_refresh().await;
    assert_eq!((&report["accounts"], &report["checked"], &report["failures"]), (&json!(4), &json!(4), &json!([])));
    assert!(stack.instagram.request_count("facebook_debug").await >= calls + 4);
    for (name, version) in all.iter().zip(versions) {
        assert_eq!(stack.current_document(name).await, version, "the check of {name} wrote");
    }

    remove(&stack, "three_pages", "/deauthorize").await;
    for name in NAMES {
        assert_eq!(stack.secret_state(name).await, SecretState::Recoverable, "{name}");
    }
    assert_eq!(stack.secret_state("shop-de").await, SecretState::Current);
    remove(&stack, "three_pages", "/data-deletion").await;
    for name in NAMES {
        assert_eq!(stack.secret_state(name).await, SecretState::Gone, "{name}");
    }
    assert_eq!(stack.accounts().await, ["shop-de"]);
}
