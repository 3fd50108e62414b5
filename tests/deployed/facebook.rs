//! Accounts that are connected through Facebook: from the login to their removal, with and without their person's return.

use evertoken_tests::aws_account::AwsAccount;
use evertoken_tests::http::Request;
use evertoken_tests::stack::NAME as STACK;
use reqwest::Method;
use serde_json::json;
use time::Duration;
use url::Url;

const PARAMETERS: [(&str, &str); 1] = [("Provider", "facebook")];

/// The page of `one_page`.
const ONE_PAGE: &str = "100641205793101";
/// The pages of `three_pages`, and the accounts that are linked to them.
const THREE_PAGES: [&str; 3] = ["100641205793102", "100641205793103", "100641205793104"];
const ACCOUNTS: [&str; 3] = ["17841405793187218", "17841405793187219", "17841405793187220"];
/// The names that the three accounts get from the invite.
const NAMES: [&str; 3] = ["agency-blue-bottle", "agency-corner-bakery", "agency-maya-makes"];

#[tokio::test]
async fn accounts_of_facebook_are_kept_as_long_as_their_person_returns_and_removed_with_the_person() {
    let owner = AwsAccount::new().await;
    let package = owner.package().await;
    owner.deploy(&package, STACK, &PARAMETERS).await;
    let one = invite(&owner, &["--name", "my-shop"]).await;
    connect_the_only_account(&owner, &one).await;
    connect_three_at_once(&owner).await;
    check(&owner, 0).await;
    let states = health(&owner).await;
    assert!(states.iter().all(|(_, state)| state == "healthy"), "{states:?}");

    // The person of my-shop returns after 60 days, the person of the other three does not.
    owner.instagram.advance(Duration::days(60));
    check(&owner, 0).await;
    connect_the_only_account(&owner, &one).await;
    owner.instagram.advance(Duration::days(31));
    check(&owner, 3).await;
    for (name, state) in health(&owner).await {
        let kept = name == "my-shop";
        assert_eq!(state, if kept { "healthy" } else { "login_required" }, "{name}");
    }
    remove_three(&owner).await;
    owner.logs(STACK).await;
}

/// Returns the link of a new invite.
async fn invite(owner: &AwsAccount, options: &[&str]) -> Url {
    let arguments = [&["invite", "--stack", STACK, "--provider", "facebook"], options].concat();
    owner.evertoken(&arguments).await.expect_code(0).stdout.trim().parse().unwrap()
}

/// A person with one page is not asked to choose, neither the first time nor with a link that renews access.
async fn connect_the_only_account(owner: &AwsAccount, link: &Url) {
    let page = owner.browser().log_in_with_facebook(link, "one_page", &[ONE_PAGE]).await;
    assert_eq!((page.status, page.url.path()), (200, "/connected"), "{}", page.body);
    let document = owner.document("evertoken/accounts/my-shop").await;
    assert_eq!((&document["provider"], &document["page_id"]), (&json!("facebook"), &json!(ONE_PAGE)));
    assert_eq!((&document["token_kind"], &document["expires_at"]), (&json!("page"), &json!(null)));
    owner.scanner.register_secret("a page token", document["access_token"].as_str().unwrap());
}

async fn connect_three_at_once(owner: &AwsAccount) {
    let link = invite(owner, &["--name", "agency", "--accounts", "many"]).await;
    let mut browser = owner.browser();
    let page = browser.log_in_with_facebook(&link, "three_pages", &THREE_PAGES).await;
    let page = browser.choose(&page, &ACCOUNTS).await;
    assert_eq!((page.status, page.url.path()), (200, "/connected"), "{}", page.body);
    for (name, account) in NAMES.into_iter().zip(ACCOUNTS) {
        let document = owner.document(&format!("evertoken/accounts/{name}")).await;
        assert_eq!(document["account_id"], account, "{name}");
        owner.scanner.register_secret("a page token", document["access_token"].as_str().unwrap());
    }
}

/// Lets the deployed refresh check all accounts, of which some need a login.
async fn check(owner: &AwsAccount, login_required: u32) {
    let names: Vec<&str> = NAMES.into_iter().chain(["my-shop"]).collect();
    let arguments = [&["--json", "refresh", "--stack", STACK, "--force", "--remote"], names.as_slice()].concat();
    let report = owner.evertoken(&arguments).await.json();
    assert_eq!((&report["accounts"], &report["login_required"]), (&json!(4), &json!(login_required)), "{report}");
    assert_eq!(report["failed"], 0, "{report}");
}

/// Returns the names of all accounts and their health.
async fn health(owner: &AwsAccount) -> Vec<(String, String)> {
    let mut states = Vec::new();
    for name in NAMES.into_iter().chain(["my-shop"]) {
        let document = owner.document(&format!("evertoken/accounts/{name}")).await;
        states.push((name.to_owned(), document["health"]["state"].as_str().unwrap().to_owned()));
    }
    states
}

/// The person of three accounts removes the app. Nothing else is removed.
async fn remove_three(owner: &AwsAccount) {
    let url: Url = owner.output(STACK, "DeauthorizeUrl").await.parse().unwrap();
    let signed = owner.instagram.sandbox().facebook_signed_request("three_pages").unwrap();
    let form = vec![("signed_request".to_owned(), signed)];
    let answer = owner.browser().send(&Request { form, ..Request::get(&url).method(Method::POST) }).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    for name in NAMES {
        let secret = owner.describe_secret(&format!("evertoken/accounts/{name}")).await.unwrap();
        assert!(secret.deleted_date().is_some(), "{name}");
    }
    let kept = owner.describe_secret("evertoken/accounts/my-shop").await.unwrap();
    assert!(kept.deleted_date().is_none());
}
