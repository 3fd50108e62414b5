//! `evertoken export`, and importing what it has exported.

use std::os::unix::fs::PermissionsExt;

use evertoken_tests::test_cli::TestCli;
use serde_json::Value;
use tempfile::TempDir;
use time::Duration;

#[tokio::test]
async fn export_and_import_move_accounts_between_vaults_unchanged() {
    let dir = TempDir::new().unwrap();
    let [files, aws] = TestCli::for_each_vault().await;
    for (number, (from, to)) in [(&files, &aws), (&aws, &files)].into_iter().enumerate() {
        let name = format!("shop-{number}");
        from.add_account(&name, Duration::days(10)).await;
        let mut document = from.document(&name).await.unwrap();
        document["note"] = "Anna's".into();
        document["health"] = serde_json::json!({"state": "attention", "since": "2026-11-20T05:00:00Z", "code": 190,
            "subcode": 459, "message": "Instagram wants something.", "note": 7});
        from.put_document(&name, &document.to_string()).await;

        let file = dir.path().join(format!("{number}.json"));
        let path = file.to_str().unwrap();
        let run = from.run(&["export", path]).await.expect_code(0);
        assert!(run.stderr.contains("contains access tokens"), "{run:?}");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

        let run = to.run(&["import", "--file", path]).await.expect_code(0);
        assert!(run.stdout.contains(&format!("{name} imported: ")) && run.stdout.contains("as exported"), "{run:?}");
        assert_eq!(to.document(&name).await.unwrap(), document);
        // Importing the same file again changes nothing.
        let run = to.run(&["--json", "import", "--file", path]).await.expect_code(0);
        assert_eq!(run.json()["accounts"][0]["outcome"], "replaced", "{run:?}");
        assert_eq!(to.document(&name).await.unwrap(), document);
    }
}

#[tokio::test]
async fn export_never_overwrites_a_file_or_writes_to_the_terminal() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("my-shop", Duration::days(10)).await;
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("export.json");
    std::fs::write(&file, "mine").unwrap();
    let run = cli.run(&["export", file.to_str().unwrap()]).await.expect_code(1);
    assert!(run.stderr.contains("already exists"), "{run:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    for terminal in ["-", "/dev/stdout", "/dev/tty"] {
        let run = cli.run(&["export", terminal]).await.expect_code(1);
        assert!(run.stderr.contains("never to the terminal"), "{run:?}");
    }
    cli.run(&["export", "/nowhere/export.json"]).await.expect_code(1);
}

#[tokio::test]
async fn an_export_without_tokens_cannot_be_imported() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("my-shop", Duration::days(10)).await;
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("overview.json");
    let path = file.to_str().unwrap();
    cli.run(&["export", path, "--without-tokens"]).await.expect_code(0);
    let text = std::fs::read_to_string(&file).unwrap();
    cli.scanner().record_log("the overview", &text);
    let overview: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(overview["accounts"][0]["username"], "blue_bottle");
    let run = cli.run(&["import", "--file", path]).await.expect_code(3);
    assert!(run.stdout.contains("without its token"), "{run:?}");
}

#[tokio::test]
async fn an_older_export_does_not_overwrite_a_newer_login() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("my-shop", Duration::days(10)).await;
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("export.json");
    let path = file.to_str().unwrap();
    cli.run(&["export", path]).await.expect_code(0);
    cli.add_account("my-shop", Duration::days(1)).await;
    let newer = cli.document("my-shop").await;
    let run = cli.run(&["import", "--file", path]).await.expect_code(3);
    assert!(run.stdout.contains("newer token"), "{run:?}");
    assert_eq!(cli.document("my-shop").await, newer);
    cli.run(&["import", "--file", path, "--replace"]).await.expect_code(0);
}

#[tokio::test]
async fn an_export_without_an_unreadable_account_says_so() {
    for cli in TestCli::for_each_vault().await {
        cli.add_account("my-shop", Duration::days(10)).await;
        cli.put_document("broken", "{").await;
        let dir = TempDir::new().unwrap();
        let file = dir.path().join("export.json");
        let run = cli.run(&["--json", "export", file.to_str().unwrap()]).await.expect_code(3);
        assert!(run.stderr.contains("broken: not exported, "), "{run:?}");
        assert_eq!(run.json(), serde_json::json!({"file": file, "accounts": 1, "left_out": 1}));
        let exported: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        assert_eq!(exported["accounts"], serde_json::json!([cli.document("my-shop").await.unwrap()]));
    }
}
