//! A name that is an account's id belongs to that account.

use evertoken_core::invite::Invite;
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::test_app::TestApp;
use evertoken_tests::test_cli::TestCli;
use time::Duration;

const BLUE_BOTTLE: &str = "17841405793187218";

#[tokio::test]
async fn a_login_cannot_take_another_accounts_id_as_its_name() {
    let app = TestApp::start().await;
    for replace in [false, true] {
        let invite = Invite { replace, ..app.invite(BLUE_BOTTLE) };
        let refused = BrowserClient::new().log_in(&app, &app.link(&invite), "corner_bakery").await;
        assert_eq!((refused.status.as_u16(), refused.heading()), (403, "This link is for a different account"));
        assert!(app.document(BLUE_BOTTLE).await.is_none());
    }
    // The id's own account can use it, and other numbers are ordinary names.
    let own = BrowserClient::new().log_in(&app, &app.link(&app.invite(BLUE_BOTTLE)), "blue_bottle").await;
    assert_eq!(own.status, 303);
    let number = BrowserClient::new().log_in(&app, &app.link(&app.invite("2026")), "corner_bakery").await;
    assert_eq!(number.status, 303);
}

#[tokio::test]
async fn a_squatted_name_does_not_keep_the_ids_owner_out() {
    let app = TestApp::start().await;
    BrowserClient::new().log_in(&app, &app.link(&app.invite(BLUE_BOTTLE)), "corner_bakery").await;
    let nameless = Invite::new(app.now() + Duration::days(1));
    assert_eq!(BrowserClient::new().log_in(&app, &app.link(&nameless), "blue_bottle").await.status, 303);
    assert_eq!(app.document(BLUE_BOTTLE).await.unwrap().username, "blue_bottle");
}

#[tokio::test]
async fn the_command_refuses_another_accounts_id_as_a_name() {
    let cli = TestCli::with_file_vault().await;
    let url = "https://login.example.test";
    let other = ["invite", "--public-url", url, "--name", BLUE_BOTTLE, "--expect", "17841405793187219"];
    let run = cli.run(&other).await.expect_code(2);
    assert!(run.stderr.contains("account ID"), "{run:?}");
    let own = ["invite", "--public-url", url, "--name", BLUE_BOTTLE, "--expect", BLUE_BOTTLE];
    cli.run(&own).await.expect_code(0);

    let token = cli.instagram().token("corner_bakery", Duration::days(2)).await;
    cli.scanner().register_secret("a token", &token);
    for replace in [&[][..], &["--replace"]] {
        let run = cli.run_with_stdin(&[&["import", BLUE_BOTTLE][..], replace].concat(), &token).await.expect_code(1);
        assert!(run.stderr.contains("account ID"), "{run:?}");
    }
    assert!(cli.document(BLUE_BOTTLE).await.is_none());
}
