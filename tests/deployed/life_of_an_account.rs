//! An account from the first invite to a new login after its token has died.

use evertoken_tests::aws_account::AwsAccount;
use evertoken_tests::http::Request;
use evertoken_tests::stack::NAME as STACK;
use evertoken_tests::{schema, wait};
use reqwest::Method;
use serde_json::json;
use time::Duration;
use url::Url;

use crate::evaluated_template;

const PARAMETERS: [(&str, &str); 1] = [("AlarmEmail", "me@example.test")];
const SECRET: &str = "evertoken/accounts/my-shop";

#[tokio::test]
async fn an_account_is_connected_renewed_reconnected_and_removed() {
    let owner = AwsAccount::new().await;
    let package = owner.package().await;
    owner.provide_owner_resources("").await;
    owner.deploy(&package, STACK, &PARAMETERS).await;
    evaluated_template::matches_the_functions(&owner, &PARAMETERS).await;
    let key = owner.secret("evertoken/signing").await;
    assert!(key.len() == 64 && key.chars().all(char::is_alphanumeric), "the template asks for letters and digits");
    owner.subscribe_queue(&owner.resource(STACK, "Alarms.Topic").await, &owner.output("owner", "InboxArn").await).await;
    assert_eq!(owner.complaints(STACK).await, [""; 0], "nothing is wrong with a fresh stack");

    let may_read = owner.allows(STACK, "RefreshRole", "secretsmanager:GetSecretValue", "evertoken/app").await;
    assert!(!may_read, "without Facebook, the refresh needs no app secret");
    let may_read = owner.allows(STACK, "CallbackRole", "secretsmanager:GetSecretValue", "evertoken/app").await;
    assert!(may_read, "the login pages need the app secret");
    assert_eq!(owner.route_settings(STACK).await["GET /choose"], json!(null));

    connect(&owner).await;
    read(&owner).await;
    renew(&owner).await;
    reconnect(&owner).await;
    remove(&owner).await;
    let logs = owner.logs(STACK).await;
    assert!(logs.contains(r#""level":"DEBUG""#), "{logs}");
}

/// The owner sends an invite, and a person logs in.
async fn connect(owner: &AwsAccount) {
    let page = owner.log_in(&owner.invite(STACK, "my-shop").await, "blue_bottle").await;
    assert_eq!((page.status, page.url.path()), (200, "/connected"), "{}", page.body);
    assert!(page.body.contains("@blue_bottle") && !page.body.contains(SECRET), "{}", page.body);
    schema::assert_valid(&owner.secret(SECRET).await);
    let secret = owner.describe_secret(SECRET).await.unwrap();
    let tag = secret.tags().iter().find(|tag| tag.key() == Some("evertoken:stack")).unwrap();
    assert_eq!(tag.value(), Some(STACK));
}

/// The owner reads the account with the command.
async fn read(owner: &AwsAccount) {
    let list = owner.evertoken(&["list", "--stack", STACK]).await.expect_code(0);
    assert!(list.stdout.contains("my-shop") && list.stdout.contains("blue_bottle"), "{list:?}");
    let show = owner.evertoken(&["--json", "show", "--stack", STACK, "my-shop"]).await.expect_code(0);
    assert_eq!(show.json()["username"], "blue_bottle");
    let token = owner.evertoken_without_scan(&["token", "--stack", STACK, "my-shop"]).await.expect_code(0);
    assert_eq!(owner.instagram.me(token.stdout.trim()).await.0, 200);
}

/// Three weeks later, the schedule fires and the token is renewed.
async fn renew(owner: &AwsAccount) {
    owner.pass_time(SECRET, Duration::days(21)).await;
    let before = owner.document(SECRET).await;
    owner.reschedule(STACK, "cron(* * * * ? *)").await;
    let renewed = wait::until_async("the scheduled refresh", async || {
        Some(owner.document(SECRET).await).filter(|document| document["access_token"] != before["access_token"])
    });
    let renewed = renewed.await;
    owner.reschedule(STACK, "rate(6 hours)").await;
    assert_eq!(renewed["last_attempt"]["outcome"], "refreshed");
    assert_eq!(owner.instagram.me(renewed["access_token"].as_str().unwrap()).await.0, 200);
    let problems =
        wait::until_async("the log of the run", async || Some(owner.complaints(STACK).await).filter(Vec::is_empty));
    problems.await;
}

/// The account's owner removes the app, and Meta's callback is lost. The next run notices it, and a message with a link goes
/// out. The link connects the account again.
async fn reconnect(owner: &AwsAccount) {
    owner.instagram.revoke("blue_bottle").await;
    owner.pass_time(SECRET, Duration::days(21)).await;
    let run = owner.evertoken(&["--json", "refresh", "--stack", STACK, "--all", "--remote"]).await.expect_code(3);
    assert_eq!(run.json()["login_required"], 1, "{run:?}");
    let complaints = owner.complaints(STACK).await;
    assert!(
        complaints.len() == 1 && complaints[0].starts_with("account my-shop: @blue_bottle needs a new login"),
        "{complaints:?}"
    );

    let message = owner.receive(&owner.output("owner", "Inbox").await).await;
    let text = message["Message"].as_str().unwrap();
    owner.scanner.record_output("the message to the owner", text);
    assert!(text.contains("Login Required: Instagram account @blue_bottle (account my-shop in"), "{text}");
    let link = text.split(['"', '\n', ' ']).find(|word| word.contains("/login?invite=")).unwrap();
    let page = owner.log_in(&link.parse().unwrap(), "blue_bottle").await;
    assert_eq!((page.status, page.url.path()), (200, "/connected"), "{}", page.body);
    assert_eq!(owner.document(SECRET).await["health"]["state"], "healthy");
    assert_eq!(owner.complaints(STACK).await, [""; 0]);
}

/// The account's owner removes the app, and Meta reports it. The secret is deleted, and a new login restores it.
async fn remove(owner: &AwsAccount) {
    let url: Url = owner.output(STACK, "DeauthorizeUrl").await.parse().unwrap();
    let form = vec![("signed_request".to_owned(), owner.instagram.signed_request("blue_bottle").await)];
    let answer = owner.browser().send(&Request { form, ..Request::get(&url).method(Method::POST) }).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(owner.describe_secret(SECRET).await.unwrap().deleted_date().is_some());
    let list = owner.evertoken(&["list", "--stack", STACK]).await.expect_code(0);
    assert!(!list.stdout.contains("my-shop"), "{list:?}");
    let page = owner.log_in(&owner.invite(STACK, "my-shop").await, "blue_bottle").await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(owner.describe_secret(SECRET).await.unwrap().deleted_date().is_none());
}
