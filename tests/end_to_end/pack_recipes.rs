//! The recipes for reading a pack (docs/consumers.md), in their languages.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use aws_sdk_dynamodb::types::AttributeValue;
use evertoken_core::document::Placement;
use evertoken_core::vault::{AccountStore, Removal};
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::iam_policy_check::{IamPolicyCheck, RecordedCalls};
use evertoken_tests::moto::{Moto, REGION};
use evertoken_tests::permissions::{Grant, differences, of_statements};
use evertoken_tests::{packed_accounts, sample, venv, workspace};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

/// A program that prints the token of the account that its argument names.
struct Recipe {
    command: Vec<PathBuf>,
    /// Holds a copy of the recipe.
    _folder: Option<TempDir>,
}

impl Recipe {
    fn new(command: &[&Path]) -> Self {
        Self { command: command.iter().map(|part| part.to_path_buf()).collect(), _folder: None }
    }

    /// Returns the standard output, or the standard error if the program fails.
    async fn run(&self, stack: &Deployment, aws: &AwsProxy, account: &str) -> Result<String, String> {
        let path = std::env::var_os("PATH").unwrap();
        let path = std::iter::once(installed().join("venv/bin")).chain(std::env::split_paths(&path));
        let output = Command::new(&self.command[0])
            .args(&self.command[1..])
            .arg(account)
            .env("PATH", std::env::join_paths(path).unwrap())
            .env("AWS_ENDPOINT_URL", aws.endpoint())
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", REGION)
            .env("AWS_DEFAULT_REGION", REGION)
            .env("EVERTOKEN_VAULT_PREFIX", &stack.prefix)
            .env("EVERTOKEN_INDEX_TABLE", stack.index_table())
            .output()
            .await
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }
}

/// Where `make recipes` installs the AWS CLI and the SDK for Node.js.
fn installed() -> PathBuf {
    workspace::root().join("target/recipes")
}

fn file(name: &str) -> PathBuf {
    workspace::root().join("docs/examples").join(name)
}

/// The permissions of `infra/pack-consumer-policy.json`, for the stack instead of the example's.
fn policy(stack: &Deployment) -> BTreeSet<Grant> {
    let text = fs::read_to_string(workspace::root().join("infra/pack-consumer-policy.json")).unwrap();
    let text = text.replace("table/INDEX-TABLE", &format!("table/{}", stack.index_table()));
    let policy: Value = serde_json::from_str(&text.replace("evertoken/", &format!("{}/", stack.prefix))).unwrap();
    of_statements(policy["Statement"].as_array().unwrap())
}

/// Lets the index name a pack that does not contain the account.
async fn reserve_place(stack: &Deployment, account: &str) {
    let index = aws_sdk_dynamodb::Client::new(&Moto::shared().config());
    let put = index.put_item().table_name(stack.index_table());
    let put = put.item("key", AttributeValue::S(format!("A#{account}")));
    put.item("pack", AttributeValue::S("main-00001".to_owned())).send().await.unwrap();
}

async fn assert_reads_tokens_in_both_layouts(recipe: &Recipe) {
    let stack = Deployment::new().await.with_packs().await;
    let vault = stack.packed_vault();
    let grants = policy(&stack);
    let aws = AwsProxy::with_policy_check(IamPolicyCheck::with_grants("consumer", grants.clone(), &stack.calls)).await;
    for (name, token) in [("shop-de", "IGAA-de"), ("shop-fr", "IGAA-fr")] {
        vault.create(&sample::with_token(token, &sample::document(name))).await.unwrap();
    }
    let own = sample::document_json("own-secret", "IGAA-own", sample::ISSUED_AT);
    stack.put_document("own-secret", &own.to_string()).await;
    for (name, token) in [("shop-de", "IGAA-de"), ("shop-fr", "IGAA-fr"), ("own-secret", "IGAA-own")] {
        assert_eq!(recipe.run(&stack, &aws, name).await, Ok(format!("{token}\n")));
    }
    // The login has reserved a place in the pack, and then got a secret of its own.
    reserve_place(&stack, "own-secret").await;
    assert_eq!(recipe.run(&stack, &aws, "own-secret").await, Ok("IGAA-own\n".to_owned()));
    // A deletion for good moves the pack to another secret.
    vault.remove(&sample::name("shop-fr"), Removal::ForGood).await.unwrap();
    assert_eq!(recipe.run(&stack, &aws, "shop-de").await, Ok("IGAA-de\n".to_owned()));
    for gone in ["shop-fr", "never-connected"] {
        let error = recipe.run(&stack, &aws, gone).await.unwrap_err();
        assert!(!error.is_empty() && !error.contains("IGAA"), "{gone}: {error}");
    }
    let login = sample::with_token("IGAA-login", &sample::document("shop-de"));
    packed_accounts::store_outside(&stack, &login).await;
    assert_eq!(recipe.run(&stack, &aws, "shop-de").await, Ok("IGAA-login\n".to_owned()));
    assert_eq!(differences(&grants, &stack.calls.of("consumer"), &stack.prefix), [""; 0]);
}

#[tokio::test]
async fn the_recipe_for_python_reads_tokens_in_both_layouts() {
    assert_reads_tokens_in_both_layouts(&Recipe::new(&[&venv::python(), &file("read_pack.py")])).await;
}

/// As docs/many-accounts.md grants access to a group.
#[tokio::test]
async fn a_policy_can_grant_access_to_a_group() {
    let stack = Deployment::new().await.with_packs().await;
    let vault = stack.packed_vault();
    // The names of the other groups begin like this one.
    for group in ["client", "client-a", "main"] {
        let document = sample::with_token(&format!("IGAA-{group}"), &sample::document(&format!("shop-{group}")));
        vault.create(&document.with_placement(&Placement::Group(group.parse().unwrap()))).await.unwrap();
    }
    let grants: BTreeSet<_> = policy(&stack)
        .into_iter()
        .filter(|grant| !grant.resource.contains("/accounts/"))
        .map(|grant| Grant { resource: grant.resource.replace("packs/*", "packs/client-?????/*"), ..grant })
        .collect();
    let aws =
        AwsProxy::with_policy_check(IamPolicyCheck::with_grants("consumer", grants, &RecordedCalls::default())).await;
    let recipe = Recipe::new(&[&venv::python(), &file("read_pack.py")]);
    assert_eq!(recipe.run(&stack, &aws, "shop-client").await, Ok("IGAA-client\n".to_owned()));
    for other in ["shop-client-a", "shop-main"] {
        let error = recipe.run(&stack, &aws, other).await.unwrap_err();
        assert!(error.contains("AccessDenied") && !error.contains("IGAA"), "{other}: {error}");
    }
}

#[tokio::test]
#[ignore = "needs the AWS CLI and jq: run `make recipes`, and pass --include-ignored"]
async fn the_recipe_for_the_shell_reads_tokens_in_both_layouts() {
    assert_reads_tokens_in_both_layouts(&Recipe::new(&[&file("read_pack.sh")])).await;
}

#[tokio::test]
#[ignore = "needs the AWS SDK for Node.js: run `make recipes`, and pass --include-ignored"]
async fn the_recipe_for_node_reads_tokens_in_both_layouts() {
    // Node.js looks for packages beside the script.
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("read_pack.mjs");
    fs::copy(file("read_pack.mjs"), &script).unwrap();
    symlink(installed().join("node_modules"), folder.path().join("node_modules")).unwrap();
    let recipe = Recipe { _folder: Some(folder), ..Recipe::new(&[Path::new("node"), &script]) };
    assert_reads_tokens_in_both_layouts(&recipe).await;
}

#[tokio::test]
#[ignore = "needs PHP with curl: run `make recipes`, and pass --include-ignored"]
async fn the_recipe_for_php_reads_tokens_in_both_layouts() {
    assert_reads_tokens_in_both_layouts(&Recipe::new(&[Path::new("php"), &file("read_pack.php")])).await;
}

#[tokio::test]
#[ignore = "needs Go and its AWS SDK: run `make recipes`, and pass --include-ignored"]
async fn the_recipe_for_go_reads_tokens_in_both_layouts() {
    let folder = tempfile::tempdir().unwrap();
    let (source, program) = (folder.path().join("read_pack.go"), folder.path().join("read_pack"));
    fs::write(&source, with_endpoint_of_environment(&fs::read_to_string(file("read_pack.go")).unwrap())).unwrap();
    let mut go = Command::new("go");
    go.arg("build").arg("-o").args([&program, &source]);
    // The SDK is in the packages of Debian.
    go.env("GO111MODULE", "off").env("GOPATH", "/usr/share/gocode");
    let built = go.output().await.unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let recipe = Recipe { _folder: Some(folder), ..Recipe::new(&[&program]) };
    assert_reads_tokens_in_both_layouts(&recipe).await;
}

/// Lets the program use `AWS_ENDPOINT_URL`, which Debian's version of the SDK does not read.
fn with_endpoint_of_environment(source: &str) -> String {
    let load = "config.LoadDefaultConfig(ctx)";
    assert!(source.contains(load));
    let resolver = r#"config.LoadDefaultConfig(ctx, config.WithEndpointResolverWithOptions(
        aws.EndpointResolverWithOptionsFunc(func(_, region string, _ ...interface{}) (aws.Endpoint, error) {
            return aws.Endpoint{URL: os.Getenv("AWS_ENDPOINT_URL"), SigningRegion: region}, nil
        })))"#;
    source.replace(load, resolver)
}
