//! An owner who connects an account does not learn where the operator keeps the token.

use evertoken_core::invite::Invite;
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::test_app::TestApp;

async fn connected(app: &TestApp, invite: Option<&Invite>) -> String {
    let browser = BrowserClient::new();
    let link = invite.map_or_else(|| app.url("/login"), |invite| app.link(invite));
    let done = browser.log_in(app, &link, "blue_bottle").await;
    let page = browser.open(app, &done.location()).await;
    assert_eq!(page.heading(), "@blue_bottle is connected");
    page.text
}

#[tokio::test]
async fn the_page_after_a_login_does_not_say_where_the_token_is() {
    let app = TestApp::with_variables(&[("EVERTOKEN_LOGIN", "open")]).await;
    for page in [connected(&app, Some(&app.invite("shop-de"))).await, connected(&app, None).await] {
        assert!(!page.contains("memory:") && !page.contains("operator"), "{page}");
    }
}

#[tokio::test]
async fn an_operators_own_invite_shows_where_the_token_is() {
    let app = TestApp::start().await;
    let page = connected(&app, Some(&Invite { show_location: true, ..app.invite("shop-de") })).await;
    assert!(page.contains("memory:shop-de") && page.contains("For the operator of this service"), "{page}");
}
