//! `evertoken invite`.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use evertoken_tests::test_cli::TestCli;
use rqrr::PreparedImage;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

const URL: &str = "https://login.example.test";

#[tokio::test]
async fn the_qr_code_contains_the_invite_link() {
    for cli in TestCli::for_each_vault().await {
        let note = "n".repeat(300);
        for more in [&[][..], &["--name", "shop-de", "--once", "--note", note.as_str()]] {
            let run = cli.run(&[&["invite", "--public-url", URL, "--qr"], more].concat()).await.expect_code(0);
            let (link, picture) = run.stdout.split_once('\n').unwrap();
            assert!(link.starts_with(&format!("{URL}/login?invite=")), "{link}");
            assert_eq!(decode_qr_code(picture), link);
        }
        let both = cli.run(&["--json", "invite", "--public-url", URL, "--qr"]).await.expect_code(2);
        assert!(both.stderr.contains("--qr"), "{both:?}");
    }
}

/// Decodes a QR code as a phone does from a terminal with light text on a dark background.
fn decode_qr_code(picture: &str) -> String {
    let lines: Vec<Vec<char>> = picture.lines().map(|line| line.chars().collect()).collect();
    // Each module is four pixels wide. Half a character is as high as it is wide.
    let (width, height) = (lines[0].len() * 4, lines.len() * 8);
    let mut image = PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        let upper = y % 8 < 4;
        let light = match lines[y / 8][x / 4] {
            '█' => true,
            '▀' => upper,
            '▄' => !upper,
            ' ' => false,
            other => panic!("{other:?} is not part of a QR code"),
        };
        if light { 255 } else { 0 }
    });
    image.detect_grids()[0].decode().unwrap().1
}

#[tokio::test]
async fn invalid_invite_options_are_usage_errors() {
    let cli = TestCli::with_file_vault().await;
    for (arguments, expected) in [
        (&["--once", "--expires", "40d"][..], "--once allows --expires 30d at most"),
        (&["--name", "Shop DE"], "not a valid account name"),
        (&["--reveal", "--return-to", "https://shop.example.com/"], "cannot be used with '--return-to <URL>'"),
        (&["--reveal=yes"], "unexpected value 'yes' for '--reveal'"),
        (&["--expect", "blue_bottle"], "not a valid Instagram id"),
        (&["--expires", "soon"], "invalid value 'soon'"),
        (&["--group", "Client A"], "not a valid group"),
        (&["--group", "client-a", "--own-secret"], "cannot be used with '--own-secret'"),
        (&["--public-url", "http://login.example.test"], "--public-url is \"http://login.example.test\""),
    ] {
        let mut all = vec!["invite"];
        if !arguments.contains(&"--public-url") {
            all.extend(["--public-url", URL]);
        }
        all.extend(arguments);
        let run = cli.run(&all).await.expect_code(2);
        assert!(run.stderr.contains(expected) && run.stdout.is_empty(), "{run:?}");
    }
}

/// An invite without these options is the same as before.
#[tokio::test]
async fn an_invite_names_the_place_of_its_account() {
    let cli = TestCli::with_file_vault().await;
    for (arguments, expected) in [
        (&["--own-secret"][..], Some(json!("own_secret"))),
        (&["--group", "client-a"], Some(json!({"group": "client-a"}))),
        (&[], None),
    ] {
        let run = cli.run(&[&["invite", "--public-url", URL], arguments].concat()).await.expect_code(0);
        assert_eq!(claims(&run.stdout).get("placement"), expected.as_ref(), "{arguments:?}");
    }
}

fn claims(link: &str) -> Value {
    let claims = link.trim().split("invite=").nth(1).unwrap().split('.').next().unwrap().to_owned();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

#[tokio::test]
async fn an_invite_claims_exactly_what_its_options_say() {
    let cli = TestCli::with_file_vault().await;
    let options = [
        ["--name", "shop-de"],
        ["--expect", "17841405793187218"],
        ["--note", "Hello Anna"],
        ["--return-to", "https://shop.example.com/settings"],
        ["--expires", "12h"],
    ];
    let all = [&options.concat()[..], &["--replace", "--show-location"]].concat();
    let claimed = json!({"name": "shop-de", "account": "17841405793187218", "note": "Hello Anna", "replace": true,
        "return_to": "https://shop.example.com/settings", "location": true});
    for (options, lifetime, expected) in
        [(&[][..], Duration::days(7), json!({})), (&all[..], Duration::hours(12), claimed)]
    {
        let earliest = (OffsetDateTime::now_utc() + lifetime).unix_timestamp();
        let run = cli.run(&[&["--json", "invite", "--public-url", URL], options].concat()).await.expect_code(0);
        let latest = (OffsetDateTime::now_utc() + lifetime).unix_timestamp();
        let invite = run.json();
        let mut claims = claims(invite["url"].as_str().unwrap());
        let end = claims.as_object_mut().unwrap().remove("exp").unwrap().as_i64().unwrap();
        assert!((earliest..=latest).contains(&end), "{end}: {options:?}");
        let expires_at = OffsetDateTime::parse(invite["expires_at"].as_str().unwrap(), &Rfc3339).unwrap();
        assert_eq!((claims, expires_at.unix_timestamp()), (expected, end), "{options:?}");
    }
}

/// The claim is absent by default, so no invite of an earlier version allows it either.
#[tokio::test]
async fn only_an_invite_with_reveal_lets_the_owner_copy_the_token() {
    let cli = TestCli::with_file_vault().await;
    for (arguments, expected) in [(&["--reveal"][..], Some(true)), (&[], None)] {
        let run = cli.run(&[&["invite", "--public-url", URL], arguments].concat()).await.expect_code(0);
        let claims = claims(&run.stdout);
        assert_eq!(claims.get("reveal").and_then(Value::as_bool), expected, "{claims}");
    }
}

const CLIENTS: &str = "name,note,language,expected_account\nshop-de,\"=HYPERLINK(\"\"http://evil.example\"\")\",de,17841405793187218\nshop-fr,<b>Bonjour</b> & merci,,\n";

/// The fields of a CSV file without line breaks in fields.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[tokio::test]
async fn a_file_of_clients_becomes_a_link_each_as_csv_and_as_a_page_to_print() {
    for cli in TestCli::for_each_vault().await {
        let dir = tempfile::TempDir::new().unwrap();
        let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        let (file, page, output) = (path("clients.csv"), path("links.html"), path("links.csv"));
        std::fs::write(&file, CLIENTS).unwrap();
        let arguments = ["invite", "--file", &file, "--public-url", URL, "--once"];
        let run = cli.run(&[&arguments[..], &["--page", &page]].concat()).await.expect_code(0);
        assert!(run.stderr.contains("Created 2 links."), "{run:?}");
        let rows = rows(&run.stdout);
        assert_eq!(rows[0], ["name", "note", "language", "expected_account", "url", "expires_at"]);
        assert_eq!(rows[1][..4], ["shop-de", "'=HYPERLINK(\"http://evil.example\")", "de", "17841405793187218"]);
        assert!(rows[1][4].ends_with("&lang=de") && !rows[2][4].contains("lang="), "{rows:?}");
        let mut single_use_ids = BTreeSet::new();
        for (row, account) in [(&rows[1], Some("17841405793187218")), (&rows[2], None)] {
            let claims = claims(&row[4]);
            assert_eq!((claims["name"].as_str(), claims["account"].as_str()), (Some(row[0].as_str()), account));
            // With a common id, the first client would use up the links of all others.
            assert!(single_use_ids.insert(claims["once"].as_str().unwrap().to_owned()), "{claims}");
        }

        assert_eq!(std::fs::metadata(&page).unwrap().permissions().mode() & 0o777, 0o600);
        let html = std::fs::read_to_string(&page).unwrap();
        assert!(html.contains("&#60;b&#62;Bonjour&#60;/b&#62; &#38; merci") && !html.contains("<b>Bonjour"), "{html}");
        assert_eq!((html.matches("<svg").count(), html.matches("lang=\"de\"").count()), (2, 1));

        // Neither file is overwritten by mistake.
        let again = [&arguments[..], &["--page", &page]].concat();
        let refused = cli.run(&again).await.expect_code(1);
        assert!(refused.stderr.contains("already exists") && refused.stdout.is_empty(), "{refused:?}");
        let forced = [&again[..], &["--force", "--output", &output]].concat();
        assert_eq!(cli.run(&forced).await.expect_code(0).stdout, "");
        assert!(std::fs::read_to_string(&output).unwrap().starts_with("name,note"));
        let json = cli.run(&[&["--json"], &arguments[..]].concat()).await.expect_code(0).json();
        assert_eq!(json["links"][0]["expected_account"], "17841405793187218");
    }
}

#[tokio::test]
async fn a_file_with_a_mistake_creates_no_link() {
    let cli = TestCli::with_file_vault().await;
    let dir = tempfile::TempDir::new().unwrap();
    let page = dir.path().join("links.html");
    for (text, expected) in [
        (&b"name\nshop\nShop DE\nshop\n"[..], "\n  line 3: name: "),
        (b"name,acounts\nshop,de\n", "there is no column \"acounts\""),
        (b"", "the file contains no client"),
        (b"name\n\xff\n", "the file is not UTF-8"),
        (b"name,note\nshop,\x1b[31mred\n", "line 2: note: expected one line"),
    ] {
        let file = dir.path().join("clients.csv");
        std::fs::write(&file, text).unwrap();
        let (file, page) = (file.to_str().unwrap(), page.to_str().unwrap());
        let run = cli.run(&["invite", "--file", file, "--public-url", URL, "--page", page]).await.expect_code(1);
        assert!(run.stderr.contains(expected) && run.stdout.is_empty(), "{run:?}");
    }
    assert!(!page.exists());
    for arguments in [&["--file", "a.csv", "--name", "shop"][..], &["--page", "a.html"], &["--file"]] {
        let run = cli.run(&[&["invite", "--public-url", URL], arguments].concat()).await.expect_code(2);
        assert!(run.stderr.starts_with("error: "), "{run:?}");
    }
    let missing = cli.run(&["invite", "--public-url", URL, "--file", "missing.csv"]).await.expect_code(1);
    assert!(missing.stderr.contains("missing.csv"), "{missing:?}");
}
