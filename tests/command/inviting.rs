//! `invite`.

use evertoken_tests::command::CommandHouse;
use rqrr::PreparedImage;

const URL: &str = "https://login.example.test";

#[tokio::test]
async fn a_qr_code_leads_to_the_link_above_it() {
    for house in CommandHouse::each().await {
        let note = "n".repeat(300);
        for more in [&[][..], &["--name", "shop-de", "--once", "--note", note.as_str()]] {
            let run = house.run(&[&["invite", "--public-url", URL, "--qr"], more].concat()).await.expect(0);
            let (link, picture) = run.stdout.split_once('\n').unwrap();
            assert!(link.starts_with(&format!("{URL}/login?invite=")), "{link}");
            assert_eq!(read(picture), link);
        }
        let both = house.run(&["--json", "invite", "--public-url", URL, "--qr"]).await.expect(2);
        assert!(both.stderr.contains("--qr"), "{both:?}");
    }
}

/// What a telephone reads from a terminal whose text is light on a dark ground.
fn read(picture: &str) -> String {
    let lines: Vec<Vec<char>> = picture.lines().map(|line| line.chars().collect()).collect();
    // Four pixels a module: half a character is as high as it is wide.
    let (width, height) = (lines[0].len() * 4, lines.len() * 8);
    let mut image = PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        let upper = y % 8 < 4;
        let light = match lines[y / 8][x / 4] {
            '█' => true,
            '▀' => upper,
            '▄' => !upper,
            ' ' => false,
            other => panic!("{other:?} is no part of a QR code"),
        };
        if light { 255 } else { 0 }
    });
    image.detect_grids()[0].decode().unwrap().1
}

#[tokio::test]
async fn what_an_invite_cannot_be_is_wrong_usage() {
    let house = CommandHouse::with_files().await;
    for (arguments, said) in [
        (&["--once", "--expires", "40d"][..], "--once allows --expires 30d at most"),
        (&["--name", "Shop DE"], "not a valid account name"),
        (&["--expect", "blue_bottle"], "not a valid Instagram id"),
        (&["--expires", "soon"], "invalid value 'soon'"),
        (&["--public-url", "http://login.example.test"], "--public-url is \"http://login.example.test\""),
    ] {
        let mut all = vec!["invite"];
        if !arguments.contains(&"--public-url") {
            all.extend(["--public-url", URL]);
        }
        all.extend(arguments);
        let run = house.run(&all).await.expect(2);
        assert!(run.stderr.contains(said) && run.stdout.is_empty(), "{run:?}");
    }
}
