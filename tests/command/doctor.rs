//! `evertoken doctor`.

use std::os::unix::fs::PermissionsExt;

use evertoken_tests::deployed_stack::DeployedStack;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::serve_process::ServeProcess;
use evertoken_tests::test_cli::{CommandRun, TestCli};
use serde_json::{Value, json};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

/// Ten days, plus an hour so that a slow test does not change the number of whole days.
const TEN_DAYS: Duration = Duration::hours(241);

/// A public URL where nothing listens.
const UNREACHABLE_URL: (&str, &str) = ("EVERTOKEN_PUBLIC_URL", "http://127.0.0.1:9");

/// Returns the state and the text of the finding about a subject.
fn finding(run: &CommandRun, subject: &str) -> (String, String) {
    let findings = run.json();
    let all = findings.as_array().unwrap();
    let finding = all.iter().find(|finding| finding["subject"] == subject);
    let finding: &Value = finding.unwrap_or_else(|| panic!("no finding about {subject}: {run:?}"));
    let text = format!("{} {}", finding["text"].as_str().unwrap(), finding["remedy"].as_str().unwrap_or_default());
    (finding["state"].as_str().unwrap().to_owned(), text)
}

fn assert_finding(run: &CommandRun, subject: &str, state: &str, word: &str) {
    let (actual, text) = finding(run, subject);
    assert!(actual == state && text.contains(word), "{subject} is {actual}: {text}; expected {state}: {word}");
}

/// Starts a service of the same version, and returns it with its public URL.
async fn serve(dir: &TempDir) -> (ServeProcess, String) {
    let service = ServeProcess::start(&["--sandbox", "--local", dir.path().to_str().unwrap()], &[]).await;
    let url = service.url.as_str().trim_end_matches('/').to_owned();
    (service, url)
}

#[tokio::test]
async fn doctor_passes_a_healthy_folder_and_suggests_fixes_for_problems() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("my-shop", TEN_DAYS).await;
    std::fs::set_permissions(cli.dir().join("accounts"), std::fs::Permissions::from_mode(0o700)).unwrap();
    let run = cli.run(&["--json", "doctor"]).await.expect_code(0);
    assert_finding(&run, "account my-shop", "ok", "49 days left");
    assert_finding(&run, "app secret", "warning", "evertoken setup --local");
    assert_finding(&run, "renewal", "warning", "nothing has renewed the tokens");
    let record = cli.dir().join("last-run.json");
    for (at, state, word) in [
        (OffsetDateTime::now_utc(), "ok", "the last run was at"),
        (OffsetDateTime::now_utc() - Duration::hours(27), "problem", "evertoken serve --local"),
        (OffsetDateTime::now_utc() + Duration::hours(27), "problem", "check the clock of this machine"),
    ] {
        let at = at.format(&time::format_description::well_known::Rfc3339).unwrap();
        std::fs::write(&record, json!({"at": at}).to_string()).unwrap();
        let run = cli.run(&["--json", "doctor"]).await;
        assert_finding(&run, "renewal", state, word);
    }
    std::fs::remove_file(&record).unwrap();

    cli.add_account("old-shop", Duration::days(57)).await;
    let mut dead = cli.document("my-shop").await.unwrap();
    dead["name"] = "dead-shop".into();
    dead["health"] = json!({"state": "login_required", "since": "2026-11-20T05:00:00Z", "code": 190, "subcode": 460,
        "message": "The password was changed."});
    cli.put_document("dead-shop", &dead.to_string()).await;
    cli.put_document("nonsense", "{}").await;
    std::fs::set_permissions(cli.dir().join("accounts"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = cli.run(&["--json", "doctor"]).await.expect_code(3);
    assert_finding(&run, "folder", "warning", "It is private now");
    let vault = format!("--local {}", cli.dir().display());
    assert_finding(&run, "account old-shop", "problem", &format!("evertoken refresh old-shop {vault}; if that fails"));
    let invite = format!("Send the owner a link: evertoken invite --name dead-shop {vault}");
    assert_finding(&run, "account dead-shop", "problem", &format!("The password was changed. {invite}"));
    assert_finding(&run, "account nonsense", "problem", "not an account document");
    let text = cli.run(&["doctor"]).await.expect_code(3);
    assert!(text.stdout.contains("\nAccounts\nPROBLEM  account dead-shop: "), "{text:?}");
    assert!(text.stderr.contains("Problems: "), "{text:?}");
    cli.run(&["doctor", "--stack", "other"]).await.expect_code(3);
}

#[tokio::test]
async fn doctor_judges_an_account_by_its_health_its_time_left_and_its_failures() {
    let cli = TestCli::with_file_vault().await;
    let health = |state: &str| json!({"state": state, "since": "2026-11-20T05:00:00Z", "code": 190, "message": "Why."});
    for (days, state, failures, expected, word, code) in [
        (30, "healthy", 0, "ok", "@blue_bottle is healthy, 30 days left", 0),
        (30, "healthy", 1, "warning", "the last attempt failed", 0),
        (30, "healthy", 2, "warning", "the last 2 attempts failed", 0),
        (14, "healthy", 0, "ok", "14 days left", 0),
        (13, "healthy", 0, "warning", "13 days left: refreshing it fails", 0),
        (10, "healthy", 2, "warning", "10 days left: refreshing it fails", 0),
        (5, "healthy", 0, "warning", "5 days left: refreshing it fails", 0),
        (4, "healthy", 0, "problem", "4 days left", 3),
        (30, "attention", 0, "problem", "@blue_bottle needs its owner, 30 days left. Why.", 3),
        (30, "login_required", 0, "problem", "@blue_bottle needs a new login, 30 days left. Why.", 3),
    ] {
        // An hour more, so that a slow test does not change the number of whole days.
        cli.add_account("my-shop", Duration::days(60 - days) - Duration::HOUR).await;
        let mut document = cli.document("my-shop").await.unwrap();
        document["health"] = health(state);
        document["last_attempt"]["failures"] = failures.into();
        cli.put_document("my-shop", &document.to_string()).await;
        let run = cli.run(&["--json", "doctor"]).await.expect_code(code);
        assert_finding(&run, "account my-shop", expected, word);
    }
}

#[tokio::test]
async fn doctor_collapses_what_is_fine_and_has_colors_on_terminals_only() {
    let cli = TestCli::with_file_vault().await;
    for name in ["shop-at", "shop-de"] {
        cli.add_account(name, TEN_DAYS).await;
        let mut document = cli.document(name).await.unwrap();
        // Another Instagram account each.
        document["account_id"] = format!("1784140579318{}", name.len() + usize::from(name == "shop-de")).into();
        cli.put_document(name, &document.to_string()).await;
    }
    let collapsed = cli.run(&["doctor"]).await.expect_code(0);
    assert!(collapsed.stdout.contains("\nAccounts\nok       2 healthy accounts\n"), "{collapsed:?}");
    assert!(collapsed.stdout.starts_with("Service\nwarning  app secret: "), "{collapsed:?}");
    assert!(collapsed.stdout.contains("\nok       configuration, folder, signing secret, scopes\n"), "{collapsed:?}");
    assert!(!collapsed.stdout.contains('\u{1b}') && !collapsed.stdout.contains("49 days left"), "{collapsed:?}");
    assert!(collapsed.stderr.contains("--verbose shows 6 checks that passed as well."), "{collapsed:?}");
    let all = cli.run(&["doctor", "--verbose"]).await.expect_code(0);
    assert!(all.stdout.contains("ok       account shop-de: @blue_bottle is healthy, 49 days left"), "{all:?}");
    assert!(!all.stderr.contains("--verbose"), "{all:?}");
    // A crontab line and a command that can be pasted, each on a line of its own.
    let remedies: Vec<&str> = all.stdout.lines().filter(|line| line.contains("-> ")).collect();
    let dir = cli.dir().display();
    assert!(remedies.iter().any(|line| line.ends_with(&format!("evertoken serve --local {dir}"))), "{all:?}");
    assert!(remedies.iter().any(|line| line.ends_with(&format!("evertoken refresh --all --local {dir}"))), "{all:?}");
    // CLICOLOR_FORCE simulates a terminal.
    let cli = cli.with_variables(&[("CLICOLOR_FORCE", "1")]);
    let colored = cli.run(&["doctor"]).await.expect_code(0).stdout;
    assert!(colored.contains("\u{1b}[33mwarning\u{1b}[0m") && colored.contains("\u{1b}[32mok"), "{colored:?}");
    let cli = cli.with_variables(&[("NO_COLOR", "1")]);
    assert_eq!(cli.run(&["doctor"]).await.expect_code(0).stdout, collapsed.stdout);
}

#[tokio::test]
async fn doctor_notices_retired_scopes_and_an_account_under_several_names() {
    let cli = TestCli::with_file_vault().await;
    for name in ["shop-at", "shop-de"] {
        cli.add_account(name, TEN_DAYS).await;
    }
    let mut document = cli.document("shop-de").await.unwrap();
    document["scopes"] = json!(["business_basic"]);
    cli.put_document("shop-de", &document.to_string()).await;
    let run = cli.run(&["--json", "doctor"]).await.expect_code(0);
    assert_finding(&run, "same account", "warning", "shop-at, shop-de are the same Instagram account");
    let vault = format!("--local {}", cli.dir().display());
    let (_, text) = finding(&run, "same account");
    assert!(text.contains(&format!("\nevertoken remove shop-at {vault}\nevertoken remove shop-de {vault}")), "{text}");
    assert_finding(&run, "retired scopes", "warning", "1 account granted scopes that Meta has retired: shop-de");
    assert_finding(&run, "scopes", "ok", "no retired name");
    let groups: Vec<_> = run.json().as_array().unwrap().iter().map(|each| each["group"].clone()).collect();
    assert_eq!((&groups[0], groups.last().unwrap()), (&json!("service"), &json!("renewal")), "{run:?}");
    let cli = cli.with_variables(&[("EVERTOKEN_SCOPES", "business_basic")]);
    let run = cli.run(&["--json", "doctor"]).await.expect_code(3);
    assert_finding(&run, "scopes", "problem", "export EVERTOKEN_SCOPES=instagram_business_basic");
}

#[tokio::test]
async fn doctor_reports_a_missing_folder_and_an_invalid_variable() {
    let cli = TestCli::with_file_vault().await.with_variables(&[("EVERTOKEN_REFRESH_AFTER_DAYS", "soon")]);
    std::fs::remove_dir_all(cli.dir().join("accounts")).unwrap();
    let run = cli.run(&["--json", "doctor"]).await.expect_code(3);
    assert_finding(&run, "configuration", "problem", "EVERTOKEN_REFRESH_AFTER_DAYS is \"soon\"");
    assert_finding(&run, "folder", "problem", "does not exist");
}

#[tokio::test]
async fn doctor_checks_the_app_secret_locally_and_at_instagram() {
    let cli = TestCli::with_secrets_manager().await.with_variables(&[UNREACHABLE_URL]);
    let (id, secret) = ("1234567890123456", "0123456789abcdef0123456789abcdef");
    let table = [
        (json!({"app_id": id, "app_secret": secret}), "ok", "contains an ID and a secret"),
        (json!({"app_id": id, "app_secret": format!("{secret}\n")}), "warning", "whitespace"),
        (json!({"app_id": id, "app_secret": ""}), "problem", "never filled in"),
        (json!({"app_id": id, "app_secret": "REPLACE_ME"}), "problem", "never filled in"),
        (json!({"app_id": "my app", "app_secret": secret}), "problem", "digits only"),
        (json!({"id": id, "secret": secret}), "problem", "evertoken setup"),
        (json!({"app_id": id, "app_secret": "short"}), "warning", "32 hexadecimal digits"),
    ];
    for (app, state, word) in table {
        cli.deployment().put_app_credentials(&app).await;
        let run = cli.run(&["--json", "doctor"]).await;
        assert_finding(&run, "app secret", state, word);
    }
    assert_finding(&cli.run(&["--json", "doctor"]).await, "app at Instagram", "problem", "App settings > Basic");
    cli.deployment().put_app_credentials(&json!({"app_id": id, "app_secret": secret})).await;
    let run = cli.run(&["--json", "doctor"]).await.expect_code(3);
    assert_finding(&run, "app at Instagram", "ok", "only a login proves");
    assert_finding(&run, "signing secret", "ok", "is valid");
    assert_finding(&run, "public URL", "problem", "is unreachable");
    assert_finding(&run, "stack", "warning", "--stack NAME");
}

#[tokio::test]
async fn doctor_checks_every_part_of_a_deployed_stack() {
    let dir = TempDir::new().unwrap();
    let (_service, url) = serve(&dir).await;
    let cli = TestCli::with_secrets_manager().await;
    let stack = DeployedStack::new(cli.deployment(), &url).await;
    stack.record_run(OffsetDateTime::now_utc() - Duration::hours(3)).await;
    let cli = cli.with_variables(&stack.stack_only_variables()).with_variables(&[("EVERTOKEN_STACK", &stack.name)]);
    cli.add_account("my-shop", TEN_DAYS).await;
    let run = cli.run(&["--json", "doctor"]).await.expect_code(0);
    for (subject, state, word) in [
        ("AWS credentials", "ok", "accepts them"),
        ("stack", "ok", "is deployed"),
        ("app secret", "ok", "contains an ID"),
        ("signing secret", "ok", "is valid"),
        ("public URL", "ok", "is reachable, version"),
        ("redirect URI", "warning", "/callback is not https"),
        ("schedule", "ok", "is enabled, rate(6 hours)"),
        ("last run", "ok", "20"),
        ("dead-letter queue DeadLetterQueue", "ok", "empty"),
        ("alarms", "ok", "1 configured"),
        ("alarm subscription", "ok", "confirmed"),
        ("account my-shop", "ok", "49 days left"),
    ] {
        assert_finding(&run, subject, state, word);
    }
    // The other commands read their settings from the stack too.
    assert!(cli.run(&["list"]).await.expect_code(0).stdout.contains("my-shop"));
    let invite = cli.run_without_scan(&["invite", "--name", "my-shop"], "").await.expect_code(0);
    assert!(invite.stdout.starts_with(&format!("{url}/login?invite=")), "{invite:?}");

    stack.disable_schedule().await;
    stack.add_dead_letter().await;
    stack.leave_subscription_pending();
    let run = cli.run(&["--json", "doctor"]).await.expect_code(3);
    assert_finding(&run, "schedule", "problem", "is disabled");
    assert_finding(&run, "last run", "ok", "none is due");
    assert_finding(&run, "dead-letter queue DeadLetterQueue", "problem", "1 run failed");
    assert_finding(&run, "alarm subscription", "problem", "click its link");
}

#[tokio::test]
async fn doctor_detects_a_build_that_the_deployed_functions_cannot_run() {
    let cli = TestCli::with_secrets_manager().await;
    let stack = DeployedStack::new(cli.deployment(), UNREACHABLE_URL.1).await;
    let folder = TempDir::new().unwrap();
    let cli = cli.with_variables(&[UNREACHABLE_URL]).in_folder(folder.path());
    let cli = cli.with_variables(&[("EVERTOKEN_STACK", &stack.name), ("AWS_ENDPOINT_URL", stack.endpoint())]);
    let run = cli.run(&["--json", "doctor"]).await;
    assert!(!run.stdout.contains("architecture"), "nothing is built in this folder: {run:?}");

    let built = folder.path().join(".aws-sam/build/RefreshFunction");
    std::fs::create_dir_all(&built).unwrap();
    // The beginning of an ELF header: the byte at 18 is the machine.
    let program = |machine: u8| [b"\x7fELF\x02\x01\x01".as_slice(), &[0; 9], &[3, 0, machine, 0]].concat();
    std::fs::write(built.join("bootstrap"), program(0x3e)).unwrap();
    let run = cli.run(&["--json", "doctor"]).await;
    assert_finding(&run, "architecture", "ok", "RefreshFunction is deployed and built for x86_64");
    std::fs::write(built.join("bootstrap"), program(0xb7)).unwrap();
    let run = cli.run(&["--json", "doctor"]).await.expect_code(3);
    assert_finding(&run, "architecture", "problem", "contains a build for arm64");
    assert_finding(&run, "architecture", "problem", "make architecture ARCHITECTURE=x86_64");
}

#[tokio::test]
async fn doctor_detects_a_schedule_that_has_stopped() {
    let cli = TestCli::with_secrets_manager().await;
    let stack = DeployedStack::new(cli.deployment(), UNREACHABLE_URL.1).await;
    let cli = cli.with_variables(&[UNREACHABLE_URL]);
    let cli = cli.with_variables(&[("EVERTOKEN_STACK", &stack.name), ("AWS_ENDPOINT_URL", stack.endpoint())]);
    let run = cli.run(&["--json", "doctor"]).await;
    assert_finding(&run, "last run", "ok", "none yet; the first one starts by 20");
    stack.age_schedule();
    let run = cli.run(&["--json", "doctor"]).await.expect_code(3);
    assert_finding(&run, "last run", "problem", "none in the last 48 hours");
    stack.record_run(OffsetDateTime::now_utc() - Duration::hours(30)).await;
    assert_finding(&cli.run(&["--json", "doctor"]).await.expect_code(3), "last run", "problem", "has stopped");
    stack.record_run(OffsetDateTime::now_utc() - Duration::hours(15)).await;
    assert_finding(&cli.run(&["--json", "doctor"]).await.expect_code(3), "last run", "warning", "every 6 hours");
}

#[tokio::test]
async fn doctor_expects_runs_as_often_as_the_schedule_starts_them() {
    let cli = TestCli::with_secrets_manager().await;
    let stack = DeployedStack::new(cli.deployment(), UNREACHABLE_URL.1).await;
    let cli = cli.with_variables(&[UNREACHABLE_URL]);
    let cli = cli.with_variables(&[("EVERTOKEN_STACK", &stack.name), ("AWS_ENDPOINT_URL", stack.endpoint())]);
    stack.record_run(OffsetDateTime::now_utc() - Duration::hours(15)).await;
    let table = [
        ("rate(2 hours)", "6", "warning", "every 2 hours"),
        ("rate(12 hours)", "6", "ok", "20"),
        // It has no interval, so the parameter counts.
        ("cron(0 3 * * ? *)", "4", "warning", "every 4 hours"),
        ("cron(0 3 * * ? *)", "often", "warning", "every 6 hours"),
    ];
    for (expression, parameter, state, word) in table {
        stack.reschedule(expression).await;
        stack.set_parameter("RefreshEveryHours", parameter);
        assert_finding(&cli.run(&["--json", "doctor"]).await, "last run", state, word);
    }

    stack.set_parameter("Schedule", "off");
    stack.disable_schedule().await;
    let run = cli.run(&["--json", "doctor"]).await;
    assert_finding(&run, "schedule", "warning", "Schedule=off");
    assert_finding(&run, "last run", "ok", "none is due");
}

#[tokio::test]
async fn doctor_reports_a_public_url_that_is_not_the_stacks() {
    let cli = TestCli::with_secrets_manager().await;
    let stack = DeployedStack::new(cli.deployment(), UNREACHABLE_URL.1).await;
    let cli = cli.with_variables(&[("EVERTOKEN_PUBLIC_URL", "http://127.0.0.1:10")]);
    let cli = cli.with_variables(&[("EVERTOKEN_STACK", &stack.name), ("AWS_ENDPOINT_URL", stack.endpoint())]);
    let run = cli.run(&["--json", "doctor"]).await.expect_code(3);
    let differs = "the stack uses http://127.0.0.1:9/callback, but EVERTOKEN_PUBLIC_URL results in \
                   http://127.0.0.1:10/callback";
    assert_finding(&run, "redirect URI", "problem", differs);
}

#[tokio::test]
async fn doctor_reports_only_missing_aws_credentials() {
    let cli = TestCli::with_secrets_manager().await;
    let none = [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", ""), ("AWS_SESSION_TOKEN", "")];
    let cli = cli.with_variables(&none);
    let run = cli.run(&["--json", "doctor"]).await.expect_code(3);
    assert_finding(&run, "AWS credentials", "problem", "AWS_PROFILE");
    assert_eq!(run.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn doctor_notices_accounts_in_packs_that_the_default_layout_does_not_refresh() {
    let cli = TestCli::with_deployment(Deployment::new().await.with_packs().await).with_variables(&[UNREACHABLE_URL]);
    for name in ["shop-de", "shop-fr"] {
        cli.add_account(name, TEN_DAYS).await;
    }
    let layout = async |cli: &TestCli| {
        let findings = cli.run(&["--json", "doctor"]).await.json();
        findings.as_array().unwrap().iter().find(|finding| finding["subject"] == "layout").cloned()
    };
    cli.run(&["pack", "--all"]).await.expect_code(0);
    assert_eq!(layout(&cli).await, None);
    let cli = cli.with_variables(&[("EVERTOKEN_LAYOUT", "single")]);
    assert_finding(&cli.run(&["--json", "doctor"]).await, "layout", "problem", "packs/main-00001/1 holds 2 accounts");
    let cli = cli.with_variables(&[("EVERTOKEN_LAYOUT", "packed")]);
    cli.run(&["unpack", "--all"]).await.expect_code(0);
    // Its secret is kept, without accounts.
    assert_eq!(layout(&cli.with_variables(&[("EVERTOKEN_LAYOUT", "single")])).await, None);
}
