//! Control characters and characters that reverse the direction of text, in names and notes that strangers choose.

use evertoken_core::invite::Invite;
use evertoken_tests::browser_client::BrowserClient;
use evertoken_tests::log_lines::LogLines;
use evertoken_tests::sample;
use evertoken_tests::test_app::TestApp;
use evertoken_tests::test_cli::TestCli;
use serde_json::json;
use time::OffsetDateTime;

/// Clears the screen, rings the bell, reverses the text, hides a character and breaks the line.
const HIDDEN: &str = "a\u{1b}[2J\u{7}\u{202e}b\u{200f}\u{2066}\u{200b}c\u{2028}d\u{9b}e\r\nf";

fn assert_visible(text: &str) {
    let hidden = |c: &char| (c.is_control() && *c != '\n') || "\u{202e}\u{200f}\u{2066}\u{200b}\u{2028}".contains(*c);
    let found: Vec<char> = text.chars().filter(hidden).collect();
    assert!(found.is_empty(), "{found:?} in {text:?}");
}

#[tokio::test]
async fn a_user_name_with_hidden_characters_reaches_no_page_log_event_or_document() {
    let (lines, _guard) = LogLines::collect();
    let (app, browser) = (TestApp::start().await, BrowserClient::new());
    app.control("PATCH", "accounts/blue_bottle", json!({ "username": HIDDEN })).await;
    let id = "17841405793187218";
    let done = browser.log_in(&app, &app.link(&app.invite("shop-de")), id).await;
    assert_eq!(done.status, 303, "{done:?}");
    let page = browser.open(&app, &done.location()).await;
    assert!(page.text.contains("is connected"), "{page:?}");
    assert_visible(&page.text);
    assert_visible(&lines.text());
    assert_visible(&app.take_events().await[0].username);
    assert_visible(&app.document("shop-de").await.unwrap().username);
    let refused = browser.log_in(&app, &app.link(&app.invite("shop-de")), "corner_bakery").await;
    assert!(refused.text.contains("\\u{202e}"), "{}", refused.text);
    assert_visible(&refused.text);
}

#[tokio::test]
async fn a_note_with_hidden_characters_is_shown_with_their_codes() {
    let app = TestApp::start().await;
    let invite = Invite { note: Some(HIDDEN.to_owned()), ..app.invite("shop-de") };
    let page = BrowserClient::new().open(&app, &app.link(&invite)).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("\\u{202e}"), "{}", page.text);
    assert_visible(&page.text);
}

#[tokio::test]
async fn documents_with_hidden_characters_do_not_reach_a_terminal() {
    for cli in TestCli::for_each_vault().await {
        let mut document = sample::document_json("shop-de", "IGAAsample", OffsetDateTime::now_utc());
        document["username"] = json!(HIDDEN);
        document["account_type"] = json!(HIDDEN);
        document["health"] = json!({"state": "attention", "message": HIDDEN});
        cli.put_document("shop-de", &document.to_string()).await;
        for command in [&["list"][..], &["show", "shop-de"], &["doctor"], &["remove", "shop-de"]] {
            let run = cli.run(command).await;
            assert_visible(&run.stdout);
            assert_visible(&run.stderr);
        }
    }
}

#[tokio::test]
async fn imported_documents_and_file_names_with_hidden_characters_do_not_reach_a_terminal() {
    let cli = TestCli::with_file_vault().await;
    let mut document = sample::document_json("shop-de", "IGAAsample", OffsetDateTime::now_utc());
    document["username"] = json!(HIDDEN);
    let mut misnamed = document.clone();
    misnamed["name"] = json!(HIDDEN);
    let file = cli.dir().join("export.json");
    std::fs::write(&file, json!({ "accounts": [document, misnamed] }).to_string()).unwrap();
    std::fs::write(cli.dir().join("accounts").join(format!("x{}.json", HIDDEN.replace('/', ""))), "{}").unwrap();
    let file = file.to_str().unwrap();
    for command in [&["import", "--file", file][..], &["list"], &["show", "shop-de"], &["doctor"], &["export"]] {
        let run = cli.run_without_scan(command, "").await;
        assert_visible(&run.stderr);
        if command != ["export"] {
            assert_visible(&run.stdout);
        }
    }
    let csv = cli.dir().join("tokens.csv");
    std::fs::write(&csv, format!("name,token\n\"{HIDDEN}\",IGAAx\n")).unwrap();
    let run = cli.run(&["import", "--file", csv.to_str().unwrap()]).await;
    assert_visible(&run.stdout);
    assert_visible(&run.stderr);
}

#[tokio::test]
async fn the_command_refuses_a_note_that_changes_the_direction_of_text() {
    let cli = TestCli::with_file_vault().await;
    for note in ["a\u{202e}b", "a\u{2066}b", "a\u{1b}b", "a\u{2028}b"] {
        let run =
            cli.run(&["invite", "--public-url", "https://login.example.test", "--note", note]).await.expect_code(2);
        assert_visible(&run.stderr);
    }
}
