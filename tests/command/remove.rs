//! `evertoken remove`.

use evertoken_core::vault::AccountStore;
use evertoken_tests::moto::Moto;
use evertoken_tests::test_cli::TestCli;
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn remove_does_nothing_without_confirmation() {
    for cli in TestCli::for_each_vault().await {
        cli.add_account("shop-de", Duration::days(5)).await;
        for answer in ["", "\n", "n\n", "yesterday\n"] {
            let run = cli.run_with_stdin(&["remove", "shop-de"], answer).await.expect_code(1);
            assert!(run.stderr.contains("Remove shop-de (@blue_bottle) from "), "{run:?}");
            assert!(run.stderr.contains("error: nothing was removed") && run.stderr.contains("--yes"), "{run:?}");
        }
        assert!(cli.document("shop-de").await.is_some());
    }
}

#[tokio::test]
async fn remove_deletes_one_account_after_confirmation() {
    for (cli, recoverable) in TestCli::for_each_vault().await.into_iter().zip([false, true]) {
        for name in ["one", "two", "three"] {
            cli.add_account(name, Duration::days(5)).await;
        }
        cli.run_with_stdin(&["remove", "one"], "y\n").await.expect_code(0);
        let run = cli.run(&["--json", "remove", "two", "--yes"]).await.expect_code(0);
        assert_eq!(run.json(), json!({"name": "two", "removed": true, "recoverable": recoverable}));
        let listed = cli.run(&["--json", "list"]).await.expect_code(0).json();
        assert_eq!((listed.as_array().unwrap().len(), &listed[0]["name"]), (1, &json!("three")));
        cli.run(&["remove", "two", "--yes"]).await.expect_code(1);
    }
}

#[tokio::test]
async fn remove_works_for_a_document_that_cannot_be_read() {
    for cli in TestCli::for_each_vault().await {
        cli.put_document("broken", "{").await;
        let run = cli.run(&["remove", "brokn", "--yes"]).await.expect_code(1);
        assert!(run.stderr.contains("there is no account brokn"), "{run:?}");
        let run = cli.run_with_stdin(&["remove", "broken"], "n\n").await.expect_code(1);
        assert!(run.stderr.contains("Remove broken (unreadable: the value is not JSON) from "), "{run:?}");
        cli.run_with_stdin(&["remove", "broken"], "y\n").await.expect_code(0);
        let listed = cli.run(&["--json", "list"]).await.expect_code(0).json();
        assert_eq!(listed, json!([]));
    }
}

#[tokio::test]
async fn a_removed_secret_is_recoverable_for_seven_days_unless_removed_for_good() {
    let cli = TestCli::with_secrets_manager().await;
    let secrets = Moto::shared().client();
    cli.add_account("one", Duration::days(5)).await;
    cli.add_account("two", Duration::days(5)).await;
    let run = cli.run_with_stdin(&["remove", "one"], "y\n").await.expect_code(0);
    assert!(run.stderr.contains("You can restore it for seven days."), "{run:?}");
    secrets.restore_secret().secret_id(cli.deployment().secret("one")).send().await.unwrap();
    assert!(cli.document("one").await.is_some());
    cli.run(&["remove", "two", "--yes", "--for-good"]).await.expect_code(0);
    assert!(secrets.restore_secret().secret_id(cli.deployment().secret("two")).send().await.is_err());
}

#[tokio::test]
async fn remove_leaves_no_token_on_disk() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("shop-de", Duration::days(30)).await;
    // The refresh leaves a previous document.
    cli.run(&["refresh", "shop-de"]).await.expect_code(0);
    let run = cli.run_with_stdin(&["remove", "shop-de"], "yes\n").await.expect_code(0);
    assert!(run.stderr.contains("This cannot be undone."), "{run:?}");
    let left = std::fs::read_dir(cli.dir().join("accounts")).unwrap();
    let left: Vec<_> = left.map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, [""; 0]);
    let vault = evertoken_file_vault::FileVault::existing(cli.dir()).unwrap();
    assert!(vault.get(&"shop-de".parse().unwrap()).await.unwrap().is_none());
}
