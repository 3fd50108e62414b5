//! `evertoken pack`, `unpack` and `reindex`.

use evertoken_core::document::Placement;
use evertoken_core::vault::AccountStore;
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::moto::Moto;
use evertoken_tests::test_cli::TestCli;
use evertoken_tests::{index_table, sample};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;
use time::Duration;

/// The command of a stack in the packed layout, with accounts that have secrets of their own.
async fn stack(names: &[&str]) -> TestCli {
    let cli = TestCli::with_deployment(Deployment::new().await.with_packs().await);
    for name in names {
        cli.add_account(name, Duration::days(5)).await;
    }
    cli
}

async fn token(cli: &TestCli, name: &str) -> String {
    cli.run_without_scan(&["token", name], "").await.expect_code(0).stdout
}

async fn pack_of(cli: &TestCli, name: &str) -> Value {
    cli.run(&["--json", "show", name]).await.expect_code(0).json()["pack"].clone()
}

#[tokio::test]
async fn accounts_are_packed_and_unpacked() {
    let cli = stack(&["shop-de", "shop-fr", "shop-it"]).await;
    let before = token(&cli, "shop-de").await;
    let run = cli.run(&["pack", "shop-de"]).await.expect_code(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", "1 account: 1 packed.\n"));
    assert_eq!(pack_of(&cli, "shop-de").await, "main-00001");
    let copy = cli.document("shop-de").await.unwrap();
    assert_eq!((&copy["evertoken_moved_to"]["pack"], &copy["schema"]), (&json!("main-00001"), &json!(1)));
    let report = cli.run(&["--json", "pack", "--all"]).await.expect_code(0).json();
    assert_eq!(report, json!({ "moved": 2, "already": 0, "kept": 0, "failures": [], "left": 0 }));
    let run = cli.run(&["pack", "shop-de", "shop-it"]).await.expect_code(0);
    assert_eq!(run.stderr, "2 accounts: 2 in packs already.\n");
    assert_eq!(token(&cli, "shop-de").await, before);
    let list = cli.run(&["--json", "list"]).await.expect_code(0).json();
    assert_eq!(list.as_array().unwrap().len(), 3, "{list}");
    let run = cli.run(&["unpack", "--all"]).await.expect_code(0);
    assert_eq!(run.stderr, "3 accounts: 3 unpacked.\n");
    assert_eq!(pack_of(&cli, "shop-de").await, Value::Null);
    assert_eq!(cli.document("shop-de").await.unwrap().get("evertoken_moved_to"), None);
    assert_eq!(token(&cli, "shop-de").await, before);
    assert_eq!(cli.run(&["unpack", "--all"]).await.expect_code(0).stderr, "No account to move.\n");
}

#[tokio::test]
async fn what_cannot_be_packed_is_named_and_all_others_are_packed() {
    let cli = stack(&["shop-de", "shop-fr"]).await;
    cli.put_document("broken", "{").await;
    let mut large = sample::document("large");
    large.unknown.insert("note".to_owned(), "n".repeat(20_000).into());
    cli.deployment().vault().create(&large).await.unwrap();
    let run = cli.run(&["pack", "--all"]).await.expect_code(3);
    let expected = "broken: not packed: the account's document is unreadable: the value is not JSON\n\
                    large: not packed: the vault is unavailable (the document is too large for a pack)\n\
                    4 accounts: 2 packed, 2 failed.\n";
    assert_eq!(run.stderr, expected);
    let run = cli.run(&["pack", "nobody"]).await.expect_code(3);
    let expected = "nobody: no account has this name; list the accounts with `evertoken list`\n1 account: 1 failed.\n";
    assert_eq!(run.stderr, expected);
    let (_, text) = cli.deployment().secret_version("broken", "AWSCURRENT").await.unwrap();
    assert_eq!(text, "{");
}

#[tokio::test]
async fn an_account_that_is_to_keep_its_secret_is_packed_only_by_name() {
    let cli = stack(&["shop-de"]).await;
    let own = sample::document("own").with_placement(&Placement::OwnSecret);
    cli.deployment().vault().create(&own).await.unwrap();
    let run = cli.run(&["pack", "--all"]).await.expect_code(0);
    assert_eq!(run.stderr, "2 accounts: 1 packed, 1 kept out of packs.\n");
    assert_eq!(pack_of(&cli, "own").await, Value::Null);
    cli.run(&["pack", "own"]).await.expect_code(0);
    assert_eq!(pack_of(&cli, "own").await, "main-00001");
}

#[tokio::test]
async fn a_check_lists_the_copies_and_those_of_today_are_kept() {
    let cli = stack(&["shop-de", "shop-fr"]).await;
    let run = cli.run(&["pack", "--check"]).await.expect_code(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", "No packed account has a copy.\n"));
    cli.run(&["pack", "shop-de"]).await.expect_code(0);
    let run = cli.run(&["pack", "--check"]).await.expect_code(0);
    assert!(run.stdout.contains("shop-de") && run.stdout.contains("packed today"), "{run:?}");
    assert_eq!(run.stderr, "Packed today: 1 copy. Check again in two days.\n");
    let report = cli.run(&["--json", "pack", "--check"]).await.expect_code(0).json();
    assert_eq!((&report["too_early"], &report["copies"][0]["pack"]), (&json!(1), &json!("main-00001")));
    let run = cli.run(&["pack", "--check", "shop-fr"]).await.expect_code(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", "No packed account has a copy.\n"));
    let run = cli.run(&["pack", "--all", "--delete-copies"]).await.expect_code(0);
    assert_eq!(run.stderr, "Deleted 0, kept 1 that are still read or were packed today.\n");
    let run = cli.run(&["--json", "pack", "--all", "--delete-copies"]).await.expect_code(0);
    assert_eq!(run.json(), json!({"deleted": 0, "kept": 1, "failures": []}));
    assert!(cli.document("shop-de").await.is_some());
}

#[tokio::test]
async fn a_name_without_an_account_has_no_copies_to_check_or_to_delete() {
    let cli = stack(&["shop-de", "shop-fr"]).await;
    cli.run(&["pack", "shop-de"]).await.expect_code(0);
    for command in [&["pack", "--check", "shop-de", "shop-ed"][..], &["pack", "shop-ed", "--delete-copies"]] {
        let run = cli.run(command).await.expect_code(1);
        assert!(run.stderr.starts_with("error: there is no account shop-ed\n"), "{run:?}");
        assert!(run.stderr.contains("\nhint: did you mean shop-de?") && run.stdout.is_empty(), "{run:?}");
    }
    // An account of a pack may have no copy.
    cli.deployment().delete_secret("accounts/shop-de").await;
    let run = cli.run(&["pack", "--check", "shop-de"]).await.expect_code(0);
    assert_eq!(run.stderr, "No packed account has a copy.\n");
}

#[tokio::test]
async fn an_export_contains_the_accounts_of_packs_and_of_secrets_of_their_own() {
    let cli = stack(&["packed", "single"]).await;
    let before = [token(&cli, "packed").await, token(&cli, "single").await];
    cli.run(&["pack", "packed"]).await.expect_code(0);
    // The copy is not what is exported.
    cli.run(&["refresh", "packed", "--force"]).await.expect_code(0);
    let tokens = [token(&cli, "packed").await, token(&cli, "single").await];
    assert!(tokens[0] != before[0] && tokens[1] == before[1]);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("accounts.json");
    let run = cli.run(&["--json", "export", file.to_str().unwrap()]).await.expect_code(0);
    assert_eq!(run.json(), json!({ "file": file, "accounts": 2, "left_out": 0 }));
    let exported: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let accounts = exported["accounts"].as_array().unwrap();
    let found: Vec<_> = accounts.iter().map(|account| (&account["name"], &account["access_token"])).collect();
    let [packed, single] = tokens.each_ref().map(|token| json!(token.trim_end()));
    assert_eq!(found, [(&json!("packed"), &packed), (&json!("single"), &single)]);
    assert!(accounts.iter().all(|account| account.get("evertoken_moved_to").is_none()), "a copy was exported");
}

/// Otherwise somebody would deploy Layout=single, and the accounts of that pack would be renewed no more.
#[tokio::test]
async fn an_unreadable_pack_is_named_when_all_accounts_are_moved_back() {
    let cli = stack(&["shop-de"]).await;
    cli.run(&["pack", "--all"]).await.expect_code(0);
    cli.deployment().put_secret_binary("packs/main-00001/1", b"\x1f\x8b\x08 broken").await;
    let run = cli.run(&["unpack", "--all"]).await.expect_code(3);
    assert!(
        run.stderr.contains("packs/main-00001: not unpacked: the secret packs/main-00001/1 is unreadable"),
        "{run:?}"
    );
    assert!(run.stderr.ends_with("1 account: 1 failed.\n"), "{run:?}");
}

/// One write stores many of them, and a pack is filled in one day.
#[tokio::test]
async fn the_accounts_of_a_file_share_writes() {
    let proxy = AwsProxy::start().await;
    let cli = stack(&[]).await.with_variables(&[("AWS_ENDPOINT_URL", proxy.endpoint())]);
    let row = |number: u32| {
        let document = sample::document(&format!("shop-{number:02}")).encode();
        let mut row: Value = serde_json::from_str(document.expose_secret()).unwrap();
        row["account_id"] = json!(format!("178414000000000{number:02}"));
        row
    };
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("accounts.json");
    std::fs::write(&file, json!((0..80).map(row).collect::<Vec<_>>()).to_string()).unwrap();
    cli.run(&["import", "--file", file.to_str().unwrap()]).await.expect_code(0);
    assert_eq!(proxy.count("CreateSecret"), 1);
    let writes = proxy.count("PutSecretValue");
    assert!(writes < 20, "{writes}");
    assert_eq!(pack_of(&cli, "shop-79").await, "main-00001");
}

#[tokio::test]
async fn packs_need_a_stack_that_has_them() {
    let cli = TestCli::with_secrets_manager().await;
    for command in [&["pack", "--all"][..], &["pack", "--check"], &["unpack", "shop-de"], &["reindex"]] {
        let run = cli.run(command).await.expect_code(2);
        let expected = "error: this stack keeps one secret for each account\n\
                        hint: deploy the stack with the parameter Layout=packed first, and select it with --stack NAME\n";
        assert_eq!(run.stderr, expected);
    }
    let cli = TestCli::with_file_vault().await;
    let run = cli.run(&["pack", "--all"]).await.expect_code(2);
    assert!(run.stderr.starts_with("error: a file vault has no packs\n"), "{run:?}");
    for usage in
        [&["pack", "--all", "shop-de"][..], &["unpack", "--all", "shop-de"], &["pack", "--check", "--delete-copies"]]
    {
        cli.run(usage).await.expect_code(2);
    }
    for (command, accounts) in [
        (&["pack"][..], "<NAME|--all|--check>"),
        (&["pack", "--delete-copies"], "<NAME|--all|--check>"),
        (&["unpack"], "<NAME|--all>"),
    ] {
        let run = cli.run(command).await.expect_code(2);
        assert!(run.stderr.contains(&format!("required arguments were not provided:\n  {accounts}\n")), "{run:?}");
    }
}

#[tokio::test]
async fn a_lost_index_is_rebuilt() {
    let cli = stack(&["shop-de", "shop-fr"]).await;
    cli.run(&["pack", "--all"]).await.expect_code(0);
    let report = cli.run(&["--json", "reindex"]).await.expect_code(0).json();
    let unchanged = json!({ "packs": 1, "recorded_packs": 0, "accounts": 2, "placed_accounts": 0, "problems": [] });
    assert_eq!(report, unchanged);
    // The table is lost, and deployed again.
    let table = index_table::create(&Moto::shared().config()).await;
    let cli = cli.with_variables(&[("EVERTOKEN_INDEX_TABLE", &table)]);
    let run = cli.run(&["list"]).await.expect_code(1);
    assert!(run.stderr.contains("rebuild the index with `evertoken reindex`"), "{run:?}");
    let run = cli.run(&["reindex"]).await.expect_code(0);
    assert_eq!(run.stderr, "1 pack with 2 accounts: added or corrected 1 of the packs and 2 of the accounts.\n");
    assert_eq!(pack_of(&cli, "shop-de").await, "main-00001");
}

#[tokio::test]
async fn an_unreadable_pack_is_named_when_the_index_is_rebuilt() {
    let cli = stack(&["shop-de"]).await;
    cli.run(&["pack", "--all"]).await.expect_code(0);
    cli.deployment().put_secret_binary("packs/main-00001/1", b"\x1f\x8b\x08 broken").await;
    let run = cli.run(&["reindex"]).await.expect_code(3);
    let expected =
        "packs/main-00001: the secret packs/main-00001/1 is unreadable: the value is not gzip, or is damaged\n";
    assert!(run.stderr.starts_with(expected), "{run:?}");
    let run = cli.run(&["unpack", "shop-de"]).await.expect_code(3);
    assert!(run.stderr.contains("the secret packs/main-00001/1 is unreadable"), "{run:?}");
}
