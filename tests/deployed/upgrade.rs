//! A stack from the previous release through an upgrade and its deletion to a new deployment with the same prefix.

use evertoken_tests::aws_account::AwsAccount;
use evertoken_tests::browser::Consent;
use serde_json::{Value, json};
use url::Url;

const STACK: &str = "evertoken";
const SECRET: &str = "evertoken/accounts/my-shop";

#[tokio::test]
async fn accounts_outlive_an_upgrade_a_deletion_and_a_new_deployment() {
    let owner = AwsAccount::new().await;
    let current = owner.package().await;
    owner.deploy_previous(STACK).await;
    let page = owner.log_in(&owner.invite(STACK, "my-shop").await, "blue_bottle").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let document = owner.document(SECRET).await;
    let unused_invite = owner.invite(STACK, "other-shop").await;
    // The owner has rotated the app secret.
    let mut app: Value = owner.document("evertoken/app").await;
    app["previous_app_secrets"] = json!(["fedcba9876543210fedcba9876543210"]);
    owner.put_secret("evertoken/app", &app.to_string()).await;

    // Upgrade, and change parameters.
    let changed = [("LoginMode", "open"), ("LogRetentionDays", "30"), ("AlarmEmail", "me@example.test")];
    owner.deploy(&current, STACK, &changed).await;
    assert_eq!(owner.document(SECRET).await, document);
    assert_eq!(owner.document("evertoken/app").await, app, "the deployment must not overwrite the app secret");
    let page = owner.log_in(&unused_invite, "maya.makes").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let open: Url = owner.output(STACK, "ConnectUrl").await.parse::<Url>().unwrap().join("login").unwrap();
    let mut browser = owner.browser();
    let consent = browser.open(&open).await;
    let callback = browser.consent(&consent, Consent { decision: "cancel", ..Consent::allow("blue_bottle") }).await;
    assert_eq!(callback.path(), "/callback");
    owner.resource(STACK, "Alarms.Topic").await;
    owner.evertoken(&["refresh", "--stack", STACK, "--all", "--remote"]).await.expect_code(0);

    // Delete the stack. By default, that keeps every account.
    owner.delete(STACK).await;
    assert!(owner.stack(STACK).await.is_none());
    assert_ne!(owner.browser().get(&open).await.status, 302, "the pages must be gone");
    assert_eq!(owner.document(SECRET).await, document);

    // Deploy again with the same prefix, as docs/deploy.md describes it. Without the deletion, CloudFormation reports that the
    // two secrets already exist. MiniStack overwrites them instead, so no test here can show that.
    owner.delete_own_secrets("evertoken").await;
    owner.deploy(&current, STACK, &[]).await;
    let list = owner.evertoken(&["list", "--stack", STACK]).await.expect_code(0);
    assert!(list.stdout.contains("my-shop") && list.stdout.contains("other-shop"), "{list:?}");
    let run = owner.evertoken(&["--json", "refresh", "--stack", STACK, "--all", "--remote"]).await.expect_code(0);
    assert_eq!(run.json()["accounts"], 2, "{run:?}");
    let page = owner.log_in(&owner.invite(STACK, "my-shop").await, "blue_bottle").await;
    assert_eq!(page.status, 200, "{}", page.body);
    owner.logs(STACK).await;
}
