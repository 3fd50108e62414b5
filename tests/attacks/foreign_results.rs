//! Two people hold one named invite. The second must not be told that the first one's account is theirs.

use evertoken_core::invite::Invite;
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::test_app::TestApp;
use time::Duration;

#[tokio::test]
async fn a_bad_code_is_not_answered_with_somebody_elses_account() {
    let app = TestApp::start().await;
    for invite in [app.invite("shop-de"), Invite { name: None, ..Invite::new(app.now() + Duration::days(7)) }] {
        let link = app.link(&invite);
        let (first, second) = (BrowserClient::new(), BrowserClient::new());
        let callback = second.consent(&app, &link, "corner_bakery").await;
        assert_eq!(first.log_in(&app, &link, "blue_bottle").await.status, 303);
        let mut garbage = callback.clone();
        let state = callback.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        garbage.query_pairs_mut().clear().append_pair("code", "garbage").append_pair("state", &state);
        let page = second.open(&app, &garbage).await;
        assert_eq!(page.status, 400, "{page:?}");
        assert!(!page.text.contains("blue_bottle"), "{}", page.text);
    }
}
