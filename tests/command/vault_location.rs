//! The vault that a command uses.

use std::process::Command;

use evertoken_tests::binaries;
use evertoken_tests::moto::Moto;
use evertoken_tests::serve_process::ServeProcess;
use evertoken_tests::test_cli::{self, TestCli};
use time::Duration;

#[tokio::test]
async fn list_works_with_either_vault() {
    for cli in TestCli::for_each_vault().await {
        cli.add_account("my-shop", Duration::days(10)).await;
        let listed = cli.run(&["--json", "list"]).await.expect_code(0).json();
        assert_eq!((&listed[0]["name"], &listed[0]["health"]), (&"my-shop".into(), &"healthy".into()));
    }
}

#[tokio::test]
async fn a_missing_vault_option_lists_the_ways_to_set_one() {
    let run = test_cli::run(&["list"], &[], "").await.expect_code(2);
    for way in ["--local DIR", "--stack NAME", "evertoken-data"] {
        assert!(run.stderr.contains(way), "{run:?}");
    }
}

#[tokio::test]
async fn an_unknown_stack_is_reported_with_a_hint() {
    let aws = [
        ("AWS_ENDPOINT_URL", Moto::shared().endpoint()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    let aws = aws.map(|(name, value)| (name.to_owned(), value.to_owned()));
    for (arguments, name) in [(vec!["list"], "evertoken"), (vec!["list", "--stack", "shop"], "shop")] {
        let run = test_cli::run(&arguments, &aws, "").await.expect_code(1);
        assert!(run.stderr.contains(&format!("there is no stack {name} ")), "{run:?}");
        let unselected = arguments.len() == 1;
        assert_eq!(run.stderr.contains("--local DIR"), unselected, "the command line selects a stack: {run:?}");
    }
}

/// A folder whose `evertoken-data` is a vault with one account.
async fn folder_with_vault(cli: &TestCli) -> tempfile::TempDir {
    cli.add_account("my-shop", Duration::days(10)).await;
    let folder = tempfile::TempDir::new().unwrap();
    std::os::unix::fs::symlink(cli.dir(), folder.path().join("evertoken-data")).unwrap();
    folder
}

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn beside_evertoken_data_no_option_is_needed() {
    let cli = TestCli::with_file_vault().await;
    let folder = folder_with_vault(&cli).await;
    let listed = test_cli::run_in(folder.path(), &["list"], &[], "").await.expect_code(0);
    assert!(listed.stdout.contains("my-shop"), "{listed:?}");
    assert!(listed.stderr.contains("as --local evertoken-data does"), "{listed:?}");
    let json = test_cli::run_in(folder.path(), &["--json", "list"], &[], "").await.expect_code(0);
    assert!(!json.stderr.contains("evertoken-data"), "{json:?}");
    let unknown = test_cli::run_in(folder.path(), &["show", "nobody"], &[], "").await.expect_code(1);
    assert!(unknown.stderr.contains("`evertoken list --local evertoken-data`"), "{unknown:?}");
    assert!(unknown.stderr.contains("note: using the vault in this folder"), "{unknown:?}");
    let unknown = test_cli::run_in(folder.path(), &["--json", "show", "nobody"], &[], "").await.expect_code(1);
    let error: serde_json::Value = serde_json::from_str(&unknown.stderr).unwrap();
    assert!(error["error"]["vault"].as_str().unwrap().contains("--local evertoken-data"), "{error}");
    // A prefix, a variable or an option selects another vault.
    let aws = variables(&[("EVERTOKEN_VAULT_PREFIX", "evertoken")]);
    let run = test_cli::run_in(folder.path(), &["list"], &aws, "").await.expect_code(1);
    assert!(run.stderr.contains("no AWS region") && run.stderr.contains("EVERTOKEN_VAULT_PREFIX selects"), "{run:?}");
    let run = test_cli::run_in(folder.path(), &["list", "--stack", "shop"], &[], "").await.expect_code(1);
    assert!(run.stderr.contains("no AWS region") && !run.stderr.contains("--local"), "{run:?}");
    // Options that exclude a file vault work beside one, and their errors do not suggest one.
    for arguments in [
        &["refresh", "--all", "--remote"][..],
        &["invite", "--signing-secret", "evertoken/signing", "--public-url", "https://connect.example.com"],
    ] {
        let region = variables(&[("AWS_REGION", "us-east-1"), ("AWS_EC2_METADATA_DISABLED", "true")]);
        let run = test_cli::run_in(folder.path(), arguments, &region, "").await.expect_code(1);
        assert!(run.stderr.contains("no AWS credentials") && !run.stderr.contains("--local"), "{run:?}");
    }
}

#[tokio::test]
async fn a_variable_selects_the_file_vault() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("my-shop", Duration::days(10)).await;
    let dir = cli.dir().to_str().unwrap();
    let here =
        variables(&[("EVERTOKEN_LOCAL", dir), ("EVERTOKEN_STACK", "shop"), ("EVERTOKEN_VAULT_PREFIX", "logins")]);
    let listed = test_cli::run(&["list"], &here, "").await.expect_code(0);
    assert!(listed.stdout.contains("my-shop"), "{listed:?}");
    assert!(listed.stderr.contains("EVERTOKEN_LOCAL selects the vault"), "{listed:?}");
    let run = test_cli::run(&["show", "nobody"], &here, "").await.expect_code(1);
    assert!(run.stderr.contains(&format!("`evertoken list --local {dir}`")), "{run:?}");
    // The command line takes precedence.
    let other = tempfile::TempDir::new().unwrap();
    let elsewhere = other.path().to_str().unwrap();
    let run = test_cli::run(&["list", "--local", elsewhere], &here, "").await.expect_code(1);
    assert!(run.stderr.contains("is not a vault") && !run.stderr.contains("EVERTOKEN_LOCAL"), "{run:?}");
    let run = test_cli::run(&["list", "--stack", "shop"], &here, "").await.expect_code(1);
    assert!(run.stderr.contains("no AWS region") && !run.stderr.contains("--local"), "{run:?}");
}

#[tokio::test]
async fn a_variable_that_names_no_vault_is_named_in_the_error() {
    let run = test_cli::run(&["list"], &variables(&[("EVERTOKEN_LOCAL", "")]), "").await.expect_code(2);
    assert!(run.stderr.contains("no vault is selected"), "{run:?}");
    let run = test_cli::run(&["list"], &variables(&[("EVERTOKEN_LOCAL", "/nowhere")]), "").await.expect_code(1);
    assert!(run.stderr.contains("/nowhere is not a vault"), "{run:?}");
    assert!(run.stderr.contains("check the path of EVERTOKEN_LOCAL"), "{run:?}");
    // A value that a shell or a terminal would act on.
    let hostile = variables(&[("EVERTOKEN_LOCAL", "/nowhere'; rm -r $HOME #\u{1b}[2J")]);
    let run = test_cli::run(&["list"], &hostile, "").await.expect_code(1);
    assert!(!run.stderr.contains('\u{1b}'), "{run:?}");
    assert!(run.stderr.contains(r"--local '/nowhere'\''; rm -r $HOME #"), "{run:?}");
}

#[tokio::test]
async fn serve_uses_the_folder_of_the_variable_but_never_for_the_sandbox() {
    let cli = TestCli::with_file_vault().await;
    let folder = tempfile::TempDir::new().unwrap();
    let dir = folder.path().join("vault");
    let local = [("EVERTOKEN_LOCAL", dir.to_str().unwrap())];
    let sandbox = ServeProcess::start(&["--sandbox"], &variables(&local)).await;
    sandbox.shut_down().await;
    assert!(!dir.exists(), "the sandbox uses the folder of the variable");
    let service = ServeProcess::start(&[], &cli.service_environment(&local)).await;
    assert!(service.stderr().contains(&format!("--local {}", dir.display())), "{}", service.stderr());
    service.shut_down().await;
    assert!(dir.join("accounts").is_dir());
}

#[tokio::test]
async fn a_suggested_command_works_as_pasted() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("my-shop", Duration::days(10)).await;
    let folder = tempfile::TempDir::new().unwrap();
    let vault = folder.path().join("my vault");
    std::os::unix::fs::symlink(cli.dir(), &vault).unwrap();
    let run = test_cli::run(&["show", "nobody", "--local", vault.to_str().unwrap()], &[], "").await.expect_code(1);
    let suggested = run.stderr.split('`').nth(1).unwrap();
    assert!(suggested.starts_with("evertoken list --local "), "{run:?}");
    let programs = binaries::path("evertoken").parent().unwrap();
    let pasted = Command::new("/bin/sh").args(["-c", suggested]).env("PATH", programs).output().unwrap();
    assert!(pasted.status.success() && String::from_utf8_lossy(&pasted.stdout).contains("my-shop"), "{pasted:?}");
}
