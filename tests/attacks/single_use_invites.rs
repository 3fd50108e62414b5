//! A single-use invite that was used, and invites that the command must not create.

use evertoken_core::entropy::SystemEntropy;
use evertoken_core::invite::{Invite, InviteId};
use evertoken_core::login::TimeLimits;
use evertoken_core::vault::InviteClaims;
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::test_app::TestApp;
use evertoken_tests::test_cli::TestCli;

const URL: &str = "https://login.example.test";

#[tokio::test]
async fn a_used_invite_is_refused_before_consent() {
    let app = TestApp::with_vault(&[], TimeLimits::default(), |vault| vault).await;
    let once = Some(InviteId::generate(&SystemEntropy).unwrap());
    let invite = Invite { once: once.clone(), note: Some("Hello".to_owned()), ..app.invite("shop-de") };
    let link = app.link(&invite);
    assert_eq!(BrowserClient::new().open(&app, &link).await.status, 200, "the note");
    app.vault.claim(once.as_ref().unwrap()).await.unwrap();
    for noted in ["", "&noted=1"] {
        let link = format!("{link}{noted}").parse().unwrap();
        let refused = BrowserClient::new().open(&app, &link).await;
        assert_eq!((refused.status.as_u16(), refused.heading()), (410, "This invite link has already been used"));
    }
}

#[tokio::test]
async fn the_command_refuses_invites_that_cannot_work_or_last_too_long() {
    let cli = TestCli::with_file_vault().await;
    let cli = cli.with_variables(&[("EVERTOKEN_RETURN_URLS", "https://shop.example.com/settings")]);
    for (arguments, expected) in [
        (&["--expires", "0s"][..], "--expires"),
        (&["--expires", "91d"], "--yes"),
        (&["--expires", "1000y"], "--yes"),
        (&["--return-to", "https://evil.example/"], "--return-to"),
        (&["--return-to", "https://shop.example.com/settings/..%2fadmin"], "--return-to"),
        (&["--return-to", "https://shop.example.com/settingsx"], "--return-to"),
    ] {
        let run = cli.run(&[&["invite", "--public-url", URL], arguments].concat()).await.expect_code(2);
        assert!(run.stderr.contains(expected) && run.stdout.is_empty(), "{run:?}");
    }
    for arguments in [
        &["--expires", "91d", "--yes"][..],
        &["--expires", "90d"],
        &["--return-to", "https://shop.example.com/settings/instagram"],
    ] {
        cli.run(&[&["invite", "--public-url", URL], arguments].concat()).await.expect_code(0);
    }
}

#[tokio::test]
async fn the_command_says_if_it_cannot_check_a_return_address() {
    let cli = TestCli::with_file_vault().await;
    let run =
        cli.run(&["invite", "--public-url", URL, "--return-to", "https://shop.example.com/"]).await.expect_code(0);
    assert!(run.stderr.contains("EVERTOKEN_RETURN_URLS"), "{run:?}");
}
