//! Every page is valid HTML, according to html-validate, which checks the elements and attributes of the HTML standard.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use evertoken_core::deletion::{Deleted, Deletion};
use evertoken_core::invite::{Invite, InviteId};
use evertoken_core::signing::SigningKeys;
use evertoken_core::vault::InviteClaims;
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::feed_service::FeedService;
use evertoken_tests::http::parameter;
use evertoken_tests::test_app::{SIGNING_KEY, TestApp};
use evertoken_tests::workspace;
use tempfile::TempDir;
use time::Duration;
use url::Url;

/// Checks all pages in a folder.
fn validate(folder: &Path) -> Output {
    let modules = workspace::root().join("target/html/node_modules");
    let program = modules.join(".bin/html-validate");
    assert!(program.exists(), "{} is missing: run `make tools` first", program.display());
    let rules = workspace::root().join("tests/html/htmlvalidate.json");
    let arguments = ["--formatter", "text", "--config"];
    Command::new(program).args(arguments).arg(rules).arg(folder).output().unwrap()
}

/// Returns the addresses of pages of every kind, which a browser with this login can open.
async fn addresses(app: &TestApp, browser: &BrowserClient) -> Vec<Url> {
    let note = Some("Hello <b>Anna</b> & \"friends\"".to_owned());
    let once: InviteId = "0123456789abcdef0123456789abcdef".to_owned().try_into().unwrap();
    app.vault.claim(&once).await.unwrap();
    let own = Invite { show_location: true, reveal: true, ..app.invite("shop-de") };
    let done = browser.log_in(app, &app.link(&own), "blue_bottle").await;
    let code = Deletion { at: app.now(), what: Deleted::Account };
    let code = code.code(&SigningKeys::parse(SIGNING_KEY).unwrap());
    let mut addresses = vec![
        app.link(&app.invite("shop-de")),
        app.link(&Invite { note, ..app.invite("shop-de") }),
        app.link(&Invite { once: Some(once), ..app.invite("shop-de") }),
        app.link(&Invite::new(app.now() - Duration::days(1))),
        done.location(),
        browser.consent(app, &app.link(&app.invite("shop-de")), "corner_bakery").await,
        app.url(&format!("/data-deletion/{code}")),
    ];
    addresses
        .extend(["/", "/login", "/login?invite=x", "/callback", "/connected", "/nowhere"].map(|path| app.url(path)));
    addresses
}

#[tokio::test]
async fn every_page_is_valid_html_in_every_language() {
    let folder = TempDir::new().unwrap();
    let branded = [
        ("EVERTOKEN_BRAND_NAME", "Müller & Söhne"),
        ("EVERTOKEN_BRAND_LOGO", "https://cdn.agency.example/logo.svg?a=1&copy=2"),
        ("EVERTOKEN_BRAND_COLOR", "#0a5c36"),
        ("EVERTOKEN_CONTACT_URL", "mailto:help@agency.example"),
        ("EVERTOKEN_PRIVACY_URL", "https://agency.example/?a=1&copy=2"),
        ("EVERTOKEN_SCOPES", "instagram_business_basic,instagram_business_manage_comments"),
    ];
    let mut pages = 0;
    for (brand, variables) in [("neutral", &[][..]), ("branded", &branded)] {
        let (app, browser) = (TestApp::with_variables(variables).await, BrowserClient::new());
        for (number, address) in addresses(&app, &browser).await.into_iter().enumerate() {
            for language in ["en", "de", "es"] {
                let request = app.client.get(address.clone()).header("accept-language", language);
                let page = browser.send(request).await;
                assert!(page.text.starts_with("<!doctype html>"), "{address}: {}", page.text);
                fs::write(folder.path().join(format!("{brand}-{number}-{language}.html")), page.text).unwrap();
                pages += 1;
            }
        }
        // The page with the token, which can be opened once.
        let done =
            browser.log_in(&app, &app.link(&Invite { reveal: true, ..app.invite("shop-de") }), "blue_bottle").await;
        let form = [("receipt", parameter(&done.location(), "receipt"))];
        let page = browser.send(app.client.post(app.url("/reveal")).form(&form)).await;
        assert!(page.text.contains("IGAA"), "{}", page.text);
        fs::write(folder.path().join(format!("{brand}-reveal.html")), page.text).unwrap();
    }
    let output = validate(folder.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(pages, 2 * 13 * 3);
}

#[tokio::test]
async fn the_fragment_of_a_feed_is_valid_html_in_every_layout() {
    let (folder, feeds) = (TempDir::new().unwrap(), FeedService::start().await);
    for layout in ["grid", "row", "list"] {
        let settings = ["--posts", "100", "--off-feed-reels", "--layout", layout];
        feeds.cli.run(&[&["feed", "enable", "shop-de"], &settings[..]].concat()).await.expect_code(0);
        let fragment = feeds.text("feed/shop-de.html").await;
        // The one deviation from the standard, which allows style sheets in the head only. All browsers apply this one.
        let (before, rest) = fragment.split_once("<style>").unwrap();
        let (_, after) = rest.split_once("</style>").unwrap();
        // Redundant by the standard, but without it Safari treats a list without markers as text.
        let after = after.replace(" role=\"list\"", "");
        let page = format!(
            "<!doctype html>\n<html lang=\"en\"><head><title>A page</title></head><body><h1>A page</h1>{before}{after}</body></html>"
        );
        fs::write(folder.path().join(format!("{layout}.html")), page).unwrap();
    }
    let output = validate(folder.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    feeds.shut_down().await;
}

/// Otherwise a validator that checks nothing would pass every page.
#[test]
fn the_validator_finds_errors() {
    for (body, rule) in [
        ("<h1>One</h1><p><div>no block in a paragraph</div></p>", "close-order"),
        ("<h1>One</h1><ul><p>no item</p></ul>", "element-permitted-content"),
        ("<h1>One</h1><img src=\"logo.png\">", "wcag/h37"),
        ("<h1>One</h1><a href=\"/a?b=1\"><a href=\"/c\">nested</a></a>", "element-permitted-content"),
        ("<h1 id=\"a\">One</h1><p id=\"a\">twice</p>", "no-dup-id"),
    ] {
        let folder = TempDir::new().unwrap();
        let page =
            format!("<!doctype html>\n<html lang=\"en\"><head><title>A page</title></head><body>{body}</body></html>");
        fs::write(folder.path().join("page.html"), page).unwrap();
        let output = validate(folder.path());
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(!output.status.success() && text.contains(rule), "{rule}: {text}");
    }
}
