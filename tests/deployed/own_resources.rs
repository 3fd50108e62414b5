//! A stack with the owner's KMS key, event bus and topic, whose accounts are deleted with it.

use evertoken_tests::aws_account::AwsAccount;
use evertoken_tests::wait;
use time::Duration;
use url::Url;

const STACK: &str = "client";
const SECRET: &str = "clients-shop/accounts/my-shop";

#[tokio::test]
async fn a_stack_uses_the_owners_resources_and_deletes_its_accounts() {
    let owner = AwsAccount::new().await;
    let package = owner.package().await;
    owner.provide_owner_resources("").await;
    let topic = owner.output("owner", "Topic").await;
    owner.subscribe_queue(&topic, &owner.output("owner", "InboxArn").await).await;
    let key = owner.output("owner", "Key").await;
    let parameters = [
        ("VaultPrefix", "clients-shop"),
        ("KmsKeyArn", &key),
        ("EventBusName", &owner.output("owner", "Bus").await),
        ("AlarmTopicArn", &topic),
        ("AccountsOnDeletion", "remove"),
        ("Provider", "both"),
        ("Rotation", "on"),
    ];
    owner.deploy(&package, STACK, &parameters).await;

    let page = owner.log_in(&owner.invite(STACK, "my-shop").await, "blue_bottle").await;
    assert_eq!(page.status, 200, "{}", page.body);
    for secret in [SECRET, "clients-shop/app", "clients-shop/signing"] {
        let secret = owner.describe_secret(secret).await.unwrap();
        assert_eq!(secret.kms_key_id(), Some(key.as_str()), "{secret:?}");
    }
    let event = owner.receive(&owner.output("owner", "Events").await).await;
    assert_eq!((&event["source"], &event["detail-type"]), (&"evertoken".into(), &"Account Connected".into()));
    assert_eq!(event["detail"]["name"], "my-shop");

    connect_through_facebook(&owner).await;
    report_a_failed_run(&owner).await;
    tell_the_owner(&owner).await;
    owner.logs(STACK).await;
    delete_and_deploy_again(&owner, &package, &parameters).await;
}

/// A person with three accounts logs in through Facebook and chooses one. The refresh checks its token with the app secret,
/// which its role may read.
async fn connect_through_facebook(owner: &AwsAccount) {
    let settings = owner.route_settings(STACK).await;
    for route in ["GET /choose", "POST /choose"] {
        assert_eq!(settings[route], settings["GET /callback"], "{route}");
        assert!(!settings[route]["ThrottlingBurstLimit"].is_null(), "{settings}");
    }
    let invite = ["invite", "--stack", STACK, "--name", "agency", "--provider", "facebook"];
    let link: Url = owner.evertoken(&invite).await.expect_code(0).stdout.trim().parse().unwrap();
    let mut browser = owner.browser();
    let pages = ["100641205793102", "100641205793103", "100641205793104"];
    let page = browser.log_in_with_facebook(&link, "three_pages", &pages).await;
    let page = browser.choose(&page, &["17841405793187219"]).await;
    assert_eq!((page.status, page.url.path()), (200, "/connected"), "{}", page.body);
    let document = owner.document("clients-shop/accounts/agency").await;
    assert_eq!((&document["provider"], &document["username"]), (&"facebook".into(), &"corner_bakery".into()));
    let secret = owner.describe_secret("clients-shop/accounts/agency").await.unwrap();
    let tag = secret.tags().iter().find(|tag| tag.key() == Some("evertoken:meta-user-id")).unwrap();
    assert_eq!(tag.value(), document["meta_user_id"].as_str());

    assert!(owner.allows(STACK, "RefreshRole", "secretsmanager:GetSecretValue", "clients-shop/app").await);
    let check = ["--json", "refresh", "--stack", STACK, "agency", "--force", "--remote"];
    let run = owner.evertoken(&check).await.expect_code(0);
    assert_eq!(run.json()["failed"], 0, "{run:?}");
    let checked = owner.document("clients-shop/accounts/agency").await;
    assert_eq!(checked["last_attempt"]["outcome"], "probed");
    assert_eq!(checked["access_token"], document["access_token"]);
}

/// A run that may not list the accounts fails, and goes to the dead-letter queue. This also shows that the emulator enforces
/// permissions.
async fn report_a_failed_run(owner: &AwsAccount) {
    let queue = owner.resource(STACK, "DeadLetterQueue").await;
    owner.evertoken(&["refresh", "--stack", STACK, "--all", "--remote"]).await.expect_code(0);
    owner.provide_owner_resources(&owner.resource(STACK, "RefreshRole").await).await;
    let denied = owner.evertoken(&["refresh", "--stack", STACK, "--all", "--remote"]).await.expect_code(1);
    assert!(denied.stderr.contains("the vault denied access"), "{denied:?}");
    owner.start_run(STACK).await;
    wait::until_async("the failed run in the dead-letter queue", async || {
        (owner.queue_length(&queue).await > 0).then_some(())
    })
    .await;
    let complaints = owner.complaints(STACK).await;
    assert!(complaints.iter().any(|line| line.contains("DeadLetterQueue") && line.contains("1 ")), "{complaints:?}");
    let failed = owner.receive(&queue).await;
    assert_eq!(failed["requestPayload"]["version"], 1, "{failed}");
    assert!(failed["responsePayload"]["errorMessage"].is_string(), "{failed}");
    owner.provide_owner_resources("").await;
    owner.evertoken(&["refresh", "--stack", STACK, "--all", "--remote"]).await.expect_code(0);
}

/// A token that no longer works leads to a message on the owner's own topic.
async fn tell_the_owner(owner: &AwsAccount) {
    owner.instagram.revoke("blue_bottle").await;
    owner.pass_time(SECRET, Duration::days(21)).await;
    owner.evertoken(&["refresh", "--stack", STACK, "--all", "--remote"]).await.expect_code(3);
    let message = owner.receive(&owner.output("owner", "Inbox").await).await;
    let text = message["Message"].as_str().unwrap();
    owner.scanner.record_output("the message to the owner", text);
    assert!(text.contains("account my-shop in the Evertoken stack client"), "{text}");
}

/// The accounts are deleted with the stack. A login to a new stack with the same prefix restores one.
async fn delete_and_deploy_again(
    owner: &AwsAccount,
    package: &evertoken_tests::sam::Package,
    parameters: &[(&str, &str)],
) {
    owner.delete(STACK).await;
    // It can be restored for seven days.
    let deleted = owner.describe_secret(SECRET).await.unwrap();
    assert!(deleted.deleted_date().is_some());
    owner.delete_own_secrets("clients-shop").await;
    owner.deploy(package, STACK, parameters).await;
    let list = owner.evertoken(&["list", "--stack", STACK]).await.expect_code(0);
    assert!(!list.stdout.contains("my-shop"), "{list:?}");
    let page = owner.log_in(&owner.invite(STACK, "my-shop").await, "blue_bottle").await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(owner.document(SECRET).await["health"]["state"], "healthy");
}
