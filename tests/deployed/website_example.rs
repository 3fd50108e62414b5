//! `infra/examples/website.yaml`: a function on the event bus that sends each new token to a website.

use std::fs;

use evertoken_tests::aws_account::AwsAccount;
use evertoken_tests::stack::NAME as STACK;
use evertoken_tests::webhook_receiver::WebhookReceiver;
use evertoken_tests::{wait, workspace};
use serde_json::json;
use time::Duration;

const SECRET: &str = "evertoken/accounts/my-shop";

/// `user:application password`, and its form in an `Authorization` header.
const LOGIN: (&str, &str) = ("evertoken:abcd efgh", "Basic ZXZlcnRva2VuOmFiY2QgZWZnaA==");

#[tokio::test]
async fn the_website_receives_the_token_of_its_account_after_a_login_and_each_renewal() {
    let owner = AwsAccount::new().await;
    let package = owner.package().await;
    owner.deploy(&package, STACK, &[("AlarmEmail", "me@example.test")]).await;
    let website = WebhookReceiver::with_statuses(&[200]).await;
    let login = json!({"Resources": {"Login": {"Type": "AWS::SecretsManager::Secret", "Properties":
        {"Name": "website", "SecretString": LOGIN.0}}}, "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Login", "Id"]}}}});
    owner.deploy_template("website-login", &login.to_string(), &[]).await;
    let login = owner.describe_secret("website").await.unwrap().arn.unwrap();
    let parameters = [("Account", "my-shop"), ("TargetUrl", &website.url()), ("TargetLoginArn", &login)];
    owner.deploy_template("website", &loopback_template(), &parameters).await;

    owner.log_in(&owner.invite(STACK, "another").await, "blue_bottle").await;
    owner.log_in(&owner.invite(STACK, "my-shop").await, "corner_bakery").await;
    let issued = owner.document(SECRET).await["access_token"].clone();
    let deliveries = website.wait_for_deliveries(1).await;
    assert_eq!(deliveries[0].json(), json!({"account": "my-shop", "token": issued}));
    assert_eq!(deliveries[0].headers["authorization"], LOGIN.1);

    owner.pass_time(SECRET, Duration::days(21)).await;
    owner.evertoken(&["refresh", "--stack", STACK, "--all", "--remote"]).await.expect_code(0);
    let renewed = owner.document(SECRET).await["access_token"].clone();
    assert_ne!(renewed, issued);
    let deliveries = website.wait_for_deliveries(2).await;
    assert_eq!(deliveries[1].json(), json!({"account": "my-shop", "token": renewed}));
    wait::until_async("the function's log", async || {
        let log = owner.log("website", "Log").await;
        assert!(!log.contains(renewed.as_str().unwrap()) && !log.contains(LOGIN.0), "the log contains a secret");
        log.contains(r#""status": 200"#).then_some(())
    })
    .await;
}

/// The template, with a website on this machine, and with the Python that this machine has.
fn loopback_template() -> String {
    let template = fs::read_to_string(workspace::root().join("infra/examples/website.yaml")).unwrap();
    assert!(template.contains(r#""^https://"#));
    template.replace(r#""^https://"#, r#""^http://127"#)
}
