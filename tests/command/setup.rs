//! `evertoken setup`.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use evertoken_sandbox::{Endpoint, FaultResponse, InjectedFault};
use evertoken_tests::browser::{Browser, Consent};
use evertoken_tests::child_process::ChildProcess;
use evertoken_tests::deployed_stack::DeployedStack;
use evertoken_tests::reserved_port::ReservedPort;
use evertoken_tests::serve_process::ServeProcess;
use evertoken_tests::terminal::Terminal;
use evertoken_tests::test_cli::TestCli;
use evertoken_tests::{http, wait};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;

const PUBLIC_URL: (&str, &str) = ("EVERTOKEN_PUBLIC_URL", "https://login.example.test");

const ID: &str = "1234567890123456";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// An answer that has the format of an app secret, and is none.
const SECRET_LOOKALIKE: &str = "abcdefabcdefabcdefabcdefabcdefab";

fn read_json(cli: &TestCli, file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(cli.dir().join(file)).unwrap()).unwrap()
}

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
    std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
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

/// Every step in a terminal, with wrong answers, an interruption and a wrong secret.
#[tokio::test]
async fn the_guide_asks_again_with_a_reason_and_resumes_without_asking_twice() {
    let cli = TestCli::with_file_vault().await;
    let local = cli.dir().to_str().unwrap().to_owned();
    let start = || Terminal::start(60, &["setup", "--local", &local], &cli.environment());
    let mut guide = start();
    guide.wait_for("Step 1 of 6: Address of the service").await;
    for (answer, reason) in [
        ("http://connect.example.com", "accepts nothing else"),
        ("connect.example.com", "it must begin with https://"),
        ("https://connect.example.com/?a", "leave out the question mark"),
        ("https://connect.example.com\u{1b}[D", "a space or an invisible"),
    ] {
        guide.answer("connect.example.com: ", answer).await;
        guide.wait_for(reason).await;
    }
    guide.answer("connect.example.com: ", " https://login.example.test  ").await;
    guide.wait_for("Step 2 of 6: What a login asks for").await;
    guide.answer("[instagram_business_basic]: ", "Basic Access").await;
    guide.wait_for("they must be lower-case words").await;
    guide.answer("[instagram_business_basic]: ", "").await;
    guide.answer("Name: ", "Café\u{7}Blau").await;
    guide.wait_for("at most 60 characters").await;
    guide.answer("Name: ", "Café Blau").await;
    guide.answer("Press Enter when you are there.", "").await;
    guide.answer("Instagram app ID: ", SECRET_LOOKALIKE).await;
    guide.wait_for("this looks like the app secret").await;
    guide.answer("Instagram app ID: ", ID).await;
    guide.answer("Instagram app secret (not shown): ", ID).await;
    guide.wait_for("this looks like the app ID").await;
    guide.wait_for("Instagram app secret (not shown): ").await;
    guide.interrupt();
    let (code, screen) = guide.finish().await;
    assert_ne!(code, Some(0), "{screen}");
    for line in screen.lines() {
        // Questions are not wrapped, and neither are commands.
        let is_whole = line.contains(": ") || line.contains(&local);
        assert!(line.chars().count() <= 60 || is_whole, "{line}");
    }

    // Everything that was answered is known, and Instagram rejects a secret.
    let wrong = "ffffffffffffffffffffffffffffffff";
    let mut guide = start();
    guide.wait_for("https://login.example.test/").await;
    guide.wait_for("instagram_business_basic, by Café").await;
    guide.wait_for("Meta app: done").await;
    guide.wait_for(&format!("Instagram app ID: {ID}, as answered before")).await;
    guide.answer("Instagram app secret (not shown): ", wrong).await;
    guide.wait_for("Not accepted: nothing was stored").await;
    guide.answer("Instagram app ID: ", ID).await;
    guide.answer("Instagram app secret (not shown): ", &format!(" \"{SECRET}\" ")).await;
    guide.wait_for("Removed from the app secret: spaces and quotes.").await;
    guide.answer("Press Enter when all three are saved.", "").await;
    guide.answer("Press Enter when you are done.", "").await;
    guide.wait_for("Setup is complete. Next:").await;
    let (code, second) = guide.finish().await;
    assert_eq!(code, Some(0), "{second}");
    for address in ["/callback", "/deauthorize", "/data-deletion"] {
        assert!(second.contains(&format!("https://login.example.test{address}")), "{second}");
    }
    assert!(!second.contains("Address, for") && !second.contains("Scopes, sep") && !second.contains("Name: "));
    for secret in [SECRET, wrong] {
        assert!(!screen.contains(secret) && !second.contains(secret));
    }
    assert_eq!(stored(&cli).unwrap()["app_secret"], SECRET);
    let settings = json!({"public_url": "https://login.example.test/", "scopes": ["instagram_business_basic"],
        "name": "Café Blau"});
    assert_eq!(read_json(&cli, "settings.json"), settings);

    // With every step done, nothing is asked, and the URLs are printed again.
    let (code, third) = start().finish().await;
    assert!(code == Some(0) && third.contains("https://login.example.test/callback"), "{third}");
    for file in ["setup.json", "settings.json"] {
        cli.scanner().record_log(file, &read_json(&cli, file).to_string());
        let mode = std::fs::metadata(cli.dir().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }

    // A restart asks everything, with the earlier answers as defaults.
    let mut guide = Terminal::start(100, &["setup", "--restart", "--local", &local], &cli.environment());
    guide.answer("[https://login.example.test/]: ", "https://other.example.test").await;
    guide.answer("[instagram_business_basic]: ", "").await;
    guide.answer("Name [Café Blau]: ", "").await;
    guide.answer("Press Enter when you are there.", "").await;
    // Stored credentials are asked for again, too: the secret may have leaked.
    guide.wait_for("Instagram app ID: ").await;
    guide.interrupt();
    assert_eq!(guide.finish().await.0, None);
    assert_eq!(read_json(&cli, "settings.json")["public_url"], "https://other.example.test/");
}

#[tokio::test]
async fn without_a_terminal_the_first_invalid_answer_is_an_error_that_names_the_field() {
    let cli = TestCli::with_file_vault().await;
    for (input, expected) in [
        ("http://shop.example\n", "cannot use the answer to public_url: it must begin with https://"),
        ("https://shop.example\nA\n", "cannot use the answer to scopes: they must be"),
        ("\na\u{202e}b\n", "cannot use the answer to name: it must have at most 60 characters"),
        ("\u{feff} Shop \r\n\n12 34x\n", "cannot use the answer to app_id: it must be the Instagram app ID"),
        ("1234567890123456\n\n", "cannot use the answer to app_secret: it is empty"),
    ] {
        let run = cli.run_with_stdin(&["setup"], input).await.expect_code(1);
        assert!(run.stderr.contains(expected), "{input:?}: {run:?}");
        assert!(run.stderr.contains("hint: run `evertoken setup --local "), "{run:?}");
    }
    let run = cli.run(&["setup"]).await.expect_code(1);
    assert!(run.stderr.contains("the input ended before the setup was complete"), "{run:?}");
    assert_eq!(stored(&cli), None);
}

#[tokio::test]
async fn answers_are_read_with_a_warning_from_a_public_file_and_need_no_secret_twice() {
    let cli = TestCli::with_file_vault().await;
    cli.scanner().register_secret("the Meta app secret", META_SECRET);
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("my answers.json");
    let write = |answers: &Value, mode| {
        std::fs::write(&file, format!("\u{feff}{answers}\r\n")).unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
    };
    let answers = json!({"app_id": ID, "app_secret": SECRET, "public_url": "https://login.example.test", "name": "Shop",
        "scopes": ["instagram_business_basic", "instagram_business_manage_comments"]});
    let arguments = ["setup", "--answers", file.to_str().unwrap()];
    write(&answers, 0o644);
    let run = cli.run(&arguments).await.expect_code(0);
    assert!(run.stderr.starts_with("warning: other users can read "), "{run:?}");
    assert!(run.stderr.contains(&format!("`chmod 600 '{}'`", file.display())), "{run:?}");
    write(&answers, 0o600);
    let run = cli.run(&arguments).await.expect_code(0);
    assert!(!run.stderr.contains("warning"), "{run:?}");
    // A file without the secret may be public. What it leaves out is known.
    write(&json!({"name": "New name"}), 0o644);
    let run = cli.run(&["--json", "setup", "--answers", file.to_str().unwrap()]).await.expect_code(0).json();
    assert_eq!((&run["outcome"], &run["name"]), (&json!("unchanged"), &json!("New name")));
    assert_eq!(run["scopes"], answers["scopes"]);
    assert_eq!(run["redirect_uri"], "https://login.example.test/callback");
    for (answers, reason, has_secret) in [
        (json!({"app_id": "999"}), "\"app_secret\" is missing", false),
        (json!({"app_id": SECRET}), "app_id: this looks", false),
        // The login that this pair is for is not offered, and the pair is checked all the same.
        (json!({"meta_app_secret": META_SECRET}), "\"meta_app_id\" is missing", true),
    ] {
        write(&answers, 0o644);
        let run = cli.run(&arguments).await.expect_code(1);
        assert!(run.stderr.contains(reason), "{run:?}");
        assert_eq!(run.stderr.contains("write {\"meta_app_id\""), has_secret, "{run:?}");
        assert_eq!(run.stderr.contains("warning: other users can read "), has_secret, "{run:?}");
    }
    assert_eq!(read_json(&cli, "settings.json")["name"], "New name");
}

#[tokio::test]
async fn the_next_commands_work_as_printed() {
    let cli = TestCli::with_file_vault().await;
    let public_url = format!("http://{}", ReservedPort::new().address());
    cli.instagram().register_redirect_uri(&format!("{public_url}/callback"));
    let scopes = "instagram_business_basic,instagram_business_manage_comments";
    let answers = json!({"app_id": ID, "app_secret": SECRET, "public_url": public_url, "scopes": scopes});
    let run = cli.run_with_stdin(&["setup", "--answers", "-"], &answers.to_string()).await.expect_code(0);
    let (_, next) = run.stderr.split_once("Setup is complete. Next:\n").unwrap();
    let commands: Vec<&str> = next.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    let [serve, invite, doctor] = commands[..] else { panic!("{next}") };

    let in_shell = |command: &str| {
        ChildProcess::start(Path::new("/bin/sh"), &["-c", &format!("exec {command}")], &cli.environment())
    };
    let service = in_shell(serve);
    wait::until("the service", || service.stdout().contains(&public_url).then_some(())).await;
    let mut process = in_shell(invite);
    assert_eq!(process.wait_for_exit().await, 0, "{}", process.stderr());
    let link: Url = process.stdout().trim_end().parse().unwrap();
    let mut browser = Browser::new(cli.scanner());
    let consent = browser.open(&link).await;
    assert_eq!(http::parameter(&consent.url, "scope"), scopes);
    let callback = browser.consent(&consent, Consent::allow("blue_bottle")).await;
    assert_eq!(browser.open(&callback).await.status, 200);
    assert!(cli.document("my-shop").await.is_some());
    let mut process = in_shell(doctor);
    assert_eq!(process.wait_for_exit().await, 0, "{}{}", process.stdout(), process.stderr());
    assert!(process.stdout().contains("public URL"), "{}", process.stdout());
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_reported_and_written_again() {
    let cli = TestCli::with_file_vault().await;
    let answers = json!({"app_id": ID, "app_secret": SECRET, "public_url": "https://login.example.test"});
    cli.run_with_stdin(&["setup", "--answers", "-"], &answers.to_string()).await.expect_code(0);
    let path = cli.dir().join("settings.json");
    for (text, expected) in [
        ("{", "expected a JSON object"),
        (r#"{"public_url": "http://shop.example"}"#, "public_url must be"),
        (r#"{"public_url": "javascript:alert(1)"}"#, "public_url must be"),
        (r#"{"scopes": ["a&client_id=1"]}"#, "scopes must be"),
        (r#"{"name": "\u001b]0;evil"}"#, "name must have"),
    ] {
        std::fs::write(&path, text).unwrap();
        for command in [["invite"].as_slice(), &["serve", "--port", "0"], &["refresh", "--all"]] {
            let run = cli.run(command).await.expect_code(1);
            assert!(run.stderr.contains("settings.json: ") && run.stderr.contains(expected), "{run:?}");
        }
        let doctor = cli.run(&["doctor"]).await.expect_code(3);
        assert!(doctor.stdout.contains(expected), "{doctor:?}");
        cli.run(&["list"]).await.expect_code(0);
    }
    std::fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
    let run = cli.run(&["invite"]).await.expect_code(1);
    assert!(run.stderr.contains("settings.json"), "{run:?}");
    let run = cli.run_with_stdin(&["setup", "--answers", "-"], &answers.to_string()).await.expect_code(0);
    assert!(run.stderr.contains("It is written again."), "{run:?}");
    // The settings apply, and a variable takes precedence.
    let link = cli.run(&["invite"]).await.expect_code(0).stdout;
    assert!(link.starts_with("https://login.example.test/login?"), "{link}");
    let cli = cli.with_variables(&[("EVERTOKEN_PUBLIC_URL", "https://variable.example.test")]);
    let link = cli.run(&["invite"]).await.expect_code(0).stdout;
    assert!(link.starts_with("https://variable.example.test/login?"), "{link}");
}

#[tokio::test]
async fn what_a_stack_does_not_have_yet_is_deployed_by_the_printed_command() {
    let cli = TestCli::with_secrets_manager().await;
    let stack = DeployedStack::new(cli.deployment(), "https://login.example.test").await;
    let state = tempfile::TempDir::new().unwrap();
    let state_home = [("XDG_STATE_HOME", state.path().to_str().unwrap())];
    let cli = cli.with_variables(&stack.stack_only_variables()).with_variables(&state_home);
    let scopes = "instagram_business_basic,instagram_business_manage_insights";
    let answers = json!({"app_id": ID, "app_secret": SECRET, "scopes": scopes, "name": "Café Blau"});
    let setup = ["setup", "--stack", &stack.name, "--answers", "-"];
    let run = cli.run_with_stdin(&setup, &answers.to_string()).await.expect_code(0);
    assert!(run.stdout.contains("https://login.example.test/callback"), "{run:?}");
    let deploy = format!(
        "sam deploy --stack-name {} --parameter-overrides 'Scopes={scopes}' 'BrandName=\"Café Blau\"'\n",
        stack.name
    );
    assert!(run.stderr.contains(&deploy), "{run:?}");
    assert!(run.stderr.contains(&format!("invite --name my-shop --stack {}\n", stack.name)), "{run:?}");
    assert!(!run.stderr.contains(" serve "), "{run:?}");
    // Until it is deployed, it is kept in a file for this stack alone.
    let file = state.path().join(format!("evertoken/setup-{}.json", stack.name));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    cli.scanner().record_log("the progress of the setup", &std::fs::read_to_string(&file).unwrap());
    let run = cli.run_with_stdin(&setup, "{}").await.expect_code(0);
    assert!(run.stderr.contains("sam deploy") && run.stderr.contains("'BrandName=\"Café Blau\"'"), "{run:?}");
    // Nothing is to be deployed without a difference.
    let cli = cli.with_variables(&[("XDG_STATE_HOME", "")]);
    let run = cli.run_with_stdin(&setup, "{}").await.expect_code(0);
    assert!(!run.stderr.contains("sam deploy"), "{run:?}");

    // A restart asks for what the stack has, too, and only keeps what a variable sets.
    let cli = cli.with_variables(&[("EVERTOKEN_SCOPES", "a"), ("EVERTOKEN_BRAND_NAME", "Shop")]);
    let mut guide = Terminal::start(100, &["setup", "--restart", "--stack", &stack.name], &cli.environment());
    guide.answer("[https://login.example.test/]: ", "https://other.example.test").await;
    guide.wait_for("a, by Shop (set by an environment variable)").await;
    guide.interrupt();
    assert_eq!(guide.finish().await.0, None);
}

const META_ID: &str = "9876543210987654";
const META_SECRET: &str = "fedcba9876543210fedcba9876543210";

#[tokio::test]
async fn setup_stores_the_pair_of_facebook_login_alone_or_next_to_instagrams() {
    let cli = TestCli::with_file_vault().await.with_variables(&[PUBLIC_URL]);
    cli.scanner().register_secret("the Meta app secret", META_SECRET);
    let setup = ["setup", "--provider", "facebook", "--answers", "-"];
    let answers = json!({"meta_app_id": META_ID, "meta_app_secret": META_SECRET, "facebook_config_id": 1_122_334_455_667_788_u64});
    let run = cli.run_with_stdin(&setup, &answers.to_string()).await.expect_code(0);
    insta::assert_snapshot!("the_addresses_for_facebook", run.stdout);
    assert!(run.stderr.contains("Facebook did not reject the Meta app's ID and secret"), "{run:?}");
    let expected = json!({"meta_app_id": META_ID, "meta_app_secret": META_SECRET, "previous_app_secrets": []});
    assert_eq!(stored(&cli).unwrap(), expected);
    let settings = read_json(&cli, "settings.json");
    assert_eq!((&settings["provider"], &settings["scopes"]), (&json!("facebook"), &Value::Null));
    assert_eq!(settings["facebook_config_id"], "1122334455667788");

    // The service offers what the settings say, and Instagram's pair is not needed.
    let service = ServeProcess::start(&["--local", cli.dir().to_str().unwrap()], &cli.environment()).await;
    service.shut_down().await;
    let doctor = cli.run(&["--json", "doctor"]).await;
    assert!(doctor.stdout.contains("the configuration 1122334455667788"), "{doctor:?}");
    assert!(!doctor.stdout.contains("app at Instagram"), "{doctor:?}");

    // Then both. What was stored is not asked again.
    let run = cli.run_with_stdin(&["setup", "--answers", "-"], r#"{"provider": "both"}"#).await.expect_code(1);
    assert!(run.stderr.contains("\"app_id\" is missing"), "{run:?}");
    let answers = json!({"provider": "both", "app_id": ID, "app_secret": SECRET, "facebook_config_id": ""});
    let run =
        cli.run_with_stdin(&["--json", "setup", "--answers", "-"], &answers.to_string()).await.expect_code(0).json();
    assert_eq!((&run["outcome"], &run["meta_outcome"]), (&json!("stored"), &json!("unchanged")));
    assert_eq!((&run["app_id"], &run["meta_app_id"]), (&json!(ID), &json!(META_ID)));
    let both = stored(&cli).unwrap();
    assert_eq!((&both["app_secret"], &both["meta_app_secret"]), (&json!(SECRET), &json!(META_SECRET)));
    assert_eq!(read_json(&cli, "settings.json")["provider"], "both");
}

#[tokio::test]
async fn setup_stores_nothing_if_facebook_rejects_the_pair() {
    let cli = TestCli::with_file_vault().await.with_variables(&[PUBLIC_URL]);
    let wrong = "ffffffffffffffffffffffffffffffff";
    for (id, secret) in [(META_ID, wrong), (ID, META_SECRET)] {
        let answers = json!({"app_id": ID, "app_secret": SECRET, "provider": "both", "meta_app_id": id, "meta_app_secret": secret});
        let run = cli.run_with_stdin(&["setup", "--answers", "-"], &answers.to_string()).await.expect_code(1);
        assert!(
            run.stderr.contains("nothing was stored: Facebook does not accept the Meta app's ID or secret"),
            "{run:?}"
        );
        assert!(run.stderr.contains("copy the app ID and the app secret from App settings > Basic"), "{run:?}");
        assert_eq!(stored(&cli), None);
    }
}

/// Every step of both logins in a terminal.
#[tokio::test]
async fn the_guide_leads_through_both_logins() {
    let cli = TestCli::with_file_vault().await.with_variables(&[PUBLIC_URL]);
    let local = cli.dir().to_str().unwrap().to_owned();
    let mut guide = Terminal::start(90, &["setup", "--provider", "both", "--local", &local], &cli.environment());
    guide.wait_for("Step 1 of 11: Address of the service").await;
    guide.answer("[instagram_business_basic]: ", "").await;
    guide.answer("Name: ", "").await;
    guide.answer("Press Enter when you are there.", "").await;
    guide.answer("Instagram app ID: ", ID).await;
    guide.answer("Instagram app secret (not shown): ", SECRET).await;
    guide.answer("Press Enter when all three are saved.", "").await;
    guide.answer("Press Enter when you are done.", "").await;
    guide.wait_for("Step 7 of 11: Facebook Login in the Meta app").await;
    guide.answer("Press Enter when the app has Facebook Login for Business.", "").await;
    guide.answer("App ID: ", META_SECRET).await;
    guide.wait_for("this looks like the app secret").await;
    guide.answer("App ID: ", META_ID).await;
    guide.answer("App secret (not shown): ", META_SECRET).await;
    guide.wait_for("Facebook did not reject").await;
    guide.wait_for("URL Blocked").await;
    guide.wait_for("Valid OAuth Redirect URI").await;
    guide.answer("Press Enter when all three are saved.", "").await;
    guide.answer("Configuration ID: ", "my config").await;
    guide.wait_for("it must be the ID of a configuration").await;
    guide.answer("Configuration ID: ", "").await;
    guide.wait_for("Step 11 of 11: People who can log in through Facebook").await;
    guide.answer("Press Enter when you are done.", "").await;
    guide.wait_for("Setup is complete. Next:").await;
    let (code, screen) = guide.finish().await;
    assert_eq!(code, Some(0), "{screen}");
    assert!(!screen.contains(SECRET), "{screen}");
    let settings = read_json(&cli, "settings.json");
    assert_eq!((&settings["provider"], &settings["facebook_config_id"]), (&json!("both"), &json!("")));
    // Nothing is asked twice, and the option is remembered.
    let guide = Terminal::start(90, &["setup", "--local", &local], &cli.environment());
    let (code, screen) = guide.finish().await;
    assert!(code == Some(0) && screen.contains("Step 11 of 11") && screen.contains("no configuration"), "{screen}");
    let guide = Terminal::start(90, &["setup", "--provider", "facebook", "--local", &local], &cli.environment());
    let (code, screen) = guide.finish().await;
    assert!(code == Some(0) && screen.contains("Step 7 of 7") && !screen.contains("Instagram app ID:"), "{screen}");

    // A stored pair that Facebook no longer accepts is asked for again.
    let mut app = stored(&cli).unwrap();
    app["meta_app_secret"] = "ffffffffffffffffffffffffffffffff".into();
    std::fs::write(cli.dir().join("app.json"), app.to_string()).unwrap();
    let mut guide = Terminal::start(90, &["setup", "--local", &local], &cli.environment());
    guide.wait_for("Not accepted: nothing was stored: Facebook does not accept").await;
    guide.answer("App ID: ", META_ID).await;
    guide.answer("App secret (not shown): ", META_SECRET).await;
    let (code, screen) = guide.finish().await;
    assert!(code == Some(0) && !screen.contains(META_SECRET), "{screen}");
    let app = stored(&cli).unwrap();
    assert_eq!((&app["app_secret"], &app["meta_app_secret"]), (&json!(SECRET), &json!(META_SECRET)));

    // A restart keeps the choice of logins, which is not a question.
    let mut guide = Terminal::start(90, &["setup", "--restart", "--local", &local], &cli.environment());
    guide.wait_for("Step 1 of 7: Address of the service").await;
    guide.wait_for("Name: ").await;
    guide.interrupt();
    assert_eq!(guide.finish().await.0, None);
}
