//! `evertoken setup`.

use std::os::unix::fs::PermissionsExt;

use evertoken_sandbox::{Endpoint, FaultResponse, InjectedFault};
use evertoken_tests::serve_process::ServeProcess;
use evertoken_tests::test_cli::TestCli;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const PUBLIC_URL: (&str, &str) = ("EVERTOKEN_PUBLIC_URL", "https://login.example.test");

const ID: &str = "1234567890123456";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn stored(cli: &TestCli) -> Option<Value> {
    let path = cli.dir().join("app.json");
    Some(serde_json::from_str(&std::fs::read_to_string(path).ok()?).unwrap())
}

#[tokio::test]
async fn setup_checks_and_stores_the_app_and_prints_the_urls() {
    let cli = TestCli::with_file_vault().await;
    let answers =
        json!({"app_id": ID, "app_secret": format!(" {SECRET}\n"), "public_url": "https://login.example.test"});
    let run = cli.run_with_stdin(&["setup", "--answers", "-"], &answers.to_string()).await.expect_code(0);
    insta::assert_snapshot!("the_addresses", run.stdout);
    assert!(run.stderr.contains("Removed from the app secret: spaces and line breaks."), "{run:?}");
    assert!(run.stderr.contains("Checked: Instagram did not reject"), "{run:?}");
    assert_eq!(stored(&cli).unwrap(), json!({"app_id": ID, "app_secret": SECRET, "previous_app_secrets": []}));
    let mode = std::fs::metadata(cli.dir().join("app.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // Running setup again changes nothing.
    let run =
        cli.run_with_stdin(&["--json", "setup", "--answers", "-"], &answers.to_string()).await.expect_code(0).json();
    assert_eq!((&run["outcome"], &run["checked"]), (&"unchanged".into(), &"accepted".into()));
    assert_eq!(run["redirect_uri"], "https://login.example.test/callback");
}

#[tokio::test]
async fn serve_uses_the_app_credentials_stored_by_setup() {
    let cli = TestCli::with_file_vault().await.with_variables(&[PUBLIC_URL]);
    let answers = json!({"app_id": ID, "app_secret": SECRET});
    cli.run_with_stdin(&["setup", "--answers", "-"], &answers.to_string()).await.expect_code(0);
    let service = ServeProcess::start(&["--local", cli.dir().to_str().unwrap()], &cli.environment()).await;
    assert!(service.stdout().contains("https://login.example.test"), "{}", service.stdout());
    service.shut_down().await;
}

#[tokio::test]
async fn setup_does_not_store_credentials_that_instagram_rejects() {
    let cli = TestCli::with_file_vault().await.with_variables(&[PUBLIC_URL]);
    let wrong = "ffffffffffffffffffffffffffffffff";
    cli.scanner().register_secret("the wrong app secret", wrong);
    for answers in [json!({"app_id": ID, "app_secret": wrong}), json!({"app_id": "999", "app_secret": SECRET})] {
        let run = cli.run_with_stdin(&["setup", "--answers", "-"], &answers.to_string()).await.expect_code(1);
        assert!(run.stderr.contains("nothing was stored") && run.stderr.contains("App settings > Basic"), "{run:?}");
        assert_eq!(stored(&cli), None);
    }
    for bad in ["", "{}", r#"{"app_id":"x","app_secret":"y"}"#, r#"{"app_id":"1","app_secret":"y","tpyo":1}"#] {
        cli.run_with_stdin(&["setup", "--answers", "-"], bad).await.expect_code(1);
    }
}

#[tokio::test]
async fn setup_reports_unchecked_credentials_while_instagram_is_down() {
    let cli = TestCli::with_file_vault().await.with_variables(&[PUBLIC_URL]);
    cli.instagram().inject_fault(InjectedFault::new(Endpoint::Code, FaultResponse::Truncated)).await;
    let answers = json!({"app_id": ID, "app_secret": SECRET});
    let run = cli.run_with_stdin(&["setup", "--answers", "-"], &answers.to_string()).await.expect_code(0);
    assert!(run.stderr.contains("Not checked: Instagram cannot be reached."), "{run:?}");
}

#[tokio::test]
async fn setup_keeps_the_old_secret_as_a_previous_one() {
    let cli = TestCli::with_secrets_manager().await;
    let before = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";
    cli.scanner().register_secret("the secret before", before);
    let present = json!({"app_id": ID, "app_secret": before, "previous_app_secrets": ["dddddddd"], "note": "ours"});
    cli.deployment().put_app_credentials(&present).await;
    let dir = tempfile::TempDir::new().unwrap();
    let file = dir.path().join("answers.json");
    std::fs::write(&file, json!({"app_id": ID, "app_secret": SECRET}).to_string()).unwrap();
    let run = cli.run(&["setup", "--answers", file.to_str().unwrap()]).await.expect_code(0);
    assert!(run.stderr.contains("The old secret is kept"), "{run:?}");
    let mut stored = cli.deployment().app_credentials().await;
    let until = stored["previous_app_secrets"][0]["until"].take();
    let until = OffsetDateTime::parse(until.as_str().unwrap(), &Rfc3339).unwrap();
    assert_eq!((until - OffsetDateTime::now_utc()).whole_hours(), 7 * 24 - 1);
    let previous = json!([{"secret": before, "until": null}, "dddddddd"]);
    let expected = json!({"app_id": ID, "app_secret": SECRET, "previous_app_secrets": previous, "note": "ours"});
    assert_eq!(stored, expected);
}

#[tokio::test]
async fn interactive_setup_explains_each_step_and_resumes_after_an_interruption() {
    let cli = TestCli::with_file_vault().await.with_variables(&[PUBLIC_URL]);
    // The input ends after the first step, as when the terminal is closed.
    let run = cli.run_with_stdin(&["setup"], "\n").await.expect_code(1);
    assert!(run.stderr.contains("Instagram app ID and Instagram app secret, under Instagram > API setup"), "{run:?}");
    assert!(run.stderr.contains("App settings > Basic"), "{run:?}");
    assert!(run.stderr.contains("finished steps are remembered"), "{run:?}");
    // A wrong secret, then the right one with pasted whitespace and quotes; then the input ends again.
    let wrong = "ffffffffffffffffffffffffffffffff";
    let run = cli.run_with_stdin(&["setup"], &format!("{ID}\n{wrong}\n {ID} \n\"{SECRET}\"\n")).await.expect_code(1);
    assert!(run.stderr.contains("1. Create the app: done"), "{run:?}");
    assert!(run.stderr.contains("Instagram does not accept the app's ID or secret."), "{run:?}");
    assert!(run.stderr.contains("Removed from the app secret: quotes."), "{run:?}");
    for address in ["/callback", "/deauthorize", "/data-deletion"] {
        assert!(run.stderr.contains(&format!("https://login.example.test{address}\n")), "{run:?}");
    }
    assert_eq!(stored(&cli).unwrap()["app_secret"], SECRET);
    // The remaining steps.
    let run = cli.run_with_stdin(&["setup"], "\n\n").await.expect_code(0);
    assert!(run.stderr.contains(&format!("app {ID} is already stored in the file ")), "{run:?}");
    assert!(run.stderr.contains("evertoken doctor --local"), "{run:?}");
    // With every step done, setup asks nothing and prints the URLs again.
    let run = cli.run(&["setup"]).await.expect_code(0);
    assert!(run.stderr.contains("https://login.example.test/callback"), "{run:?}");
    let remembered = std::fs::read_to_string(cli.dir().join("setup.json")).unwrap();
    cli.scanner().record_log("what is remembered", &remembered);
}
