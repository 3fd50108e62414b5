//! `evertoken debug`.

use evertoken_tests::command::CommandHouse;
use evertoken_tests::command::Run;
use time::{Duration, OffsetDateTime};

/// Ten days, and so much that no second more or less makes another day.
const TEN_DAYS: Duration = Duration::hours(241);

/// What stays the same from run to run: days for dates.
fn without_dates(run: &Run) -> String {
    let is_date = |word: &str| word.bytes().filter(u8::is_ascii_digit).count() == 8 && word.matches('-').count() == 2;
    let line = |line: &str| {
        line.split(' ').map(|word| if is_date(word) { "DATE" } else { word }).collect::<Vec<_>>().join(" ")
    };
    run.stdout.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_stored_token_is_explained_over_either_vault() {
    for house in CommandHouse::each().await {
        house.plant("my-shop", TEN_DAYS).await;
        let run = house.run(&["debug", "my-shop"]).await.expect(0);
        insta::assert_snapshot!("a_stored_token", without_dates(&run));
        let report = house.run(&["--json", "debug", "my-shop"]).await.expect(0).json();
        assert_eq!((&report["valid"], &report["family"]), (&true.into(), &"instagram_login".into()));
        assert_eq!((&report["days_left"], &report["stored_as"]), (&49.into(), &"my-shop".into()));
        assert_eq!(report["scopes"][0], "instagram_business_basic");
    }
}

#[tokio::test]
async fn a_token_that_instagram_refuses_says_why_and_what_to_do() {
    let house = CommandHouse::with_files().await;
    house.plant("my-shop", TEN_DAYS).await;
    house.instagram().revoke("blue_bottle").await;
    let run = house.run(&["debug", "my-shop"]).await.expect(3);
    insta::assert_snapshot!("a_revoked_token", without_dates(&run));
    let report = house.run(&["--json", "debug", "my-shop"]).await.expect(3).json();
    assert_eq!((&report["problem"]["code"], &report["problem"]["subcode"]), (&190.into(), &458.into()));
    assert_eq!(report["problem"]["kind"], "login_required");
}

#[tokio::test]
async fn a_pasted_token_is_recognised_if_it_is_stored() {
    for house in CommandHouse::each().await {
        let token = house.instagram().token("blue_bottle", Duration::days(10)).await;
        let run = house.run_with(&["debug"], &format!("'{token}'\n")).await.expect(0);
        assert!(
            run.stdout.contains("@blue_bottle, BUSINESS") && run.stdout.contains("evertoken import NAME"),
            "{run:?}"
        );
        assert!(run.stderr.contains("quotes"), "{run:?}");
        let issued = (OffsetDateTime::now_utc() - Duration::days(10)).date().to_string();
        house.run_with(&["import", "my-shop", "--issued", &issued], &token).await.expect(0);
        let report = house.run_with(&["--json", "debug"], &token).await.expect(0).json();
        assert_eq!(report["stored_as"], "my-shop");
    }
}

#[tokio::test]
async fn another_family_is_named() {
    let house = CommandHouse::with_files().await;
    let report = house.run_with(&["--json", "debug"], "EAABsbCS1iHgBAkZCZBtoken0123456789").await.expect(3).json();
    assert_eq!((&report["valid"], &report["family"]), (&false.into(), &"facebook_login".into()));
    assert!(report["next"].as_str().unwrap().contains("Facebook Login"), "{report}");
}

#[tokio::test]
async fn an_instagram_that_is_down_is_no_verdict() {
    let house = CommandHouse::with_files().await;
    house.plant("my-shop", TEN_DAYS).await;
    let down = serde_json::json!({"endpoint": "me", "answer": {"kind": "status", "status": 503}});
    house.instagram().fault(down).await;
    let report = house.run(&["--json", "debug", "my-shop"]).await.expect(1).json();
    assert_eq!(report["valid"], serde_json::Value::Null);
    let run = house.run(&["debug", "nobody"]).await.expect(1);
    assert!(run.stderr.contains("there is no account nobody"), "{run:?}");
}
