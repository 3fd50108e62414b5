//! The reader API: one application, one account, one permission.

use std::process::Stdio;

use evertoken_tests::aws_account::AwsAccount;
use evertoken_tests::moto::REGION;
use evertoken_tests::stack::{ACCOUNT, NAME as STACK};
use evertoken_tests::{venv, workspace};
use serde_json::json;
use tokio::process::Command;

/// Runs `docs/examples/read_account.py` with these credentials, and returns its standard output, or its standard error if it fails.
async fn read(url: &str, credentials: &[(String, String)], account: &str) -> Result<String, String> {
    let output = Command::new(venv::python())
        .arg(workspace::root().join("docs/examples/read_account.py"))
        .arg(account)
        .envs(credentials.iter().cloned())
        .env("EVERTOKEN_READER_URL", url)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[tokio::test]
async fn an_application_reads_the_token_of_the_one_account_that_its_role_allows() {
    let owner = AwsAccount::new().await;
    let package = owner.package().await;
    owner.deploy(&package, STACK, &[("Reader", "on"), ("Layout", "packed")]).await;
    for (name, user) in [("my-shop", "blue_bottle"), ("other-shop", "corner_bakery")] {
        let page = owner.log_in(&owner.invite(STACK, name).await, user).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
    let url = owner.output(STACK, "ReaderUrl").await;
    let api = url.strip_prefix("https://").and_then(|url| url.split('.').next()).unwrap();
    let resource = format!("arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/$default/GET/accounts/my-shop/token");
    let policy = json!({"Version": "2012-10-17", "Statement":
        [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}]});
    let shop = owner.assume_new_role("shop", &policy).await;

    let signed = owner.url_for_signed_requests(api);
    let token = read(&signed, &shop, "my-shop").await.unwrap();
    assert_eq!(owner.instagram.me(token.trim()).await.0, 200);
    let denied = read(&signed, &shop, "other-shop").await.unwrap_err();
    assert!(denied.contains("HTTP Error 403"), "{denied}");
    let unsigned = owner.browser().get(&format!("{url}/accounts/my-shop/token").parse().unwrap()).await;
    assert_eq!(unsigned.status, 403, "{}", unsigned.body);
    let log = owner.log(STACK, "TokenReader.Logs").await;
    assert!(log.contains("token read") && log.contains("assumed-role/shop/test"), "{log}");
    assert!(!log.contains(token.trim()) && !log.contains("other-shop"), "{log}");
    owner.logs(STACK).await;
}
