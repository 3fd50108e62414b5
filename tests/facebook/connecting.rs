//! Connecting one account.

use evertoken_core::document::{HealthState, ProviderName, TokenKind};
use evertoken_core::invite::Invite;
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::schema::assert_valid;
use evertoken_tests::test_app::TestApp;
use secrecy::ExposeSecret;
use serde_json::json;

use crate::facebook_app::{ACCOUNTS, ONE_PAGE, connect_one, leave_next_token_short_lived, shape, start};

#[tokio::test]
async fn one_account_is_connected_without_a_question() {
    let app = start().await;
    let browser = BrowserClient::new();
    let page = browser.log_in_with_facebook(&app, &app.link(&app.invite("shop-de")), "one_page", &[ONE_PAGE]).await;
    assert_eq!((page.status.as_u16(), page.location().path()), (303, "/connected"), "{page:?}");
    let connected = browser.open(&app, &page.location()).await;
    assert!(connected.text.contains("@blue_bottle") && connected.text.contains("90 days"), "{}", connected.text);
    assert!(!connected.text.contains("EAA"));

    let document = app.document("shop-de").await.unwrap();
    assert_eq!((document.provider, document.token_kind), (ProviderName::Facebook, Some(TokenKind::Page)));
    assert_eq!((document.account_id.as_str(), document.username.as_str()), (ACCOUNTS[0], "blue_bottle"));
    assert_eq!(document.page_id.as_ref().unwrap().as_str(), ONE_PAGE);
    assert_eq!(document.page_name.as_deref(), Some("Blue Bottle Coffee"));
    assert_eq!(document.meta_user_id.as_ref().unwrap().as_str(), "10229384756102932");
    assert_eq!((document.expires_at, document.health.state), (None, HealthState::Healthy));
    assert_eq!((document.data_access_expires_at.unwrap() - document.connected_at).whole_days(), 90);
    assert_eq!(app.take_events().await[0].expires_at, document.data_access_expires_at);
    assert!(document.access_token.expose().starts_with("EAA"));
    assert!(document.scopes.iter().any(|scope| scope == "instagram_basic"));
    assert_valid(document.encode().expose_secret());
    // The page token lasts, and the user token was not stored.
    let known = app.sandbox.check_facebook_token(document.access_token.expose());
    assert!(known.is_ok(), "{known:?}");
}

#[tokio::test]
async fn the_dialog_asks_for_the_scopes_and_shows_the_choice_of_pages_again() {
    let app = start().await;
    let redirect = BrowserClient::new().start(&app, &app.link(&app.invite("shop-de"))).await.location();
    let parameter =
        |name: &str| redirect.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    assert_eq!(redirect.path(), "/v26.0/dialog/oauth");
    assert_eq!(parameter("client_id"), Some(evertoken_sandbox::Settings::default().meta_app_id));
    let scopes = "instagram_basic,pages_show_list,pages_read_engagement,business_management";
    assert_eq!(parameter("scope").as_deref(), Some(scopes));
    assert_eq!(parameter("auth_type").as_deref(), Some("reauthorize"));
    assert_eq!(parameter("config_id"), None);
}

#[tokio::test]
async fn a_login_through_facebook_requests_and_requires_the_configured_scopes() {
    let scopes = "instagram_basic,pages_show_list,pages_read_engagement,instagram_manage_insights";
    let variables = [("EVERTOKEN_PROVIDER", "facebook"), ("EVERTOKEN_FACEBOOK_SCOPES", scopes)];
    let app = TestApp::with_variables(&variables).await;
    let browser = BrowserClient::new();
    let redirect = browser.start(&app, &app.link(&app.invite("shop-de"))).await.location();
    assert!(redirect.query_pairs().any(|(name, value)| name == "scope" && value == scopes), "{redirect}");
    let callback = browser.select_on_facebook(&app, &redirect, "one_page", &[ONE_PAGE]).await;
    assert_eq!(browser.open(&app, &callback).await.status, 303);
    // Facebook adds public_profile.
    assert!(app.document("shop-de").await.unwrap().scopes.to_string().starts_with(scopes));

    // The login product for consumers lets people decline single permissions.
    app.control("PATCH", "facebook/app", json!({"login": "consumer"})).await;
    let redirect = browser.start(&app, &app.link(&app.invite("shop-fr"))).await.location();
    let callback =
        browser.decline_on_facebook(&app, &redirect, "one_page", &[ONE_PAGE], "instagram_manage_insights").await;
    let page = browser.open(&app, &callback).await;
    assert_eq!(page.status, 403, "{page:?}");
    assert!(
        page.text.contains("instagram_manage_insights") && app.document("shop-fr").await.is_none(),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn a_configuration_replaces_the_scopes_and_may_issue_a_system_users_token() {
    for (configuration, expires) in
        [("1122334455667788", false), ("2233445566778899", false), ("3344556677889900", true)]
    {
        let app = TestApp::with_variables(&[
            ("EVERTOKEN_PROVIDER", "facebook"),
            ("EVERTOKEN_FACEBOOK_CONFIG_ID", configuration),
        ])
        .await;
        let browser = BrowserClient::new();
        let redirect = browser.start(&app, &app.link(&app.invite("shop-de"))).await.location();
        assert!(!redirect.query_pairs().any(|(name, _)| name == "scope"), "{redirect}");
        let callback = browser.select_on_facebook(&app, &redirect, "one_page", &[ONE_PAGE]).await;
        let page = browser.open(&app, &callback).await;
        assert_eq!(page.status, 303, "{configuration}: {page:?}");
        let document = app.document("shop-de").await.unwrap();
        let kind = if configuration.starts_with('1') { TokenKind::Page } else { TokenKind::SystemUser };
        assert_eq!(document.token_kind, Some(kind), "{configuration}");
        assert_eq!(document.expires_at.is_some(), expires, "{configuration}");
    }
}

#[tokio::test]
async fn known_differences_between_answers_do_not_matter() {
    for shapes in [
        json!({"expires_in": "absent"}),
        json!({"code_token": "long"}),
        json!({"ids": "integer"}),
        json!({"unknown_keys": true}),
        json!({"target_ids": "absent"}),
    ] {
        let app = start().await;
        shape(&app, shapes.clone()).await;
        connect_one(&app).await;
        let document = app.document("shop-de").await.unwrap();
        assert_eq!((document.account_id.as_str(), document.expires_at), (ACCOUNTS[0], None), "{shapes}");
    }
}

#[tokio::test]
async fn a_page_token_that_ends_is_refused() {
    let app = start().await;
    leave_next_token_short_lived(&app, "one_page").await;
    let browser = BrowserClient::new();
    let page = browser.log_in_with_facebook(&app, &app.link(&app.invite("shop-de")), "one_page", &[ONE_PAGE]).await;
    assert_eq!(page.status, 502, "{page:?}");
    assert_eq!(page.heading(), "The connection would end within hours");
    assert!(app.document("shop-de").await.is_none());
}

#[tokio::test]
async fn both_logins_are_offered_with_a_sentence_each() {
    let app = TestApp::with_variables(&[("EVERTOKEN_PROVIDER", "both"), ("EVERTOKEN_LOGIN", "open")]).await;
    let browser = BrowserClient::new();
    for page in [app.url("/"), app.link(&app.invite("shop-de"))] {
        let page = browser.open(&app, &page).await;
        for text in ["Log in with Instagram", "Log in with Facebook", "provider=instagram", "provider=facebook"] {
            assert!(page.text.contains(text), "{text}: {}", page.text);
        }
    }
    let mut link = app.link(&app.invite("shop-de"));
    link.query_pairs_mut().append_pair("noted", "1").append_pair("provider", "facebook");
    let redirect = browser.open(&app, &link).await;
    assert_eq!(redirect.location().path(), "/v26.0/dialog/oauth");
    let callback = browser.select_on_facebook(&app, &redirect.location(), "one_page", &[ONE_PAGE]).await;
    assert_eq!(browser.open(&app, &callback).await.status, 303);
    assert_eq!(app.document("shop-de").await.unwrap().provider, ProviderName::Facebook);

    // Afterwards the same account logs in with Instagram, and its document decides how it is kept.
    let page = browser.log_in(&app, &app.link(&app.invite("shop-de")), "blue_bottle").await;
    assert_eq!(page.status, 303, "{page:?}");
    assert_eq!(app.document("shop-de").await.unwrap().provider, ProviderName::Instagram);
}

#[tokio::test]
async fn a_login_that_is_not_offered_is_an_error() {
    let app = TestApp::with_variables(&[("EVERTOKEN_LOGIN", "open")]).await;
    for provider in ["facebook", "google", ""] {
        let page = BrowserClient::new().open(&app, &app.url(&format!("/login?provider={provider}"))).await;
        assert_eq!(page.status, 400, "{provider}");
        assert_eq!(page.heading(), "This login is not offered here");
    }
}

#[tokio::test]
async fn an_invite_through_facebook_says_what_facebook_will_ask_for_and_how_it_ends() {
    let app = start().await;
    let texts = [
        ["en", "every 90 days", "belong to your business portfolio", "log in on Facebook", ">Continue to Facebook</a>"],
        ["de", "alle 90 Tage", "zu Ihrem Business-Portfolio", "bei Facebook an", ">Weiter zu Facebook</a>"],
        ["es", "cada 90 días", "a su portafolio comercial", "sesión en Facebook", ">Continuar a Facebook</a>"],
    ];
    for [language, parts @ ..] in texts {
        let request = app.client.get(app.link(&app.invite("shop-de"))).header("accept-language", language);
        let page = BrowserClient::new().send(request).await;
        for part in parts.into_iter().chain(["href=\"https://www.facebook.com/settings?tab=business_tools\""]) {
            assert!(page.text.contains(part), "{language}: no {part}: {}", page.text);
        }
        assert!(!page.text.contains("manage_access"), "{language}: {}", page.text);
    }
}

#[tokio::test]
async fn a_failed_login_starts_again_with_the_same_login() {
    let app = TestApp::with_variables(&[("EVERTOKEN_PROVIDER", "both"), ("EVERTOKEN_LOGIN", "open")]).await;
    let mut invited = app.link(&app.invite("shop-de"));
    invited.query_pairs_mut().append_pair("noted", "1").append_pair("provider", "facebook");
    for link in [invited, app.url("/login?provider=facebook")] {
        let browser = BrowserClient::new();
        let failed = browser.log_in_with_facebook(&app, &link, "no_pages", &[]).await;
        assert_eq!(failed.heading(), "No Facebook Page was found");
        let again = browser.start(&app, &failed.button().unwrap()).await;
        assert_eq!(again.location().path(), "/v26.0/dialog/oauth", "{link}");
    }
}

#[tokio::test]
async fn a_link_cannot_change_the_login_of_its_invite() {
    let app = TestApp::with_variables(&[("EVERTOKEN_PROVIDER", "both")]).await;
    for (provider, other, path) in [
        (ProviderName::Facebook, "instagram", "/v26.0/dialog/oauth"),
        (ProviderName::Instagram, "facebook", "/oauth/authorize"),
    ] {
        let mut link = app.link(&Invite { provider: Some(provider), ..app.invite("shop-de") });
        link.query_pairs_mut().append_pair("noted", "1").append_pair("provider", other);
        assert_eq!(BrowserClient::new().open(&app, &link).await.location().path(), path, "{other}");
    }
}
