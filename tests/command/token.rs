//! `evertoken token`.

use evertoken_sandbox::Endpoint;
use evertoken_tests::faults;
use evertoken_tests::test_cli::TestCli;
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn token_prints_only_the_token() {
    for cli in TestCli::for_each_vault().await {
        cli.add_account("shop-de", Duration::days(5)).await;
        let token = cli.document("shop-de").await.unwrap()["access_token"].as_str().unwrap().to_owned();
        let run = cli.run_without_scan(&["token", "shop-de"], "").await.expect_code(0);
        assert_eq!((run.stdout, run.stderr.as_str()), (format!("{token}\n"), ""));
        let run = cli.run_without_scan(&["--json", "token", "shop-de"], "").await.expect_code(0);
        assert_eq!(run.json(), json!({"name": "shop-de", "access_token": token}));
    }
}

#[tokio::test]
async fn min_life_does_not_refresh_a_token_that_lasts_long_enough() {
    for cli in TestCli::for_each_vault().await {
        cli.add_account("shop-de", Duration::days(50)).await;
        let before = cli.document("shop-de").await.unwrap();
        let run = cli.run_without_scan(&["token", "shop-de", "--min-life", "7d"], "").await.expect_code(0);
        assert_eq!(run.stdout.trim_end(), before["access_token"].as_str().unwrap());
        assert_eq!(cli.document("shop-de").await.unwrap(), before);
    }
}

#[tokio::test]
async fn min_life_refreshes_a_token_that_expires_too_soon() {
    for cli in TestCli::for_each_vault().await {
        cli.add_account("shop-de", Duration::days(55)).await;
        let before = cli.document("shop-de").await.unwrap();
        let run = cli.run_without_scan(&["token", "shop-de", "--min-life", "7d"], "").await.expect_code(0);
        let after = cli.document("shop-de").await.unwrap();
        assert_eq!(run.stdout.trim_end(), after["access_token"].as_str().unwrap());
        assert_ne!(after["access_token"], before["access_token"]);
        assert_eq!(cli.instagram().me(run.stdout.trim_end()).await.0, 200);
    }
}

#[tokio::test]
async fn min_life_fails_if_the_token_cannot_last_long_enough() {
    for cli in TestCli::for_each_vault().await {
        // Instagram does not refresh a token that is less than 24 hours old.
        cli.add_account("young", Duration::hours(3)).await;
        let run = cli.run(&["token", "young", "--min-life", "90d"]).await.expect_code(1);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("expires in 59 days") && run.stderr.contains("hint: "), "{run:?}");

        cli.add_account("shop-de", Duration::days(55)).await;
        cli.instagram().inject_fault(faults::invalid_token(Endpoint::Refresh, 460)).await;
        let run = cli.run(&["token", "shop-de", "--min-life", "7d"]).await.expect_code(1);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("password was changed"), "{run:?}");
        assert!(run.stderr.contains("evertoken invite --name shop-de"), "{run:?}");
    }
}

#[tokio::test]
async fn min_life_fails_if_the_account_needs_a_login() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("shop-de", Duration::days(5)).await;
    let mut document = cli.document("shop-de").await.unwrap();
    document["health"] = json!({"state": "login_required", "since": "2026-11-01T05:00:00Z", "message": "It is dead."});
    document["access_token"] = json!("IGAA-that-instagram-does-not-know");
    cli.put_document("shop-de", &document.to_string()).await;
    let run = cli.run(&["token", "shop-de", "--min-life", "1h"]).await.expect_code(1);
    assert_eq!(run.stdout, "");
}

#[tokio::test]
async fn the_token_of_an_account_that_needs_a_login_is_printed_with_a_warning() {
    for cli in TestCli::for_each_vault().await {
        cli.add_account("shop-de", Duration::days(5)).await;
        let mut document = cli.document("shop-de").await.unwrap();
        let token = document["access_token"].as_str().unwrap().to_owned();
        for (state, problem) in [("login_required", "needs a new login"), ("attention", "needs its owner")] {
            document["health"] = json!({"state": state, "message": "The password was changed."});
            cli.put_document("shop-de", &document.to_string()).await;
            let run = cli.run_without_scan(&["token", "shop-de"], "").await.expect_code(3);
            assert_eq!(run.stdout, format!("{token}\n"));
            let expected = format!(
                "warning: the token of shop-de probably does not work, because the account {problem}. The password was \
                 changed.\n"
            );
            assert_eq!(run.stderr, expected);
        }
    }
}
