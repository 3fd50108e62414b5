//! `evertoken setup`.

use std::os::unix::fs::PermissionsExt;

use evertoken_tests::binaries;
use evertoken_tests::command::CommandHouse;
use evertoken_tests::leashed::Leashed;
use evertoken_tests::waiting;
use serde_json::{Value, json};

const PUBLIC_URL: (&str, &str) = ("EVERTOKEN_PUBLIC_URL", "https://login.example.test");

const ID: &str = "1234567890123456";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn stored(house: &CommandHouse) -> Option<Value> {
    let path = house.dir().join("app.json");
    Some(serde_json::from_str(&std::fs::read_to_string(path).ok()?).unwrap())
}

#[tokio::test]
async fn answers_are_checked_stored_and_the_addresses_told() {
    let house = CommandHouse::with_files().await;
    let answers =
        json!({"app_id": ID, "app_secret": format!(" {SECRET}\n"), "public_url": "https://login.example.test"});
    let run = house.run_with(&["setup", "--answers", "-"], &answers.to_string()).await.expect(0);
    insta::assert_snapshot!("the_addresses", run.stdout);
    assert!(run.stderr.contains("Removed from the app secret: spaces and line breaks."), "{run:?}");
    assert!(run.stderr.contains("Checked: Instagram did not reject"), "{run:?}");
    assert_eq!(stored(&house).unwrap(), json!({"app_id": ID, "app_secret": SECRET, "previous_app_secrets": []}));
    let mode = std::fs::metadata(house.dir().join("app.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // Again: nothing changes.
    let run = house.run_with(&["--json", "setup", "--answers", "-"], &answers.to_string()).await.expect(0).json();
    assert_eq!((&run["outcome"], &run["checked"]), (&"unchanged".into(), &"accepted".into()));
    assert_eq!(run["redirect_uri"], "https://login.example.test/callback");
}

#[tokio::test]
async fn the_service_finds_what_setup_has_stored() {
    let house = CommandHouse::with_files().await.with_variables(&[PUBLIC_URL]);
    let answers = json!({"app_id": ID, "app_secret": SECRET});
    house.run_with(&["setup", "--answers", "-"], &answers.to_string()).await.expect(0);
    let arguments = ["serve", "--port", "0", "--local", house.dir().to_str().unwrap()];
    let mut service = Leashed::start(binaries::path("evertoken"), &arguments, &house.environment());
    waiting::until("the URL", || service.stdout().contains("https://login.example.test").then_some(())).await;
    service.interrupt();
    assert_eq!(service.ended().await, 0, "{}", service.stderr());
}

#[tokio::test]
async fn a_pair_that_instagram_refuses_is_not_stored() {
    let house = CommandHouse::with_files().await.with_variables(&[PUBLIC_URL]);
    let wrong = "ffffffffffffffffffffffffffffffff";
    house.leaks().keep_secret("the wrong app secret", wrong);
    for answers in [json!({"app_id": ID, "app_secret": wrong}), json!({"app_id": "999", "app_secret": SECRET})] {
        let run = house.run_with(&["setup", "--answers", "-"], &answers.to_string()).await.expect(1);
        assert!(run.stderr.contains("nothing was stored") && run.stderr.contains("Settings > Basic"), "{run:?}");
        assert_eq!(stored(&house), None);
    }
    for bad in ["", "{}", r#"{"app_id":"x","app_secret":"y"}"#, r#"{"app_id":"1","app_secret":"y","tpyo":1}"#] {
        house.run_with(&["setup", "--answers", "-"], bad).await.expect(1);
    }
}

#[tokio::test]
async fn an_instagram_that_is_down_is_told_as_not_checked() {
    let house = CommandHouse::with_files().await.with_variables(&[PUBLIC_URL]);
    house.instagram().fault(json!({"endpoint": "code", "answer": {"kind": "cut"}})).await;
    let answers = json!({"app_id": ID, "app_secret": SECRET});
    let run = house.run_with(&["setup", "--answers", "-"], &answers.to_string()).await.expect(0);
    assert!(run.stderr.contains("Not checked: Instagram cannot be reached."), "{run:?}");
}

#[tokio::test]
async fn in_secrets_manager_the_secret_before_becomes_a_previous_one() {
    let house = CommandHouse::with_secrets_manager().await;
    let before = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";
    house.leaks().keep_secret("the secret before", before);
    let present = json!({"app_id": ID, "app_secret": before, "previous_app_secrets": ["dddddddd"], "note": "ours"});
    house.deployment().put_app(&present).await;
    let dir = tempfile::TempDir::new().unwrap();
    let file = dir.path().join("answers.json");
    std::fs::write(&file, json!({"app_id": ID, "app_secret": SECRET}).to_string()).unwrap();
    let run = house.run(&["setup", "--answers", file.to_str().unwrap()]).await.expect(0);
    assert!(run.stderr.contains("The old secret is kept"), "{run:?}");
    assert_eq!(
        house.deployment().app().await,
        json!({"app_id": ID, "app_secret": SECRET, "previous_app_secrets": [before, "dddddddd"], "note": "ours"})
    );
}

#[tokio::test]
async fn the_walk_explains_each_step_and_goes_on_where_it_was_broken_off() {
    let house = CommandHouse::with_files().await.with_variables(&[PUBLIC_URL]);
    // There, then nothing more: a closed terminal.
    let run = house.run_with(&["setup"], "\n").await.expect(1);
    assert!(run.stderr.contains("Instagram app ID and Instagram app secret, under Instagram > API setup"), "{run:?}");
    assert!(run.stderr.contains("App settings > Basic"), "{run:?}");
    assert!(run.stderr.contains("finished steps are remembered"), "{run:?}");
    // A wrong secret, then the right one with what pasting adds, then broken off again.
    let wrong = "ffffffffffffffffffffffffffffffff";
    let run = house.run_with(&["setup"], &format!("{ID}\n{wrong}\n {ID} \n\"{SECRET}\"\n")).await.expect(1);
    assert!(run.stderr.contains("1. Create the app: done"), "{run:?}");
    assert!(run.stderr.contains("Instagram does not accept the app's ID or secret."), "{run:?}");
    assert!(run.stderr.contains("Removed from the app secret: quotes."), "{run:?}");
    for address in ["/callback", "/deauthorize", "/data-deletion"] {
        assert!(run.stderr.contains(&format!("https://login.example.test{address}\n")), "{run:?}");
    }
    assert_eq!(stored(&house).unwrap()["app_secret"], SECRET);
    // The rest.
    let run = house.run_with(&["setup"], "\n\n").await.expect(0);
    assert!(run.stderr.contains(&format!("app {ID} is already stored in the file ")), "{run:?}");
    assert!(run.stderr.contains("evertoken doctor --local"), "{run:?}");
    // All of it is done: nothing is asked any more, and the addresses are told once more.
    let run = house.run(&["setup"]).await.expect(0);
    assert!(run.stderr.contains("https://login.example.test/callback"), "{run:?}");
    let remembered = std::fs::read_to_string(house.dir().join("setup.json")).unwrap();
    house.leaks().logged("what is remembered", &remembered);
}
