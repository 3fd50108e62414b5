//! `evertoken export`, and the way back.

use std::os::unix::fs::PermissionsExt;

use evertoken_tests::command::CommandHouse;
use serde_json::Value;
use tempfile::TempDir;
use time::Duration;

#[tokio::test]
async fn accounts_move_between_vaults_with_dates_health_and_unknown_keys() {
    let dir = TempDir::new().unwrap();
    let [files, aws] = CommandHouse::each().await;
    for (number, (from, to)) in [(&files, &aws), (&aws, &files)].into_iter().enumerate() {
        let name = format!("shop-{number}");
        from.plant(&name, Duration::days(10)).await;
        let mut document = from.document(&name).await.unwrap();
        document["note"] = "Anna's".into();
        document["health"] = serde_json::json!({"state": "attention", "since": "2026-11-20T05:00:00Z", "code": 190,
            "subcode": 459, "message": "Instagram wants something.", "note": 7});
        from.put(&name, &document.to_string()).await;

        let file = dir.path().join(format!("{number}.json"));
        let path = file.to_str().unwrap();
        let run = from.run(&["export", path]).await.expect(0);
        assert!(run.stderr.contains("contains access tokens"), "{run:?}");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

        let run = to.run(&["import", "--file", path]).await.expect(0);
        assert!(run.stdout.contains("as exported"), "{run:?}");
        assert_eq!(to.document(&name).await.unwrap(), document);
        // Again: nothing changes.
        to.run(&["import", "--file", path]).await.expect(0);
    }
}

#[tokio::test]
async fn nothing_is_overwritten_and_nothing_goes_to_the_terminal() {
    let house = CommandHouse::with_files().await;
    house.plant("my-shop", Duration::days(10)).await;
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("export.json");
    std::fs::write(&file, "mine").unwrap();
    let run = house.run(&["export", file.to_str().unwrap()]).await.expect(1);
    assert!(run.stderr.contains("already exists"), "{run:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    for terminal in ["-", "/dev/stdout", "/dev/tty"] {
        let run = house.run(&["export", terminal]).await.expect(1);
        assert!(run.stderr.contains("never to the terminal"), "{run:?}");
    }
    house.run(&["export", "/nowhere/export.json"]).await.expect(1);
}

#[tokio::test]
async fn an_overview_without_tokens_adopts_nothing() {
    let house = CommandHouse::with_files().await;
    house.plant("my-shop", Duration::days(10)).await;
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("overview.json");
    let path = file.to_str().unwrap();
    house.run(&["export", path, "--without-tokens"]).await.expect(0);
    let text = std::fs::read_to_string(&file).unwrap();
    house.leaks().logged("the overview", &text);
    let overview: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(overview["accounts"][0]["username"], "blue_bottle");
    let run = house.run(&["import", "--file", path]).await.expect(3);
    assert!(run.stdout.contains("without its token"), "{run:?}");
}

#[tokio::test]
async fn an_older_export_does_not_undo_a_newer_login() {
    let house = CommandHouse::with_files().await;
    house.plant("my-shop", Duration::days(10)).await;
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("export.json");
    let path = file.to_str().unwrap();
    house.run(&["export", path]).await.expect(0);
    house.plant("my-shop", Duration::days(1)).await;
    let newer = house.document("my-shop").await;
    let run = house.run(&["import", "--file", path]).await.expect(3);
    assert!(run.stdout.contains("newer token"), "{run:?}");
    assert_eq!(house.document("my-shop").await, newer);
    house.run(&["import", "--file", path, "--replace"]).await.expect(0);
}
