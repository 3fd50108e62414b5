//! `evertoken import`.

use evertoken_sandbox::{Endpoint, InjectedFault, Settings};
use evertoken_tests::test_cli::TestCli;
use evertoken_tests::{faults, schema};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

const APP: [(&str, &str); 2] =
    [("EVERTOKEN_APP_ID", "1234567890123456"), ("EVERTOKEN_APP_SECRET", "0123456789abcdef0123456789abcdef")];

fn rfc3339(at: OffsetDateTime) -> String {
    at.replace_nanosecond(0).unwrap().format(&time::format_description::well_known::Rfc3339).unwrap()
}

fn days_left(document: &Value) -> i64 {
    let end = document["expires_at"].as_str().unwrap();
    let end = OffsetDateTime::parse(end, &time::format_description::well_known::Rfc3339).unwrap();
    (end - OffsetDateTime::now_utc()).whole_days()
}

#[tokio::test]
async fn import_refreshes_the_token_to_learn_its_lifetime() {
    for cli in TestCli::for_each_vault().await {
        let token = cli.instagram().token("blue_bottle", Duration::days(30)).await;
        let run = cli.run_with_stdin(&["import", "my-shop"], &token).await.expect_code(0);
        assert!(run.stdout.starts_with("my-shop imported: @blue_bottle, expires on "), "{run:?}");
        let document = cli.document("my-shop").await.unwrap();
        schema::assert_valid(&document.to_string());
        assert_eq!(document["account_id"], "17841405793187218");
        assert_eq!(days_left(&document), 59, "the token was not refreshed just now");
        assert_eq!(cli.instagram().me(document["access_token"].as_str().unwrap()).await.0, 200);
        let listed = cli.run(&["list"]).await.expect_code(0);
        assert!(listed.stdout.contains("@blue_bottle  healthy"), "{listed:?}");
    }
}

#[tokio::test]
async fn import_strips_characters_added_by_pasting() {
    let cli = TestCli::with_file_vault().await;
    let token = cli.instagram().token("blue_bottle", Duration::days(30)).await;
    let (first, second) = token.split_at(40);
    let run = cli.run_with_stdin(&["import", "my-shop"], &format!("  \"{first}\r\n {second}\"\n")).await.expect_code(0);
    assert!(run.stderr.contains("Removed from the token: "), "{run:?}");
    for what in ["spaces", "quotes", "line breaks"] {
        assert!(run.stderr.contains(what), "{run:?}");
    }
}

#[tokio::test]
async fn import_with_an_expiry_date_does_not_refresh() {
    let cli = TestCli::with_file_vault().await;
    let token = cli.instagram().token("blue_bottle", Duration::days(30)).await;
    let now = OffsetDateTime::now_utc();
    let expires = (now + Duration::days(30)).date().to_string();
    cli.run_with_stdin(&["import", "my-shop", "--expires", &expires], &token).await.expect_code(0);
    let document = cli.document("my-shop").await.unwrap();
    assert_eq!(document["access_token"], token);
    assert_eq!(document["expires_at"], format!("{expires}T00:00:00Z"));
    // A token lives for 60 days.
    let issued = (now - Duration::days(30)).date();
    assert_eq!(document["issued_at"], format!("{issued}T00:00:00Z"));
    assert_eq!(cli.instagram().request_count("refresh").await, 0);
    for bad in ["soon", "2036-01-01"] {
        cli.run_with_stdin(&["import", "other", "--expires", bad], &token).await.expect_code(2);
    }
}

#[tokio::test]
async fn a_token_made_a_minute_ago_is_kept_and_renewed_after_its_first_day() {
    // With the app secret, which tells that the token is long-lived, and without it.
    for cli in TestCli::for_each_vault().await {
        let token = cli.instagram().token("blue_bottle", Duration::minutes(1)).await;
        let run = cli.run_with_stdin(&["import", "my-shop"], &token).await.expect_code(0);
        assert!(run.stdout.contains("less than a day old"), "{run:?}");
        let document = cli.document("my-shop").await.unwrap();
        schema::assert_valid(&document.to_string());
        assert_eq!(
            (&document["access_token"], &document["expires_at_assumed"]),
            (&token.as_str().into(), &true.into())
        );
        assert_eq!(days_left(&document), 58, "not the minimum lifetime of such a token");
        let run = cli.run(&["--json", "refresh", "my-shop", "--force"]).await.expect_code(0);
        assert_eq!(run.json()["too_young"], 1, "{run:?}");

        // A day later, the normal schedule renews it.
        let token = cli.instagram().token("blue_bottle", Duration::hours(25)).await;
        let mut document = document;
        document["access_token"] = token.as_str().into();
        for key in ["issued_at", "connected_at"] {
            document[key] = rfc3339(OffsetDateTime::now_utc() - Duration::hours(25)).into();
        }
        cli.put_document("my-shop", &document.to_string()).await;
        let run = cli.run(&["--json", "refresh", "--all"]).await.expect_code(0);
        assert_eq!(run.json()["refreshed"], 1, "{run:?}");
        let renewed = cli.document("my-shop").await.unwrap();
        assert_eq!((days_left(&renewed), renewed.get("expires_at_assumed")), (59, None));
    }
}

#[tokio::test]
async fn an_issue_date_of_today_is_trusted_for_a_long_lived_token_only() {
    let cli = TestCli::with_file_vault().await;
    let token = cli.instagram().token("blue_bottle", Duration::ZERO).await;
    cli.run_with_stdin(&["import", "my-shop", "--issued", "now"], &token).await.expect_code(0);
    let document = cli.document("my-shop").await.unwrap();
    assert_eq!((days_left(&document), document.get("expires_at_assumed")), (59, None));
    let short = cli.instagram().short_lived_token("corner_bakery").await;
    let run = cli.run_with_stdin(&["import", "bakery", "--issued", "now"], &short).await.expect_code(1);
    assert!(run.stderr.contains("the token of @corner_bakery is short-lived: it works for an hour"), "{run:?}");
    let setup = format!("`evertoken setup --local {}`", cli.dir().display());
    assert!(run.stderr.contains(&setup) && run.stderr.contains("Generate token"), "{run:?}");
    assert_eq!(cli.document("bakery").await, None);
    let csv = format!("name,access_token,issued_at\nbakery,{short},now\n");
    let run = cli.run_with_stdin(&["import", "--file", "-"], &csv).await.expect_code(3);
    assert!(run.stdout.contains("2: bakery refused: the token of @corner_bakery is short-lived"), "{run:?}");
}

/// Without an end, the token would never be renewed.
#[tokio::test]
async fn a_token_issued_in_the_future_counts_as_issued_now() {
    let cli = TestCli::with_file_vault().await;
    let token = cli.instagram().token("blue_bottle", Duration::minutes(1)).await;
    let [issued, expires] = [20, 10].map(|days| rfc3339(OffsetDateTime::now_utc() + Duration::days(days)));
    for (dates, days) in [(&["--issued", &issued, "--expires", &expires][..], 9), (&["--issued", &issued], 59)] {
        let arguments = [&["import", "my-shop"], dates].concat();
        cli.run_with_stdin(&arguments, &token).await.expect_code(0);
        let document = cli.document("my-shop").await.unwrap();
        assert_eq!(days_left(&document), days, "{document}");
        let now = rfc3339(OffsetDateTime::now_utc());
        for key in ["issued_at", "connected_at"] {
            assert!(document[key].as_str().unwrap() <= now.as_str(), "{key}: {document}");
        }
    }
}

#[tokio::test]
async fn import_stores_only_the_account_that_is_asked_for() {
    let cli = TestCli::with_file_vault().await;
    let token = cli.instagram().token("blue_bottle", Duration::days(30)).await;
    let with_account = |account| ["import", "my-shop", "--account", account];
    let run = cli.run_with_stdin(&with_account("17841405793187219"), &token).await.expect_code(1);
    assert!(run.stderr.contains("this is the token of @blue_bottle (17841405793187218)"), "{run:?}");
    assert_eq!((cli.document("my-shop").await, cli.instagram().request_count("refresh").await), (None, 0));
    cli.run_with_stdin(&with_account("17841405793187218"), &token).await.expect_code(0);
}

#[tokio::test]
async fn import_says_if_nothing_renews_the_tokens() {
    let cli = TestCli::with_file_vault().await;
    let token = cli.instagram().token("blue_bottle", Duration::days(30)).await;
    let run = cli.run_with_stdin(&["import", "my-shop"], &token).await.expect_code(0);
    let dir = cli.dir().display();
    for words in [
        "warning: nothing has renewed the tokens in this folder yet.",
        &format!("evertoken serve --local {dir}"),
        "infra/evertoken.service",
        &format!("refresh --all --local {dir}"),
    ] {
        assert!(run.stderr.contains(words), "{words}: {run:?}");
    }
    assert!(!run.stderr.contains("Evertoken refreshes it from now on"), "{run:?}");
    // A run over all accounts is recorded. One over a single account is not, and neither is a dry run.
    for refresh in [&["refresh", "my-shop"][..], &["refresh", "--all", "--dry-run"]] {
        cli.run(refresh).await.expect_code(0);
        let run = cli.run_with_stdin(&["import", "my-shop"], &token).await.expect_code(0);
        assert!(run.stderr.contains("warning: ") && !cli.dir().join("last-run.json").exists(), "{run:?}");
    }
    cli.run(&["refresh", "--all"]).await.expect_code(0);
    let run = cli.run_with_stdin(&["import", "my-shop"], &token).await.expect_code(0);
    assert!(run.stderr.contains("Evertoken refreshes it from now on") && !run.stderr.contains("warning"), "{run:?}");

    let cli = TestCli::with_secrets_manager().await;
    let token = cli.instagram().token("blue_bottle", Duration::days(30)).await;
    let run = cli.run_with_stdin(&["import", "my-shop"], &token).await.expect_code(0);
    assert!(run.stderr.contains("warning: there is no stack end-to-end"), "{run:?}");
}

#[tokio::test]
async fn import_exchanges_a_short_lived_token_with_the_app_secret() {
    for cli in [TestCli::with_file_vault().await.with_variables(&APP), TestCli::with_secrets_manager().await] {
        let token = cli.instagram().short_lived_token("blue_bottle").await;
        let run = cli.run_with_stdin(&["import", "my-shop"], &token).await.expect_code(0);
        assert!(run.stdout.contains("was extended"), "{run:?}");
        let another = cli.instagram().short_lived_token("corner_bakery").await;
        let run = cli.run_with_stdin(&["import", "bakery", "--issued", "now"], &another).await.expect_code(0);
        assert!(run.stdout.contains("was extended"), "{run:?}");
        let document = cli.document("my-shop").await.unwrap();
        assert_ne!(document["access_token"], token);
        assert_eq!(days_left(&document), 59);
    }
    let cli = TestCli::with_file_vault().await;
    let token = cli.instagram().short_lived_token("blue_bottle").await;
    let run = cli.run_with_stdin(&["import", "my-shop"], &token).await.expect_code(1);
    assert!(run.stderr.contains("short-lived") && run.stderr.contains("store the app secret"), "{run:?}");
}

#[tokio::test]
async fn import_rejects_tokens_of_other_meta_products() {
    let cli = TestCli::with_file_vault().await;
    let facebook = "EAABsbCS1iHgBAkZCZBfacebookZCtokenZB0123456789";
    cli.scanner().register_secret("the Facebook token", facebook);
    let run = cli.run_with_stdin(&["import", "my-shop"], facebook).await.expect_code(1);
    assert!(run.stderr.contains("Facebook Login"), "{run:?}");
    let run = cli.run_with_stdin(&["import", "my-shop"], "IGQVJtokenOfBasicDisplay0123456789").await.expect_code(1);
    assert!(run.stderr.contains("Basic Display"), "{run:?}");
    assert_eq!(cli.document("my-shop").await, None);
}

#[tokio::test]
async fn import_rejects_an_expired_token() {
    let cli = TestCli::with_file_vault().await;
    let token = cli.instagram().token("blue_bottle", Duration::days(61)).await;
    let run = cli.run_with_stdin(&["import", "my-shop"], &token).await.expect_code(1);
    assert!(run.stderr.contains("The token has expired"), "{run:?}");
    assert!(run.stderr.contains("hint: Ask the account's owner to connect again."), "{run:?}");
    cli.run_with_stdin(&["import", "my-shop"], "").await.expect_code(1);
}

#[tokio::test]
async fn import_replaces_another_account_only_with_the_replace_flag() {
    for cli in TestCli::for_each_vault().await {
        cli.add_account("my-shop", Duration::days(10)).await;
        let token = cli.instagram().token("corner_bakery", Duration::days(10)).await;
        let run = cli.run_with_stdin(&["import", "my-shop"], &token).await.expect_code(1);
        assert!(
            run.stderr.contains("my-shop is @blue_bottle, and this token belongs to @corner_bakery")
                && run.stderr.contains("--replace"),
            "{run:?}"
        );
        assert_eq!(cli.document("my-shop").await.unwrap()["username"], "blue_bottle");
        assert_eq!(cli.instagram().request_count("refresh").await, 0, "the rejected token was refreshed");
        let run = cli.run_with_stdin(&["import", "my-shop", "--replace"], &token).await.expect_code(0);
        assert!(run.stdout.starts_with("my-shop replaced: @corner_bakery"), "{run:?}");
        assert_eq!(cli.document("my-shop").await.unwrap()["username"], "corner_bakery");
    }
}

#[tokio::test]
async fn import_keeps_unknown_fields_and_scopes_of_the_same_account() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("my-shop", Duration::days(10)).await;
    let mut document = cli.document("my-shop").await.unwrap();
    document["note"] = "Anna's".into();
    document["scopes"] = serde_json::json!(["instagram_business_basic", "instagram_business_content_publish"]);
    cli.put_document("my-shop", &document.to_string()).await;
    let token = cli.instagram().token("blue_bottle", Duration::days(2)).await;
    cli.run_with_stdin(&["import", "my-shop"], &token).await.expect_code(0);
    let after = cli.document("my-shop").await.unwrap();
    assert_eq!((&after["note"], &after["scopes"]), (&document["note"], &document["scopes"]));
    // Another account has granted other scopes.
    let token = cli.instagram().token("corner_bakery", Duration::days(2)).await;
    cli.run_with_stdin(&["import", "my-shop", "--replace"], &token).await.expect_code(0);
    let replaced = cli.document("my-shop").await.unwrap();
    assert_eq!(replaced["username"], "corner_bakery");
    assert_eq!(replaced["scopes"], serde_json::json!(["instagram_business_basic"]));
}

#[tokio::test]
async fn a_token_that_ends_within_a_day_is_refreshed_and_one_that_has_ended_is_refused() {
    let cli = TestCli::with_file_vault().await;
    let token = cli.instagram().token("blue_bottle", Duration::days(30)).await;
    let ended = rfc3339(OffsetDateTime::now_utc() - Duration::hours(1));
    let run = cli.run_with_stdin(&["import", "my-shop", "--expires", &ended], &token).await.expect_code(1);
    assert!(run.stderr.contains("the token has expired, according to the given date"), "{run:?}");
    assert_eq!((cli.document("my-shop").await, cli.instagram().request_count("refresh").await), (None, 0));

    let soon = rfc3339(OffsetDateTime::now_utc() + Duration::hours(20));
    cli.run_with_stdin(&["import", "my-shop", "--expires", &soon], &token).await.expect_code(0);
    assert_eq!(cli.instagram().request_count("refresh").await, 1);
    assert_eq!(days_left(&cli.document("my-shop").await.unwrap()), 59);
}

#[tokio::test]
async fn import_can_be_retried_after_an_instagram_outage() {
    let cli = TestCli::with_file_vault().await;
    let token = cli.instagram().token("blue_bottle", Duration::days(30)).await;
    cli.instagram().inject_fault(faults::service_unavailable(Endpoint::Me)).await;
    cli.run_with_stdin(&["import", "my-shop"], &token).await.expect_code(1);
    cli.run_with_stdin(&["import", "my-shop"], &token).await.expect_code(0);
}

#[tokio::test]
async fn import_reports_each_line_of_a_csv_file() {
    for cli in TestCli::for_each_vault().await {
        let instagram = cli.instagram();
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
        let run = cli.run(&["import", "--file", file.to_str().unwrap()]).await.expect_code(3);
        let report: Vec<&str> = run.stdout.lines().collect();
        assert!(report[0].starts_with("2: shop-de imported: @blue_bottle, expires on "), "{run:?}");
        assert!(report[0].ends_with("Removed from the token: spaces."), "{run:?}");
        insta::assert_snapshot!("a_file_with_bad_lines", report[1..].join("\n"));
        assert!(run.stderr.contains("Imported 1 of 5 accounts, refused 4."), "{run:?}");
        assert!(run.stderr.contains("still contains tokens: delete it"), "{run:?}");
    }
}

#[tokio::test]
async fn a_file_without_accounts_or_in_another_encoding_is_an_error() {
    let cli = TestCli::with_file_vault().await;
    let folder = tempfile::TempDir::new().unwrap();
    let export = folder.path().join("export.json");
    cli.run(&["export", export.to_str().unwrap()]).await.expect_code(0);
    let run = cli.run(&["import", "--file", export.to_str().unwrap()]).await.expect_code(1);
    assert!(run.stderr.contains("export.json: the file contains no account"), "{run:?}");
    assert!(!run.stderr.contains("0 of 0"), "{run:?}");
    let run = cli.run_with_stdin(&["import", "--file", "-"], "").await.expect_code(1);
    assert!(run.stderr.contains("contains no account"), "{run:?}");
    // As "Unicode text" of a spreadsheet.
    let utf16: Vec<u8> = "\u{feff}name,token\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(&export, utf16).unwrap();
    let run = cli.run(&["import", "--file", export.to_str().unwrap()]).await.expect_code(1);
    assert!(run.stderr.contains("not UTF-8") && run.stderr.contains("save the file as CSV in UTF-8"), "{run:?}");
}

#[tokio::test]
async fn import_reads_a_json_list_from_standard_input() {
    let cli = TestCli::with_file_vault().await;
    let token = cli.instagram().token("blue_bottle", Duration::days(30)).await;
    let list = serde_json::json!([{"name": "my-shop", "access_token": token, "issued_at": "now"}]);
    let run = cli.run_with_stdin(&["--json", "import", "--file", "-"], &list.to_string()).await.expect_code(0);
    let report = run.json();
    assert_eq!((&report["imported"], &report["refused"]), (&1.into(), &0.into()));
    assert_eq!(report["accounts"][0]["username"], "blue_bottle");
    let run = cli.run_with_stdin(&["import", "--file", "-"], "{\"shops\": []}").await.expect_code(1);
    assert!(run.stderr.contains("\"accounts\""), "{run:?}");
    let run = cli.run_with_stdin(&["import", "--file", "-"], "a,b\n1,2\n").await.expect_code(1);
    assert!(run.stderr.contains("name,access_token,expires_at"), "{run:?}");
}

#[tokio::test]
async fn import_rejects_a_date_that_is_off_by_years_in_every_form() {
    let cli = TestCli::with_file_vault().await;
    let token = cli.instagram().token("blue_bottle", Duration::days(30)).await;
    let day = |days: i64| (OffsetDateTime::now_utc() + Duration::days(days)).date().to_string();
    for (option, wrong) in [("--issued", day(-700)), ("--issued", day(700)), ("--expires", day(700))] {
        let run = cli.run_with_stdin(&["import", "my-shop", option, &wrong], &token).await.expect_code(2);
        assert!(run.stderr.contains("a token lives for 60 days"), "{run:?}");
    }
    for (field, wrong) in [("issued_at", day(-700)), ("expires_at", day(700))] {
        let csv = format!("name,access_token,{field}\nmy-shop,{token},{wrong}\n");
        let run = cli.run_with_stdin(&["import", "--file", "-"], &csv).await.expect_code(3);
        assert!(run.stdout.contains(field) && run.stdout.contains(&wrong), "{run:?}");
        let json = serde_json::json!([{"name": "my-shop", "access_token": token, field: wrong}]).to_string();
        cli.run_with_stdin(&["import", "--file", "-"], &json).await.expect_code(3);
    }
    assert_eq!(cli.document("my-shop").await, None);
}

#[tokio::test]
async fn import_never_stores_a_renewed_token_that_does_not_work() {
    for cli in TestCli::for_each_vault().await {
        let token = cli.instagram().token("blue_bottle", Duration::days(30)).await;
        cli.instagram().change_shapes(&serde_json::json!({"refreshed_token": "dud"})).await;
        cli.run_with_stdin(&["import", "my-shop"], &token).await.expect_code(1);
        assert_eq!(cli.instagram().request_count("refresh").await, 1);
        assert_eq!(cli.document("my-shop").await, None);
    }
}

#[tokio::test]
async fn import_never_stores_a_renewed_token_of_another_account() {
    for cli in TestCli::for_each_vault().await {
        let token = cli.instagram().token("blue_bottle", Duration::days(30)).await;
        // The first request for a profile, which tells whose token it is, is answered as usual.
        cli.instagram().inject_fault(InjectedFault::latency(Endpoint::Me, 0)).await;
        cli.instagram().inject_fault(faults::profile_of_another_account()).await;
        cli.run_with_stdin(&["import", "my-shop"], &token).await.expect_code(1);
        assert_eq!(cli.instagram().request_count("refresh").await, 1);
        assert_eq!(cli.document("my-shop").await, None);
    }
}

#[tokio::test]
async fn import_never_stores_an_extended_token_of_another_account() {
    for cli in [TestCli::with_file_vault().await.with_variables(&APP), TestCli::with_secrets_manager().await] {
        let token = cli.instagram().short_lived_token("blue_bottle").await;
        // The first request for a profile, which tells whose token it is, is answered as usual.
        cli.instagram().inject_fault(InjectedFault::latency(Endpoint::Me, 0)).await;
        cli.instagram().inject_fault(faults::profile_of_another_account()).await;
        cli.run_with_stdin(&["import", "my-shop"], &token).await.expect_code(1);
        assert_eq!(cli.instagram().request_count("exchange").await, 1);
        assert_eq!(cli.document("my-shop").await, None);
    }
}

#[tokio::test]
async fn import_refuses_a_personal_account() {
    let cli = TestCli::with_file_vault_and_sandbox(Settings::default().with_failing_accounts()).await;
    let token = cli.instagram().token("personal_diary", Duration::days(30)).await;
    let run = cli.run_with_stdin(&["import", "diary"], &token).await.expect_code(1);
    assert!(run.stderr.contains("@personal_diary is a personal account"), "{run:?}");
    assert!(run.stderr.contains("switch to a professional account"), "{run:?}");
    assert_eq!(cli.instagram().request_count("refresh").await, 0);
    assert_eq!(cli.document("diary").await, None);
}
