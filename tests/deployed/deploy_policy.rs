//! A role with no other permissions than `infra/deploy-policy.json` deploys the stack.
//!
//! MiniStack evaluates the role's own requests: those to CloudFormation, and to the bucket with the packages. It does not
//! evaluate what CloudFormation does on the role's behalf; `tests/template/deploy_policy.rs` compares that with AWS's
//! documentation.

use evertoken_tests::aws_account::AwsAccount;
use evertoken_tests::{test_cli, workspace};
use serde_json::{Value, json};

const STACK: &str = "evertoken";

fn policy() -> Value {
    let policy = std::fs::read_to_string(workspace::root().join("infra/deploy-policy.json")).unwrap();
    serde_json::from_str(&policy).unwrap()
}

#[tokio::test]
async fn the_deploy_policy_suffices_to_deploy_the_stack_and_no_other() {
    let owner = AwsAccount::new().await;
    let package = owner.package().await;
    let deployer = owner.assume_new_role("deployer", &policy()).await;
    let parameters = owner.with_common_parameters(&[("AlarmEmail", "me@example.test")]);

    let mut without_upload = policy();
    without_upload["Statement"].as_array_mut().unwrap().retain(|statement| statement["Sid"] != "UploadPackages");
    let uploader = owner.assume_new_role("uploader", &without_upload).await;
    let denied = package.deploy_with(&uploader, STACK, &parameters).await.unwrap_err();
    assert!(denied.contains("not authorized") || denied.contains("AccessDenied"), "{denied}");
    assert!(owner.stack(STACK).await.is_none());

    for days in ["90", "30"] {
        let parameters = [&parameters[..], &[("LogRetentionDays", days)]].concat();
        let result = package.deploy_with(&deployer, STACK, &parameters).await;
        result.unwrap_or_else(|output| panic!("{output}\n{}", owner.aws.log()));
    }
    let denied = package.deploy_with(&deployer, "other", &parameters).await.unwrap_err();
    assert!(denied.contains("not authorized"), "{denied}");
    assert!(owner.stack("other").await.is_none());

    // `evertoken setup` stores the app, but cannot read an account.
    owner.register_redirect_uri(STACK).await;
    let app = json!({"app_id": owner.settings.app_id, "app_secret": owner.settings.app_secret}).to_string();
    let variables = [deployer, owner.gateway.variables(), owner.instagram_variables()].concat();
    test_cli::run(&["setup", "--answers", "-"], &variables, &app).await.expect_code(0);
    let page = owner.log_in(&owner.invite(STACK, "my-shop").await, "blue_bottle").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let denied = test_cli::run(&["token", "my-shop"], &variables, "").await.expect_code(1);
    assert!(denied.stderr.contains("denied access"), "{denied:?}");
}
