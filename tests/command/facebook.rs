//! Commands over accounts of Facebook Login: `import`, `debug`, `refresh`, `token`, `doctor`, and `serve --sandbox`.

use evertoken_sandbox::{FacebookTokenKind, FacebookTokenRequest, Settings};
use evertoken_tests::browser::Browser;
use evertoken_tests::http::{self, Request};
use evertoken_tests::serve_process::ServeProcess;
use evertoken_tests::test_cli::{CommandRun, TestCli};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};
use url::Url;

const IMPORT: [&str; 4] = ["import", "my-shop", "--provider", "facebook"];

/// A command whose app secret contains the Meta app's pair.
async fn with_meta_app() -> TestCli {
    let settings = Settings::default();
    let app = json!({"app_id": settings.app_id, "app_secret": settings.app_secret, "meta_app_id": settings.meta_app_id,
        "meta_app_secret": settings.meta_app_secret});
    let cli = TestCli::with_file_vault().await.with_variables(&[("EVERTOKEN_APP_SECRET", &app.to_string())]);
    cli.scanner().register_secret("the Meta app secret", &settings.meta_app_secret);
    cli
}

/// Creates a token, which no output may contain.
fn token(cli: &TestCli, person: &str, kind: FacebookTokenKind) -> String {
    let request = FacebookTokenRequest::new(person, kind);
    let token = cli.instagram().sandbox().create_facebook_token(request).unwrap();
    cli.scanner().register_secret("a token of Facebook Login", &token);
    token
}

/// A system user with the pages of `three_pages`.
async fn system_user_with_three_pages(cli: &TestCli) -> String {
    let person = format!("{}/_sandbox/facebook/persons/three_pages", cli.instagram().origin());
    let response = http::client().patch(person).json(&json!({"kind": "system_user"})).send().await.unwrap();
    assert!(response.status().is_success(), "{response:?}");
    token(cli, "three_pages", FacebookTokenKind::SystemUser)
}

fn redacted(run: &CommandRun, cli: &TestCli) -> String {
    let is_date = |word: &str| word.bytes().filter(u8::is_ascii_digit).count() == 8 && word.matches('-').count() == 2;
    let line = |line: &str| {
        line.split(' ').map(|word| if is_date(word) { "DATE" } else { word }).collect::<Vec<_>>().join(" ")
    };
    let text = run.stdout.lines().map(line).collect::<Vec<_>>().join("\n");
    text.replace(cli.dir().to_str().unwrap(), "DIR")
}

#[tokio::test]
async fn a_page_token_is_imported_explained_and_checked() {
    let cli = with_meta_app().await;
    let token = token(&cli, "one_page", FacebookTokenKind::Page);
    let run = cli.run_with_stdin(&["debug"], &token).await.expect_code(0);
    insta::assert_snapshot!("a_pasted_page_token", redacted(&run, &cli));
    cli.run_with_stdin(&IMPORT, &token).await.expect_code(0);
    let document = cli.document("my-shop").await.unwrap();
    assert_eq!((&document["provider"], &document["token_kind"]), (&json!("facebook"), &json!("page")));
    assert_eq!((&document["username"], &document["expires_at"]), (&json!("blue_bottle"), &Value::Null));

    let run = cli.run(&["debug", "my-shop"]).await.expect_code(0);
    insta::assert_snapshot!("a_stored_page_token", redacted(&run, &cli));
    let report = cli.run(&["--json", "debug", "my-shop"]).await.expect_code(0).json();
    assert_eq!((&report["valid"], &report["family"]), (&json!(true), &json!("facebook_login")));
    assert_eq!((&report["facebook"]["type"], &report["stored_as"]), (&json!("PAGE"), &json!("my-shop")));
    let pasted = cli.run_with_stdin(&["--json", "debug"], &token).await.expect_code(0).json();
    assert_eq!(pasted["stored_as"], "my-shop");
    // Instagram's host was never asked.
    assert_eq!(cli.instagram().request_count("me").await, 0);

    // A forced refresh is a check, and the token does not change.
    cli.run(&["refresh", "my-shop", "--force"]).await.expect_code(0);
    let run = cli.run_without_scan(&["token", "my-shop"], "").await.expect_code(0);
    assert_eq!(run.stdout.trim_end(), token);
    let run = cli.run_without_scan(&["token", "my-shop", "--min-life", "20d"], "").await.expect_code(0);
    assert_eq!(run.stdout.trim_end(), token);
    let list = cli.run(&["list"]).await.expect_code(0);
    // 90 within the second of the login.
    assert!([" 89 ", " 90 "].iter().any(|days| list.stdout.contains(days)), "{list:?}");
    assert!(!list.stdout.contains("12-31 23:59"), "{list:?}");
    let show = cli.run(&["show", "my-shop"]).await.expect_code(0);
    assert!(!show.stdout.contains("9999"), "{show:?}");

    // The person changes the password: debug and a check say the same.
    let person = format!("{}/_sandbox/facebook/persons/one_page", cli.instagram().origin());
    http::client().patch(person).json(&json!({"password_changed": true})).send().await.unwrap();
    let run = cli.run(&["debug", "my-shop"]).await.expect_code(3);
    assert!(run.stdout.contains("Valid          no") && run.stdout.contains("subcode 460"), "{run:?}");
    assert!(run.stdout.contains("evertoken invite --name my-shop --provider facebook"), "{run:?}");
    cli.run(&["refresh", "my-shop", "--force"]).await.expect_code(3);
    assert_eq!(cli.document("my-shop").await.unwrap()["health"]["state"], "login_required");
    let run = cli.run(&["token", "my-shop", "--min-life", "7d"]).await.expect_code(1);
    assert!(run.stderr.contains("error: the token of my-shop was not refreshed\n"), "{run:?}");
}

#[tokio::test]
async fn dates_are_for_tokens_of_instagram_only() {
    let cli = TestCli::with_file_vault().await;
    for option in ["--issued", "--expires"] {
        let run = cli.run_with_stdin(&[&IMPORT[..], &[option, "now"]].concat(), "").await.expect_code(2);
        assert!(run.stderr.contains("cannot be combined with --provider facebook"), "{run:?}");
    }
}

#[tokio::test]
async fn a_system_users_token_is_imported_for_one_of_its_accounts() {
    let cli = with_meta_app().await;
    let undated = token(&cli, "system_user", FacebookTokenKind::SystemUser);
    let run = cli.run_with_stdin(&["debug"], &undated).await.expect_code(0);
    assert!(run.stdout.contains("@studio_north") && run.stdout.contains("no person has to log in again"), "{run:?}");
    cli.run_with_stdin(&IMPORT, &undated).await.expect_code(0);
    let document = cli.document("my-shop").await.unwrap();
    assert_eq!((&document["token_kind"], &document["expires_at"]), (&json!("system_user"), &Value::Null));
    let dated = token(&cli, "system_user", FacebookTokenKind::SystemUserFor60Days);
    let run = cli.run_with_stdin(&["debug"], &dated).await.expect_code(0);
    assert!(run.stdout.contains("unless it is renewed, which Evertoken does"), "{run:?}");
    cli.run_with_stdin(&["import", "dated", "--provider", "facebook"], &dated).await.expect_code(0);
    assert_ne!(cli.document("dated").await.unwrap()["expires_at"], Value::Null);

    let several = system_user_with_three_pages(&cli).await;
    let run = cli.run_with_stdin(&["debug"], &several).await.expect_code(0);
    for account in ["@blue_bottle (17841405793187218)", "@corner_bakery", "@maya.makes"] {
        assert!(run.stdout.contains(account), "{account}: {run:?}");
    }
    assert!(run.stdout.contains("--account ACCOUNT_ID"), "{run:?}");
    let report = cli.run_with_stdin(&["--json", "debug"], &several).await.expect_code(0).json();
    assert_eq!((report["accounts"].as_array().unwrap().len(), &report["username"]), (3, &Value::Null));
    let import = ["import", "bakery", "--provider", "facebook"];
    let run = cli.run_with_stdin(&import, &several).await.expect_code(1);
    assert!(run.stderr.contains("gives access to several accounts: @"), "{run:?}");
    let with_account = |account| [import.as_slice(), &["--account", account]].concat();
    let run = cli.run_with_stdin(&with_account("17841405793187299"), &several).await.expect_code(1);
    assert!(run.stderr.contains(", not to this account"), "{run:?}");
    assert_eq!(cli.document("bakery").await, None);
    cli.run_with_stdin(&with_account("17841405793187219"), &several).await.expect_code(0);
    assert_eq!(cli.document("bakery").await.unwrap()["username"], "corner_bakery");
}

#[tokio::test]
async fn an_import_overwrites_another_account_only_with_the_replace_flag_and_never_takes_its_id() {
    let cli = with_meta_app().await;
    cli.add_account("my-shop", Duration::days(5)).await;
    let before = cli.document("my-shop").await.unwrap();
    let token = token(&cli, "system_user", FacebookTokenKind::SystemUser);
    let run = cli.run_with_stdin(&IMPORT, &token).await.expect_code(1);
    let reason = "my-shop is @blue_bottle, and this token belongs to @studio_north";
    assert!(run.stderr.contains(reason) && run.stderr.contains("--replace"), "{run:?}");
    assert_eq!(cli.document("my-shop").await.unwrap(), before);
    let run = cli.run_with_stdin(&[&IMPORT[..], &["--replace"]].concat(), &token).await.expect_code(0);
    assert!(run.stdout.starts_with("my-shop replaced: @studio_north"), "{run:?}");
    assert_eq!(cli.document("my-shop").await.unwrap()["username"], "studio_north");

    let id_of_another = before["account_id"].as_str().unwrap();
    let run = cli.run_with_stdin(&["import", id_of_another, "--provider", "facebook"], &token).await.expect_code(1);
    assert!(run.stderr.contains("is the account ID of another account"), "{run:?}");
    assert_eq!(cli.document(id_of_another).await, None);
}

#[tokio::test]
async fn tokens_that_end_with_a_persons_are_explained_and_not_imported() {
    let cli = with_meta_app().await;
    for (kind, explanation, refusal) in [
        (FacebookTokenKind::User, "The token of a person. It ends on", "this is the token of a person"),
        (FacebookTokenKind::ShortLivedUser, "The token of a person. It ends on", "this is the token of a person"),
        (FacebookTokenKind::ShortLivedPage, "made with a short-lived token of a person", "stops working within hours"),
    ] {
        let token = token(&cli, "one_page", kind);
        let run = cli.run_with_stdin(&["debug"], &token).await.expect_code(0);
        assert!(run.stdout.contains(explanation) && run.stdout.contains("Do not import it."), "{run:?}");
        assert!(run.stdout.contains("evertoken invite --name NAME --provider facebook"), "{run:?}");
        let run = cli.run_with_stdin(&IMPORT, &token).await.expect_code(1);
        assert!(run.stderr.contains(refusal), "{run:?}");
        assert_eq!(cli.document("my-shop").await, None);
    }
    // An app's token contains its secret.
    let settings = Settings::default();
    let app_token = format!("{}|{}", settings.meta_app_id, settings.meta_app_secret);
    let run = cli.run_with_stdin(&["debug"], &app_token).await;
    assert!(run.stdout.contains("The token of an app, which contains the app secret"), "{run:?}");
    assert!(!run.stdout.contains('@') && run.stdout.contains("Facebook"), "{run:?}");
    assert_eq!(cli.instagram().request_count("me").await, 0);
}

#[tokio::test]
async fn without_the_meta_app_debug_tells_the_kind_and_how_to_learn_the_account() {
    let cli = TestCli::with_file_vault().await;
    let app = format!("{}/_sandbox/facebook/app", cli.instagram().origin());
    http::client().patch(app).json(&json!({"require_proof": false})).send().await.unwrap();
    let token = token(&cli, "one_page", FacebookTokenKind::Page);
    let run = cli.run_with_stdin(&["debug"], &token).await.expect_code(0);
    assert!(run.stdout.contains("Account        not known: the app secret has no meta_app_id"), "{run:?}");
    assert!(run.stdout.contains("The token of a page.") && run.stdout.contains("setup --provider both"), "{run:?}");
    let run = cli.run_with_stdin(&IMPORT, &token).await.expect_code(1);
    assert!(run.stderr.contains("meta_app_id"), "{run:?}");
}

/// The state and the text of a finding of `doctor`.
fn finding(run: &CommandRun, subject: &str) -> (String, String) {
    let findings = run.json();
    let finding = findings.as_array().unwrap().iter().find(|finding| finding["subject"] == subject).cloned();
    let finding = finding.unwrap_or_else(|| panic!("no finding about {subject}: {run:?}"));
    let text = format!("{} {}", finding["text"].as_str().unwrap(), finding["remedy"].as_str().unwrap_or_default());
    (finding["state"].as_str().unwrap().to_owned(), text)
}

#[tokio::test]
async fn doctor_checks_the_meta_app_and_the_time_until_access_to_data_ends() {
    let public_url = ("EVERTOKEN_PUBLIC_URL", "https://login.example.test");
    let cli = with_meta_app().await.with_variables(&[("EVERTOKEN_PROVIDER", "both"), public_url]);
    cli.run_with_stdin(&IMPORT, &token(&cli, "one_page", FacebookTokenKind::Page)).await.expect_code(0);
    let run = cli.run(&["--json", "doctor"]).await;
    let (state, text) = finding(&run, "app at Facebook");
    assert!(state == "ok" && text.contains("Facebook did not reject the Meta app's ID and secret"), "{text}");
    let (state, text) = finding(&run, "Facebook redirect URI");
    assert!(state == "ok" && text.contains("https://login.example.test/callback"), "{text}");
    assert!(finding(&run, "Facebook permissions").1.contains("instagram_basic,pages_show_list"));
    let (state, text) = finding(&run, "account my-shop");
    let days = ["89 days", "90 days"].map(|days| format!("{days} until access to data ends"));
    assert!(state == "ok" && days.iter().any(|days| text.contains(days)), "{text}");
    let shown = cli.run(&["doctor"]).await;
    assert!(
        shown.stderr.contains("Valid OAuth Redirect URIs must list https://login.example.test/callback"),
        "{shown:?}"
    );

    for (days, state) in [(20, "warning"), (4, "problem")] {
        let mut document = cli.document("my-shop").await.unwrap();
        let end = OffsetDateTime::now_utc() + Duration::days(days) + Duration::hours(1);
        document["data_access_expires_at"] = end.format(&time::format_description::well_known::Rfc3339).unwrap().into();
        cli.put_document("my-shop", &document.to_string()).await;
        let run = cli.run(&["--json", "doctor"]).await;
        let (actual, text) = finding(&run, "account my-shop");
        assert!(actual == state && text.contains(&format!("ends in {days} days")), "{actual}: {text}");
        assert!(text.contains("evertoken invite --name my-shop --provider facebook"), "{text}");
    }

    let wrong = json!({"app_id": "1234567890123456", "app_secret": "0123456789abcdef0123456789abcdef",
        "meta_app_id": "9876543210987654", "meta_app_secret": "ffffffffffffffffffffffffffffffff"});
    let cli = cli.with_variables(&[("EVERTOKEN_APP_SECRET", &wrong.to_string())]);
    let (state, text) = finding(&cli.run(&["--json", "doctor"]).await, "app at Facebook");
    assert!(state == "problem" && text.contains("App settings > Basic"), "{text}");
    let instagram_only = json!({"app_id": "1234567890123456", "app_secret": "0123456789abcdef0123456789abcdef"});
    let cli = cli.with_variables(&[("EVERTOKEN_APP_SECRET", &instagram_only.to_string())]);
    let (state, text) = finding(&cli.run(&["--json", "doctor"]).await, "app at Facebook");
    assert!(state == "problem" && text.contains("evertoken setup --provider both"), "{text}");
    // Nobody asks about Facebook where it is not offered.
    let cli = cli.with_variables(&[("EVERTOKEN_PROVIDER", "instagram")]);
    let run = cli.run(&["--json", "doctor"]).await;
    assert!(!run.stdout.contains("Facebook redirect URI") && !run.stdout.contains("app at Facebook"), "{run:?}");
}

#[tokio::test]
async fn a_sandbox_with_both_logins_offers_two_buttons_and_keeps_the_account_of_a_page() {
    let cli = TestCli::with_file_vault().await;
    let dir = TempDir::new().unwrap();
    let local = dir.path().to_str().unwrap();
    let both = [("EVERTOKEN_PROVIDER".to_owned(), "both".to_owned())];
    let service = ServeProcess::start(&["--sandbox", "--local", local], &both).await;
    let mut browser = Browser::new(cli.scanner());
    let home = browser.get(&service.url).await;
    for login in ["instagram", "facebook"] {
        assert!(home.body.contains(&format!("/login?provider={login}\"")), "{}", home.body);
    }
    let start = service.url.join("/login?provider=facebook").unwrap();
    let dialog = browser.get(&start).await.location().unwrap();
    assert!(dialog.path().ends_with("/dialog/oauth"), "{dialog}");
    let mut form: Vec<(String, String)> = dialog.query_pairs().into_owned().collect();
    form.extend(
        [("person", "one_page"), ("page", "100641205793101"), ("decision", "allow")]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let mut action: Url = dialog.clone();
    action.set_query(None);
    let request = Request { form, ..Request::get(&action).method(Method::POST) };
    let mut callback = browser.send(&request).await.location().unwrap();
    callback.set_fragment(None);
    let done = browser.open(&callback).await;
    assert_eq!(done.status, 200, "{}", done.body);

    let run = async |arguments: &[&str], code| {
        let arguments = [arguments, &["--local", local]].concat();
        evertoken_tests::test_cli::run(&arguments, &[], "").await.expect_code(code)
    };
    let accounts = run(&["--json", "list"], 0).await.json();
    let name = accounts[0]["name"].as_str().unwrap();
    // The commands know the sandbox's Meta app.
    run(&["refresh", name, "--force"], 0).await;
    let debug = run(&["debug", name], 0).await;
    assert!(debug.stdout.contains("@blue_bottle") && debug.stdout.contains("The token of a page."), "{debug:?}");
    service.shut_down().await;
    // A new sandbox accepts the token.
    let service = ServeProcess::start(&["--sandbox", "--local", local], &[]).await;
    run(&["refresh", name, "--force"], 0).await;
    service.shut_down().await;
}
