//! `evertoken import`.

use evertoken_tests::command::CommandHouse;
use evertoken_tests::schema;
use serde_json::Value;
use time::{Duration, OffsetDateTime};

const APP: [(&str, &str); 2] =
    [("EVERTOKEN_APP_ID", "1234567890123456"), ("EVERTOKEN_APP_SECRET", "0123456789abcdef0123456789abcdef")];

fn days_left(document: &Value) -> i64 {
    let end = document["expires_at"].as_str().unwrap();
    let end = OffsetDateTime::parse(end, &time::format_description::well_known::Rfc3339).unwrap();
    (end - OffsetDateTime::now_utc()).whole_days()
}

#[tokio::test]
async fn a_token_is_adopted_into_either_vault_and_its_life_is_what_a_renewal_says() {
    for house in CommandHouse::each().await {
        let token = house.instagram().token("blue_bottle", Duration::days(30)).await;
        let run = house.run_with(&["import", "my-shop"], &token).await.expect(0);
        assert!(run.stdout.starts_with("my-shop imported: @blue_bottle, expires on "), "{run:?}");
        let document = house.document("my-shop").await.unwrap();
        schema::assert_valid(&document.to_string());
        assert_eq!(document["account_id"], "17841405793187218");
        assert_eq!(days_left(&document), 59, "a whole life, begun a moment ago");
        assert_eq!(house.instagram().me(document["access_token"].as_str().unwrap()).await.0, 200);
        let listed = house.run(&["list"]).await.expect(0);
        assert!(listed.stdout.contains("@blue_bottle  healthy"), "{listed:?}");
    }
}

#[tokio::test]
async fn what_pasting_adds_is_dropped_and_said() {
    let house = CommandHouse::with_files().await;
    let token = house.instagram().token("blue_bottle", Duration::days(30)).await;
    let (first, second) = token.split_at(40);
    let run = house.run_with(&["import", "my-shop"], &format!("  \"{first}\r\n {second}\"\n")).await.expect(0);
    assert!(run.stderr.contains("Removed from the token: "), "{run:?}");
    for what in ["spaces", "quotes", "line breaks"] {
        assert!(run.stderr.contains(what), "{run:?}");
    }
}

#[tokio::test]
async fn a_date_that_is_said_spares_the_renewal() {
    let house = CommandHouse::with_files().await;
    let token = house.instagram().token("blue_bottle", Duration::days(30)).await;
    let expires = (OffsetDateTime::now_utc() + Duration::days(30)).date().to_string();
    house.run_with(&["import", "my-shop", "--expires", &expires], &token).await.expect(0);
    let document = house.document("my-shop").await.unwrap();
    assert_eq!(document["access_token"], token);
    assert_eq!(document["expires_at"], format!("{expires}T00:00:00Z"));
    assert_eq!(house.instagram().requests("refresh").await, 0);
    for bad in ["soon", "2036-01-01"] {
        house.run_with(&["import", "other", "--expires", bad], &token).await.expect(2);
    }
}

#[tokio::test]
async fn a_token_of_today_is_bounded_with_the_app_secret_and_asked_about_without() {
    let house = CommandHouse::with_secrets_manager().await;
    let token = house.instagram().token("blue_bottle", Duration::ZERO).await;
    let run = house.run_with(&["import", "my-shop"], &token).await.expect(0);
    assert!(run.stdout.contains("less than a day old"), "{run:?}");
    assert_eq!(days_left(&house.document("my-shop").await.unwrap()), 58, "the least that it can be");

    let house = CommandHouse::with_files().await;
    let token = house.instagram().token("blue_bottle", Duration::ZERO).await;
    let run = house.run_with(&["import", "my-shop"], &token).await.expect(1);
    assert!(run.stderr.contains("--issued now"), "{run:?}");
    assert_eq!(house.document("my-shop").await, None);
    house.run_with(&["import", "my-shop", "--issued", "now"], &token).await.expect(0);
    assert_eq!(days_left(&house.document("my-shop").await.unwrap()), 59);
}

#[tokio::test]
async fn a_short_lived_token_is_extended_with_the_app_secret() {
    for house in [CommandHouse::with_files().await.with_variables(&APP), CommandHouse::with_secrets_manager().await] {
        let token = house.instagram().short_lived_token("blue_bottle").await;
        let run = house.run_with(&["import", "my-shop"], &token).await.expect(0);
        assert!(run.stdout.contains("was extended"), "{run:?}");
        let another = house.instagram().short_lived_token("corner_bakery").await;
        let run = house.run_with(&["import", "bakery", "--issued", "now"], &another).await.expect(0);
        assert!(run.stdout.contains("was extended"), "{run:?}");
        let document = house.document("my-shop").await.unwrap();
        assert_ne!(document["access_token"], token);
        assert_eq!(days_left(&document), 59);
    }
    let house = CommandHouse::with_files().await;
    let token = house.instagram().short_lived_token("blue_bottle").await;
    let run = house.run_with(&["import", "my-shop"], &token).await.expect(1);
    assert!(run.stderr.contains("requires the app secret"), "{run:?}");
}

#[tokio::test]
async fn a_token_of_another_family_is_refused_with_the_reason() {
    let house = CommandHouse::with_files().await;
    let facebook = "EAABsbCS1iHgBAkZCZBfacebookZCtokenZB0123456789";
    house.leaks().keep_secret("the Facebook token", facebook);
    let run = house.run_with(&["import", "my-shop"], facebook).await.expect(1);
    assert!(run.stderr.contains("Facebook Login"), "{run:?}");
    let run = house.run_with(&["import", "my-shop"], "IGQVJtokenOfBasicDisplay0123456789").await.expect(1);
    assert!(run.stderr.contains("Basic Display"), "{run:?}");
    assert_eq!(house.document("my-shop").await, None);
}

#[tokio::test]
async fn a_dead_token_is_refused_in_the_words_of_the_table() {
    let house = CommandHouse::with_files().await;
    let token = house.instagram().token("blue_bottle", Duration::days(61)).await;
    let run = house.run_with(&["import", "my-shop"], &token).await.expect(1);
    assert!(run.stderr.contains("The token has expired. Ask the account's owner to connect again."), "{run:?}");
    house.run_with(&["import", "my-shop"], "").await.expect(1);
}

#[tokio::test]
async fn another_accounts_name_is_taken_only_if_told_so() {
    for house in CommandHouse::each().await {
        house.plant("my-shop", Duration::days(10)).await;
        let token = house.instagram().token("corner_bakery", Duration::days(10)).await;
        let run = house.run_with(&["import", "my-shop"], &token).await.expect(1);
        assert!(run.stderr.contains("my-shop is @blue_bottle already") && run.stderr.contains("--replace"), "{run:?}");
        assert_eq!(house.document("my-shop").await.unwrap()["username"], "blue_bottle");
        assert_eq!(house.instagram().requests("refresh").await, 0, "nothing was renewed in vain");
        let run = house.run_with(&["import", "my-shop", "--replace"], &token).await.expect(0);
        assert!(run.stdout.starts_with("my-shop replaced: @corner_bakery"), "{run:?}");
        assert_eq!(house.document("my-shop").await.unwrap()["username"], "corner_bakery");
    }
}

#[tokio::test]
async fn the_same_account_keeps_what_others_have_noted() {
    let house = CommandHouse::with_files().await;
    house.plant("my-shop", Duration::days(10)).await;
    let mut document = house.document("my-shop").await.unwrap();
    document["note"] = "Anna's".into();
    document["scopes"] = serde_json::json!(["instagram_business_basic", "instagram_business_content_publish"]);
    house.put("my-shop", &document.to_string()).await;
    let token = house.instagram().token("blue_bottle", Duration::days(2)).await;
    house.run_with(&["import", "my-shop"], &token).await.expect(0);
    let after = house.document("my-shop").await.unwrap();
    assert_eq!((&after["note"], &after["scopes"]), (&document["note"], &document["scopes"]));
}

#[tokio::test]
async fn an_instagram_that_is_down_costs_nothing_but_another_try() {
    let house = CommandHouse::with_files().await;
    let token = house.instagram().token("blue_bottle", Duration::days(30)).await;
    house.instagram().fault(serde_json::json!({"endpoint": "me", "answer": {"kind": "status", "status": 503}})).await;
    house.run_with(&["import", "my-shop"], &token).await.expect(1);
    house.run_with(&["import", "my-shop"], &token).await.expect(0);
}

#[tokio::test]
async fn a_file_of_tokens_is_adopted_line_by_line_with_a_report() {
    for house in CommandHouse::each().await {
        let instagram = house.instagram();
        let good = instagram.token("blue_bottle", Duration::days(30)).await;
        let other = instagram.token("corner_bakery", Duration::days(30)).await;
        let dead = instagram.token("maya.makes", Duration::days(61)).await;
        let text = format!(
            "name,access_token,expires_at\nshop-de,\" {good} \",\nshop-at,{other},2036-13-01\nshop-ch,{dead},\n\
             Shop,{other},\nshop-de,{other},\n"
        );
        let dir = tempfile::TempDir::new().unwrap();
        let file = dir.path().join("accounts.csv");
        std::fs::write(&file, text).unwrap();
        let run = house.run(&["import", "--file", file.to_str().unwrap()]).await.expect(3);
        let report: Vec<&str> = run.stdout.lines().collect();
        assert!(report[0].starts_with("2: shop-de imported: @blue_bottle, expires on "), "{run:?}");
        assert!(report[0].ends_with("Removed from the token: spaces."), "{run:?}");
        insta::assert_snapshot!("a_file_with_bad_lines", report[1..].join("\n"));
        assert!(run.stderr.contains("Imported 1 of 5 accounts, refused 4."), "{run:?}");
        assert!(run.stderr.contains("still contains tokens: delete it"), "{run:?}");
    }
}

#[tokio::test]
async fn a_list_in_json_comes_through_standard_input() {
    let house = CommandHouse::with_files().await;
    let token = house.instagram().token("blue_bottle", Duration::days(30)).await;
    let list = serde_json::json!([{"name": "my-shop", "access_token": token, "issued_at": "now"}]);
    let run = house.run_with(&["--json", "import", "--file", "-"], &list.to_string()).await.expect(0);
    let report = run.json();
    assert_eq!((&report["imported"], &report["refused"]), (&1.into(), &0.into()));
    assert_eq!(report["accounts"][0]["username"], "blue_bottle");
    let run = house.run_with(&["import", "--file", "-"], "{\"shops\": []}").await.expect(1);
    assert!(run.stderr.contains("\"accounts\""), "{run:?}");
    let run = house.run_with(&["import", "--file", "-"], "a,b\n1,2\n").await.expect(1);
    assert!(run.stderr.contains("name,access_token,expires_at"), "{run:?}");
}
