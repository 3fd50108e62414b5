//! The vault that a command uses.

use std::process::Command;

use evertoken_tests::binaries;
use evertoken_tests::moto::Moto;
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
    for way in ["--local DIR", "--stack NAME", "EVERTOKEN_VAULT_PREFIX"] {
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
        assert!(run.stderr.contains("--local DIR"), "{run:?}");
    }
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
