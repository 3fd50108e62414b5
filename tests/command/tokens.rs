//! `token`.

use evertoken_tests::command::CommandHouse;
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn the_token_is_all_that_is_printed() {
    for house in CommandHouse::each().await {
        house.plant("shop-de", Duration::days(5)).await;
        let token = house.document("shop-de").await.unwrap()["access_token"].as_str().unwrap().to_owned();
        let run = house.run_unwatched(&["token", "shop-de"], "").await.expect(0);
        assert_eq!((run.stdout, run.stderr.as_str()), (format!("{token}\n"), ""));
        let run = house.run_unwatched(&["--json", "token", "shop-de"], "").await.expect(0);
        assert_eq!(run.json(), json!({"name": "shop-de", "access_token": token}));
    }
}

#[tokio::test]
async fn a_token_that_lives_long_enough_is_printed_as_it_is() {
    for house in CommandHouse::each().await {
        house.plant("shop-de", Duration::days(50)).await;
        let before = house.document("shop-de").await.unwrap();
        let run = house.run_unwatched(&["token", "shop-de", "--min-life", "7d"], "").await.expect(0);
        assert_eq!(run.stdout.trim_end(), before["access_token"].as_str().unwrap());
        assert_eq!(house.document("shop-de").await.unwrap(), before);
    }
}

#[tokio::test]
async fn a_token_that_ends_too_soon_is_renewed_first() {
    for house in CommandHouse::each().await {
        house.plant("shop-de", Duration::days(55)).await;
        let before = house.document("shop-de").await.unwrap();
        let run = house.run_unwatched(&["token", "shop-de", "--min-life", "7d"], "").await.expect(0);
        let after = house.document("shop-de").await.unwrap();
        assert_eq!(run.stdout.trim_end(), after["access_token"].as_str().unwrap());
        assert_ne!(after["access_token"], before["access_token"]);
        assert_eq!(house.instagram().me(run.stdout.trim_end()).await.0, 200);
    }
}

#[tokio::test]
async fn a_token_that_cannot_live_long_enough_is_not_printed() {
    for house in CommandHouse::each().await {
        // Instagram renews nothing that is younger than a day.
        house.plant("young", Duration::hours(3)).await;
        let run = house.run(&["token", "young", "--min-life", "90d"]).await.expect(1);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("expires in 59 days") && run.stderr.contains("hint: "), "{run:?}");

        house.plant("shop-de", Duration::days(55)).await;
        let refusal = json!({"error": {"message": "no", "type": "OAuthException", "code": 190, "error_subcode": 460}});
        let answer = json!({"kind": "status", "status": 400, "body": refusal});
        house.instagram().fault(json!({"endpoint": "refresh", "times": "always", "answer": answer})).await;
        let run = house.run(&["token", "shop-de", "--min-life", "7d"]).await.expect(1);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("password was changed"), "{run:?}");
        assert!(run.stderr.contains("evertoken invite --name shop-de"), "{run:?}");
    }
}

#[tokio::test]
async fn a_dead_token_is_not_sold_as_a_living_one() {
    let house = CommandHouse::with_files().await;
    house.plant("shop-de", Duration::days(5)).await;
    let mut document = house.document("shop-de").await.unwrap();
    document["health"] = json!({"state": "login_required", "since": "2026-11-01T05:00:00Z", "message": "It is dead."});
    document["access_token"] = json!("IGAA-that-instagram-does-not-know");
    house.put("shop-de", &document.to_string()).await;
    let run = house.run(&["token", "shop-de", "--min-life", "1h"]).await.expect(1);
    assert_eq!(run.stdout, "");
}
