//! The operator's name, logo, color and links, and the landing page of an invite.

use evertoken_callback::{Brand, Logo};
use evertoken_core::invite::Invite;
use evertoken_tests::browser_client::{BrowserClient, PageResponse};
use evertoken_tests::test_app::TestApp;

const BRAND: [(&str, &str); 5] = [
    ("EVERTOKEN_BRAND_NAME", "Müller & Söhne"),
    ("EVERTOKEN_BRAND_LOGO", "https://cdn.agency.example/logo.svg?a=1&b=2"),
    ("EVERTOKEN_BRAND_COLOR", "#ffd400"),
    ("EVERTOKEN_CONTACT_URL", "mailto:help@agency.example"),
    ("EVERTOKEN_PRIVACY_URL", "https://agency.example/privacy"),
];

async fn each_page(app: &TestApp) -> Vec<PageResponse> {
    let browser = BrowserClient::new();
    let link = app.link(&app.invite("shop-de"));
    let done = browser.log_in(app, &link, "blue_bottle").await;
    let mut pages = vec![browser.open(app, &link).await, browser.open(app, &done.location()).await];
    for path in ["/", "/login", "/nowhere"] {
        pages.push(browser.open(app, &app.url(path)).await);
    }
    pages
}

#[tokio::test]
async fn every_page_shows_the_operators_brand() {
    let app = TestApp::with_variables(&BRAND).await;
    for page in each_page(&app).await {
        for part in [
            "<span>Müller &#38; Söhne</span>",
            " - Müller &#38; Söhne</title>",
            "<img src=\"https://cdn.agency.example/logo.svg?a=1&#38;b=2\" alt=\"\">",
            "--button: #ffd400; --on-button: #000000;",
            "<a href=\"mailto:help@agency.example\" rel=\"noreferrer\">Contact</a>",
            "<a href=\"https://agency.example/privacy\" rel=\"noreferrer\">Privacy policy</a>",
        ] {
            assert!(page.text.contains(part), "no {part}: {}", page.text);
        }
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("; img-src https://cdn.agency.example; "), "{policy}");
        assert!(!page.text.contains("Evertoken"), "{}", page.text);
    }
}

/// The hash in the policy covers the operator's color.
#[tokio::test]
async fn each_color_has_its_own_policy() {
    let mut policies = Vec::new();
    for variables in [&[][..], &[("EVERTOKEN_BRAND_COLOR", "#ffd400")], &[("EVERTOKEN_BRAND_COLOR", "#0a5c36")]] {
        let app = TestApp::with_variables(variables).await;
        let page = BrowserClient::new().open(&app, &app.url("/")).await;
        policies.push(page.headers["content-security-policy"].clone());
    }
    policies.dedup();
    assert_eq!(policies.len(), 3, "{policies:?}");
}

#[tokio::test]
async fn without_a_brand_the_pages_are_neutral() {
    let app = TestApp::start().await;
    for page in each_page(&app).await {
        assert!(page.text.contains("<span>Instagram connection</span>"), "{}", page.text);
        assert!(page.text.contains("<svg") && !page.text.contains("<img") && !page.text.contains("<footer"));
        assert!(!page.text.contains("Evertoken"), "{}", page.text);
    }
}

#[tokio::test]
async fn a_logo_file_is_embedded_in_every_page() {
    let logo = Logo::from_file(b"\x89PNG\r\n\x1a\n").unwrap();
    let brand = Brand { logo: Some(logo), ..Brand::default() };
    let app = TestApp::with_brand(brand).await;
    for page in each_page(&app).await {
        assert!(page.text.contains("<img src=\"data:image/png;base64,iVBORw0KGgo=\" alt=\"\">"), "{}", page.text);
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("; img-src data:; "), "{policy}");
    }
}

#[tokio::test]
async fn an_invite_says_who_asks_for_what_and_how_it_ends() {
    let scopes = "instagram_business_basic,instagram_business_manage_comments,instagram_business_new";
    let variables = [("EVERTOKEN_BRAND_NAME", "Blue Agency"), ("EVERTOKEN_SCOPES", scopes)];
    for (branded, language, who, permission, end) in [
        (true, "en", "Blue Agency asks you", "Read, answer, hide and delete comments", "Apps and websites</a>"),
        (false, "en", "The person who sent you", "See your profile and your posts", "end the connection at any time"),
        (true, "de", "Blue Agency bittet Sie", "Kommentare lesen", "Apps und Websites</a>"),
        (true, "es", "Blue Agency le pide", "ocultar y eliminar comentarios", "Aplicaciones y sitios web</a>"),
    ] {
        let app = TestApp::with_variables(if branded { &variables } else { &variables[1..] }).await;
        let browser = BrowserClient::new();
        let link = app.link(&app.invite("shop-de"));
        let page = browser.send(app.client.get(link).header("accept-language", language)).await;
        assert_eq!(page.status, 200);
        for part in
            [who, permission, end, "https://www.instagram.com/accounts/manage_access/", "instagram_business_new"]
        {
            assert!(page.text.contains(part), "no {part}: {}", page.text);
        }
        assert!(!page.text.contains("instagram_business_basic"), "{}", page.text);
        assert!(page.headers.get("set-cookie").is_none(), "opening an invite starts a login");
        let started = browser.open(&app, &page.button().unwrap()).await;
        assert_eq!(started.status, 302);
    }
}

#[tokio::test]
async fn an_open_login_has_no_landing_page() {
    let app = TestApp::with_variables(&[("EVERTOKEN_LOGIN", "open")]).await;
    assert_eq!(BrowserClient::new().open(&app, &app.url("/login")).await.status, 302);
    // An invite has one there too.
    let invite = Invite { note: Some("Hello".to_owned()), ..app.invite("shop-de") };
    assert_eq!(BrowserClient::new().open(&app, &app.link(&invite)).await.status, 200);
}

#[tokio::test]
async fn the_home_page_of_one_open_login_has_one_button() {
    let app = TestApp::with_variables(&[("EVERTOKEN_LOGIN", "open")]).await;
    let page = BrowserClient::new().open(&app, &app.url("/")).await;
    assert!(page.text.contains(">Connect an account</a>"), "{}", page.text);
    assert!(!page.text.contains("Log in with"), "there is nothing to choose: {}", page.text);
}

#[tokio::test]
async fn the_landing_page_of_one_login_has_one_button() {
    let app = TestApp::start().await;
    let page = BrowserClient::new().open(&app, &app.link(&app.invite("shop-de"))).await;
    assert!(page.text.contains(">Continue to Instagram</a>"), "{}", page.text);
    assert!(!page.text.contains("Log in with"), "there is nothing to choose: {}", page.text);
}

#[tokio::test]
async fn an_error_page_gives_the_contact_link_and_its_reference() {
    let app = TestApp::with_variables(&BRAND).await;
    let page = BrowserClient::new().open(&app, &app.url("/nowhere")).await;
    let summary = page.text.split("<summary>").nth(1).unwrap().split("</summary>").next().unwrap();
    let reference = summary.split("<code>").nth(1).unwrap().split("</code>").next().unwrap();
    assert_eq!(reference.len(), 10);
    let link = format!("<a href=\"mailto:help@agency.example?subject=Instagram%20{reference}\" rel=\"noreferrer\">");
    assert!(page.text.contains(&link), "{}", page.text);
    assert!(page.text.contains("<code>not_found</code>"), "{}", page.text);
}
