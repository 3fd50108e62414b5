//! The settings that the command reads from a deployed stack.

use evertoken_tests::deployed_stack::{DeployedStack, KMS_KEY};
use evertoken_tests::test_cli::TestCli;
use serde_json::json;
use time::Duration;

/// A tag policy or a key policy of the operator's company applies to every secret, whoever creates it.
#[tokio::test]
async fn secrets_that_the_command_creates_have_the_stacks_key_and_tags() {
    let cli = TestCli::with_secrets_manager().await;
    let stack = DeployedStack::new(cli.deployment(), "https://login.example.test").await;
    let cli = cli.with_variables(&stack.stack_only_variables()).with_variables(&[("EVERTOKEN_STACK", &stack.name)]);

    let token = cli.instagram().token("blue_bottle", Duration::days(30)).await;
    cli.run_with_stdin(&["import", "my-shop"], &token).await.expect_code(0);
    cli.deployment().delete_secret("app").await;
    let answers = json!({"app_id": "1234567890123456", "app_secret": "0123456789abcdef0123456789abcdef"});
    cli.run_with_stdin(&["setup", "--answers", "-"], &answers.to_string()).await.expect_code(0);

    for secret in ["accounts/my-shop", "app"] {
        let secret = cli.deployment().describe_secret(secret).await;
        let tags: Vec<_> = secret.tags().iter().map(|tag| (tag.key().unwrap(), tag.value().unwrap())).collect();
        assert_eq!(secret.kms_key_id(), Some(KMS_KEY), "{:?}", secret.name());
        for tag in [("team", "web"), ("evertoken:stack", stack.name.as_str())] {
            assert!(tags.contains(&tag), "{:?} has {tags:?}", secret.name());
        }
    }
}
