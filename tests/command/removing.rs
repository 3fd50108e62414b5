//! `remove`.

use evertoken_core::vault::AccountStore;
use evertoken_tests::command::CommandHouse;
use evertoken_tests::moto::Moto;
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn nothing_is_removed_without_a_yes() {
    for house in CommandHouse::each().await {
        house.plant("shop-de", Duration::days(5)).await;
        for answer in ["", "\n", "n\n", "yesterday\n"] {
            let run = house.run_with(&["remove", "shop-de"], answer).await.expect(1);
            assert!(run.stderr.contains("Remove shop-de (@blue_bottle), "), "{run:?}");
            assert!(run.stderr.contains("error: nothing was removed") && run.stderr.contains("--yes"), "{run:?}");
        }
        assert!(house.document("shop-de").await.is_some());
    }
}

#[tokio::test]
async fn a_yes_on_either_way_removes_one_account() {
    for house in CommandHouse::each().await {
        for name in ["one", "two", "three"] {
            house.plant(name, Duration::days(5)).await;
        }
        house.run_with(&["remove", "one"], "y\n").await.expect(0);
        let run = house.run(&["--json", "remove", "two", "--yes"]).await.expect(0);
        assert_eq!(run.json()["removed"], json!(true));
        let listed = house.run(&["--json", "list"]).await.expect(0).json();
        assert_eq!((listed.as_array().unwrap().len(), &listed[0]["name"]), (1, &json!("three")));
        house.run(&["remove", "two", "--yes"]).await.expect(1);
    }
}

#[tokio::test]
async fn secrets_manager_gives_it_back_for_seven_days_unless_it_is_for_good() {
    let house = CommandHouse::with_secrets_manager().await;
    let secrets = Moto::shared().client();
    house.plant("one", Duration::days(5)).await;
    house.plant("two", Duration::days(5)).await;
    let run = house.run_with(&["remove", "one"], "y\n").await.expect(0);
    assert!(run.stderr.contains("you can restore it for seven days"), "{run:?}");
    secrets.restore_secret().secret_id(house.deployment().secret("one")).send().await.unwrap();
    assert!(house.document("one").await.is_some());
    house.run(&["remove", "two", "--yes", "--for-good"]).await.expect(0);
    assert!(secrets.restore_secret().secret_id(house.deployment().secret("two")).send().await.is_err());
}

#[tokio::test]
async fn on_a_disk_no_token_stays_behind() {
    let house = CommandHouse::with_files().await;
    house.plant("shop-de", Duration::days(30)).await;
    // There is a previous document now.
    house.run(&["refresh", "shop-de"]).await.expect(0);
    let run = house.run_with(&["remove", "shop-de"], "yes\n").await.expect(0);
    assert!(run.stderr.contains("this cannot be undone"), "{run:?}");
    let left = std::fs::read_dir(house.dir().join("accounts")).unwrap();
    let left: Vec<_> = left.map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, [".lock"]);
    let vault = evertoken_file_vault::FileVault::existing(house.dir()).unwrap();
    assert!(vault.get(&"shop-de".parse().unwrap()).await.unwrap().is_none());
}
