//! Removal requests of the Meta app.

use evertoken_core::events::EventKind;
use evertoken_core::invite::Invite;
use evertoken_tests::browser_client::BrowserClient;

use crate::facebook_app::{ACCOUNTS, choose, connect_one, form, open_choice, start};

#[tokio::test]
async fn one_removal_touches_every_account_that_the_person_connected() {
    for (path, kind) in [("/deauthorize", EventKind::AccountDisconnected), ("/data-deletion", EventKind::DataDeleted)] {
        let app = start().await;
        let browser = BrowserClient::new();
        let invite = Invite { many_accounts: true, ..app.invite("agency") };
        let page = open_choice(&app, &browser, &invite).await;
        assert_eq!(choose(&app, &browser, &form(&page, &ACCOUNTS)).await.status, 303);
        connect_one(&app).await;
        app.take_events().await;

        let signed_request = app.sandbox.facebook_signed_request("three_pages").unwrap();
        let request = app.client.post(app.url(path)).form(&[("signed_request", signed_request)]);
        assert_eq!(request.send().await.unwrap().status(), 200);
        for name in ["agency-blue-bottle", "agency-corner-bakery", "agency-maya-makes"] {
            assert!(app.document(name).await.is_none(), "{path}: {name}");
        }
        assert!(app.document("shop-de").await.is_some(), "{path}: another person's account was removed");
        let kinds: Vec<_> = app.take_events().await.into_iter().map(|event| event.kind).collect();
        assert_eq!(kinds, [kind; 3]);
    }
}

#[tokio::test]
async fn a_request_that_neither_of_the_two_secrets_signed_is_refused() {
    let app = start().await;
    connect_one(&app).await;
    let signed_request = app.sandbox.facebook_signed_request("one_page").unwrap();
    let settings = evertoken_sandbox::Settings::default();
    let app_with = |secret: &str| {
        let app = evertoken_core::app::App::new(&settings.app_id, &settings.app_secret, &[]).unwrap();
        app.with_meta(&settings.meta_app_id, secret).unwrap()
    };
    app.set_app(app_with("0000000000000000000000000000dead"));
    let post = || app.client.post(app.url("/deauthorize")).form(&[("signed_request", &signed_request)]).send();
    assert_eq!(post().await.unwrap().status(), 400);
    assert!(app.document("shop-de").await.is_some());
    app.set_app(app_with(&settings.meta_app_secret));
    assert_eq!(post().await.unwrap().status(), 200);
    assert!(app.document("shop-de").await.is_none());
}
