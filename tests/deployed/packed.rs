//! A stack in the packed layout: many accounts in one secret, with an index in DynamoDB.

use evertoken_core::document::Versioned;
use evertoken_core::vault::AccountStore;
use evertoken_tests::aws_account::AwsAccount;
use evertoken_tests::http::Request;
use evertoken_tests::stack::NAME as STACK;
use evertoken_tests::{sample, wait};
use reqwest::Method;
use serde_json::json;
use time::Duration;
use url::Url;

use crate::evaluated_template;

const PARAMETERS: [(&str, &str); 2] = [("Layout", "packed"), ("PackSize", "16")];

#[tokio::test]
async fn accounts_share_a_secret_from_their_login_to_their_removal() {
    let owner = AwsAccount::new().await;
    let package = owner.package().await;
    owner.deploy(&package, STACK, &PARAMETERS).await;
    evaluated_template::matches_the_functions(&owner, &PARAMETERS).await;
    for (name, user) in [("shop-de", "blue_bottle"), ("shop-fr", "corner_bakery")] {
        let page = owner.log_in(&owner.invite(STACK, name).await, user).await;
        assert_eq!((page.status, page.url.path()), (200, "/connected"), "{}", page.body);
        assert!(owner.describe_secret(&format!("evertoken/accounts/{name}")).await.is_none(), "{name}");
    }
    read(&owner).await;
    renew(&owner).await;
    remove(&owner, "DeauthorizeUrl", "blue_bottle").await;
    let list = owner.evertoken(&["list", "--stack", STACK]).await.expect_code(0);
    assert!(list.stdout.contains("shop-fr") && !list.stdout.contains("shop-de"), "{list:?}");
    // The earlier versions of the pack go with its secret.
    remove(&owner, "DataDeletionUrl", "corner_bakery").await;
    assert!(owner.describe_secret("evertoken/packs/main-00001/1").await.is_none());
    assert!(owner.describe_secret("evertoken/packs/main-00001/2").await.is_some());
    // Both connect again, although the index remembers them as removed.
    for (name, user) in [("shop-de", "blue_bottle"), ("shop-fr", "corner_bakery")] {
        let page = owner.log_in(&owner.invite(STACK, name).await, user).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
    read(&owner).await;
    owner.logs(STACK).await;
}

/// The owner reads the accounts with the command.
async fn read(owner: &AwsAccount) {
    let list = owner.evertoken(&["list", "--stack", STACK]).await.expect_code(0);
    assert!(list.stdout.contains("shop-de") && list.stdout.contains("shop-fr"), "{list:?}");
    let show = owner.evertoken(&["--json", "show", "--stack", STACK, "shop-de"]).await.expect_code(0).json();
    assert_eq!((&show["username"], &show["pack"]), (&json!("blue_bottle"), &json!("main-00001")));
    assert_eq!(show["stored_in"], "evertoken/packs/main-00001");
    assert_eq!(show["read_command"], format!("evertoken token shop-de --stack {STACK}"));
    let token = owner.evertoken_without_scan(&["token", "--stack", STACK, "shop-de"]).await.expect_code(0);
    assert_eq!(owner.instagram.me(token.stdout.trim()).await.0, 200);
}

/// The deployed refresh renews both accounts.
async fn renew(owner: &AwsAccount) {
    owner.instagram.advance(Duration::days(2));
    let arguments = ["--json", "refresh", "--stack", STACK, "--force", "--remote", "shop-de", "shop-fr"];
    let report = owner.evertoken(&arguments).await.json();
    assert_eq!((&report["accounts"], &report["failed"]), (&json!(2), &json!(0)), "{report}");
}

/// Meta reports that the account's owner has removed the app, or asks for the deletion of the data.
async fn remove(owner: &AwsAccount, output: &str, user: &str) {
    let url: Url = owner.output(STACK, output).await.parse().unwrap();
    let form = vec![("signed_request".to_owned(), owner.instagram.signed_request(user).await)];
    let answer = owner.browser().send(&Request { form, ..Request::get(&url).method(Method::POST) }).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Moves Instagram's clock forward, and the token's times back by the same duration.
async fn pass_time(owner: &AwsAccount, name: &str, duration: Duration) {
    owner.instagram.advance(duration);
    let vault = owner.packed_vault(STACK).await;
    let Versioned { version, mut document, .. } = vault.get(&sample::name(name)).await.unwrap().unwrap();
    document.issued_at -= duration;
    document.expires_at = document.expires_at.map(|at| at - duration);
    vault.replace(&version, &document).await.unwrap();
}

/// The scheduled function puts the packs into the queue, and Lambda invokes it again for each of them.
#[tokio::test]
async fn workers_renew_the_accounts_of_a_pack_through_a_queue() {
    let owner = AwsAccount::new().await;
    let package = owner.package().await;
    owner.deploy(&package, STACK, &[("Layout", "packed"), ("Workers", "2")]).await;
    let page = owner.log_in(&owner.invite(STACK, "shop-de").await, "blue_bottle").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let token = async || {
        let run = owner.evertoken_without_scan(&["token", "--stack", STACK, "shop-de"]).await.expect_code(0);
        run.stdout.trim().to_owned()
    };
    let before = token().await;
    pass_time(&owner, "shop-de", Duration::days(25)).await;
    let plan = owner.evertoken(&["--json", "refresh", "--stack", STACK, "--all", "--remote"]).await.expect_code(0);
    assert_eq!(plan.json()["planned"], 2, "{plan:?}");
    let renewed = wait::until_async("a worker", async || Some(token().await).filter(|token| *token != before)).await;
    assert_eq!(owner.instagram.me(&renewed).await.0, 200);
    owner.logs(STACK).await;
}
