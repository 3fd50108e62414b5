//! `evertoken invite`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use evertoken_tests::test_cli::TestCli;
use rqrr::PreparedImage;
use serde_json::Value;

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

/// The claim is absent by default, so no invite of an earlier version allows it either.
#[tokio::test]
async fn only_an_invite_with_reveal_lets_the_owner_copy_the_token() {
    let cli = TestCli::with_file_vault().await;
    for (arguments, expected) in [(&["--reveal"][..], Some(true)), (&[], None)] {
        let run = cli.run(&[&["invite", "--public-url", URL], arguments].concat()).await.expect_code(0);
        let claims = run.stdout.trim().split("invite=").nth(1).unwrap().split('.').next().unwrap().to_owned();
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        assert_eq!(claims.get("reveal").and_then(Value::as_bool), expected, "{claims}");
    }
}
