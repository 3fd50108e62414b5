//! Commands over the folder of `evertoken serve --sandbox`, and its control page.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use evertoken_tests::browser::{Browser, Consent};
use evertoken_tests::http;
use evertoken_tests::secret_scanner::SecretScanner;
use evertoken_tests::serve_process::ServeProcess;
use evertoken_tests::test_cli::{self, CommandRun, TestCli};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

pub(crate) const NAME: &str = "17841405793187218";

/// A variable of the environment that must not be used in the sandbox.
const ELSEWHERE: [(&str, &str); 2] =
    [("EVERTOKEN_GRAPH_URL", "https://graph.invalid"), ("EVERTOKEN_PUBLIC_URL", "https://connect.invalid")];

/// A service with a sandbox, and its folder.
pub(crate) struct SandboxVault {
    pub(crate) dir: TempDir,
    pub(crate) service: ServeProcess,
    pub(crate) control_page: Url,
}

impl SandboxVault {
    pub(crate) async fn start() -> Self {
        Self::start_in(TempDir::new().unwrap()).await
    }

    async fn start_in(dir: TempDir) -> Self {
        let service = ServeProcess::start(&["--sandbox", "--local", dir.path().to_str().unwrap()], &[]).await;
        let stderr = service.stderr();
        let link = stderr.lines().map(str::trim).find(|line| line.ends_with("/sandbox"));
        Self { control_page: link.unwrap_or_else(|| panic!("no link: {stderr}")).parse().unwrap(), dir, service }
    }

    /// Logs in as an account, and returns the title of the page that the person sees.
    pub(crate) async fn log_in(&self, account: &str) -> String {
        let page = Browser::new(&SecretScanner::default())
            .log_in(&self.service.url.join("login").unwrap(), Consent::allow(account))
            .await;
        let title = page.body.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next());
        title.unwrap_or_else(|| panic!("no title: {}", page.body)).trim().to_owned()
    }

    /// Clicks a button, and returns the page.
    pub(crate) async fn click(&self, form: &str, values: &[(&str, &str)]) -> String {
        let url = format!("{}/{form}", self.control_page);
        let response = http::client().post(url).form(values).send().await.unwrap();
        assert_eq!(response.status(), 303);
        http::client().get(self.control_page.clone()).send().await.unwrap().text().await.unwrap()
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> CommandRun {
        run(self.dir.path().to_str().unwrap(), arguments).await
    }
}

async fn run(dir: &str, arguments: &[&str]) -> CommandRun {
    let environment = ELSEWHERE.map(|(name, value)| (name.to_owned(), value.to_owned()));
    test_cli::run(&[arguments, &["--local", dir]].concat(), &environment, "").await
}

#[tokio::test]
async fn commands_use_the_clock_and_the_instagram_of_the_sandbox() {
    let vault = SandboxVault::start().await;
    assert_eq!(vault.log_in("blue_bottle").await, "@blue_bottle is connected");
    let page = vault.click("time", &[("days", "44")]).await;
    for happened in ["The token of @blue_bottle was renewed.", "Evertoken reports &#34;Token Refreshed&#34;"] {
        assert!(page.contains(happened), "{page}");
    }
    let listed = vault.run(&["--json", "list"]).await.expect_code(0).json();
    let days = listed[0]["days_left"].as_i64().unwrap();
    assert!((40..60).contains(&days), "{listed}");
    let shown = vault.run(&["--json", "show", NAME]).await.expect_code(0).json();
    assert_eq!(shown["days_left"].as_i64(), Some(days));
    let inspected = vault.run(&["--json", "debug", NAME]).await.expect_code(0).json();
    assert_eq!((&inspected["valid"], inspected["days_left"].as_i64()), (&json!(true), Some(days)));
    vault.run(&["refresh", NAME, "--force"]).await.expect_code(0);
    let token = vault.run(&["token", NAME, "--min-life", "59d"]).await.expect_code(0);
    assert!(token.stdout.starts_with("IGAA"));

    // The invite's date is right for the service, and so is its address.
    let invite = vault.run(&["invite", "--name", "second"]).await.expect_code(0);
    let link: Url = invite.stdout.trim_end().parse().unwrap();
    assert_eq!(link.origin(), vault.service.url.origin());
    let page = Browser::new(&SecretScanner::default()).log_in(&link, Consent::allow("corner_bakery")).await;
    assert_eq!(page.status, 200, "{}", page.body);

    let doctor = vault.run(&["doctor", "--verbose"]).await.expect_code(0);
    assert!(doctor.stdout.contains("sandbox: running at http://127.0.0.1:"), "{doctor:?}");
    assert!(doctor.stdout.contains("with its clock 44 days ahead"), "{doctor:?}");
    vault.service.shut_down().await;
}

#[tokio::test]
async fn the_control_page_shows_how_a_broken_token_is_noticed_and_repaired() {
    let vault = SandboxVault::start().await;
    vault.log_in("blue_bottle").await;
    let page = vault.click("accounts", &[("account", "blue_bottle"), ("change", "password")]).await;
    assert!(page.contains("@blue_bottle changed the password"), "{page}");
    let page = vault.click("time", &[("days", "1")]).await;
    assert!(page.contains("Evertoken reports &#34;Login Required&#34;: 17841405793187218 (@blue_bottle)."), "{page}");
    assert!(page.contains("Instagram rejected the token of @blue_bottle: the password was changed."), "{page}");
    vault.run(&["list"]).await.expect_code(3);
    vault.log_in("blue_bottle").await;
    vault.run(&["list"]).await.expect_code(0);
    let token = vault.run(&["token", NAME]).await.expect_code(0).stdout;
    assert!(!vault.click("time", &[("days", "1")]).await.contains(token.trim_end()));
    vault.service.shut_down().await;
}

#[tokio::test]
async fn accounts_whose_login_fails_lead_to_the_pages_of_the_product() {
    let vault = SandboxVault::start().await;
    for (account, title) in [
        ("new_tester", "This account does not have access yet"),
        ("no_tester", "This account has not been invited on Instagram"),
        ("personal_diary", "This is a personal account"),
        ("new_password", "Instagram ended your session"),
    ] {
        assert_eq!(vault.log_in(account).await, title);
    }
    assert_eq!(vault.run(&["--json", "list"]).await.expect_code(0).json(), json!([]));
    vault.service.shut_down().await;
}

#[tokio::test]
async fn without_its_sandbox_a_folder_can_be_read_and_nothing_else() {
    let vault = SandboxVault::start().await;
    vault.log_in("blue_bottle").await;
    vault.click("time", &[("days", "30")]).await;
    let before = vault.run(&["--json", "list"]).await.json();
    let SandboxVault { dir, service, .. } = vault;
    service.shut_down().await;
    let local = dir.path().to_str().unwrap();
    let start = format!("hint: start it with `evertoken serve --sandbox --local {local}`, and try again");
    for arguments in
        [["debug", NAME].as_slice(), &["refresh", "--all"], &["token", NAME, "--min-life", "1h"], &["import", "third"]]
    {
        let run = run(local, arguments).await.expect_code(1);
        assert_eq!(run.stderr.trim_end(), format!("error: the sandbox of {local} is not running\n{start}"));
    }
    let listed = run(local, &["--json", "list"]).await.expect_code(0);
    assert_eq!(listed.json(), before);
    assert!(listed.stderr.contains("Its clock was last seen 30 days ahead of this machine's."), "{listed:?}");
    assert!(run(local, &["token", NAME]).await.expect_code(0).stderr.is_empty());
    let doctor = run(local, &["doctor"]).await.expect_code(3);
    assert!(doctor.stdout.contains("sandbox: the sandbox of") && !doctor.stdout.contains("public URL"), "{doctor:?}");

    // A new sandbox continues where the last one ended.
    let vault = SandboxVault::start_in(dir).await;
    assert_eq!(vault.run(&["--json", "list"]).await.expect_code(0).json(), before);
    let inspected = vault.run(&["--json", "debug", NAME]).await.expect_code(0).json();
    assert_eq!(inspected["valid"], json!(true));
    let page = vault.click("time", &[("days", "22")]).await;
    assert!(page.contains("The token of @blue_bottle was renewed."), "{page}");

    // Only one at a time.
    let again = ["serve", "--sandbox", "--port", "0"];
    let run = vault.run(&again).await.expect_code(1);
    assert!(run.stderr.contains("is already running"), "{run:?}");
    vault.service.shut_down().await;
}

#[tokio::test]
async fn a_folder_belongs_either_to_the_sandbox_or_to_instagram() {
    let SandboxVault { dir, service, .. } = SandboxVault::start().await;
    service.shut_down().await;
    let local = dir.path().to_str().unwrap();
    for arguments in [["serve", "--port", "0"].as_slice(), &["setup"], &["setup", "--answers", "-"]] {
        let run = run(local, arguments).await.expect_code(1);
        assert!(run.stderr.contains("belongs to the sandbox: Instagram does not know its accounts"), "{run:?}");
        assert!(run.stderr.contains(&format!("`evertoken serve --sandbox --local {local}`")), "{run:?}");
    }

    let cli = TestCli::with_file_vault().await;
    cli.add_account("my-shop", time::Duration::days(3)).await;
    let before = cli.document("my-shop").await;
    let run = cli.run(&["serve", "--sandbox", "--port", "0"]).await.expect_code(1);
    assert!(run.stderr.contains("contains a Meta app or Instagram accounts"), "{run:?}");
    assert_eq!(cli.document("my-shop").await, before);
    assert!(!cli.dir().join("sandbox.json").exists());
}

#[tokio::test]
async fn a_hostile_or_malformed_file_is_refused() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("my-shop", time::Duration::days(3)).await;
    let path = cli.dir().join("sandbox.json");
    let write = |text: &str, mode| {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    };
    let with = |key: &str, value: Value| {
        let mut file = json!({"origin": cli.instagram().origin(), "sandbox": "x", "public_url": "http://127.0.0.1:1",
            "clock_offset_seconds": 0});
        file[key] = value;
        file.to_string()
    };
    for (text, expected) in [
        (String::new(), "expected origin"),
        ("{\"origin\": \"http://127.0.0.1:1\"}".to_owned(), "expected origin"),
        (with("origin", "http://graph.example:80".into()), "origin must be an http URL of this machine"),
        (with("origin", "http://[::ffff:203.0.113.5]:80".into()), "origin must be an http URL of this machine"),
        (with("public_url", "javascript:alert(1)".into()), "public_url must be"),
        (with("clock_offset_seconds", "soon".into()), "expected origin"),
    ] {
        write(&text, 0o600);
        for arguments in [["list"].as_slice(), &["refresh", "--all"], &["invite"]] {
            let run = cli.run(arguments).await.expect_code(1);
            assert!(run.stderr.contains("sandbox.json: ") && run.stderr.contains(expected), "{text}: {run:?}");
        }
        let doctor = cli.run(&["doctor"]).await.expect_code(3);
        assert!(doctor.stdout.contains(expected), "{doctor:?}");
    }
    // A file that others may have written, and a link.
    write(&with("sandbox", "x".into()), 0o646);
    assert!(cli.run(&["list"]).await.expect_code(1).stderr.contains("sandbox.json"));
    fs::remove_file(&path).unwrap();
    symlink(cli.dir().join("elsewhere.json"), &path).unwrap();
    assert!(cli.run(&["list"]).await.expect_code(1).stderr.contains("sandbox.json"));
    fs::remove_file(&path).unwrap();

    // Another program at the port of the sandbox, and a date beyond the calendar.
    write(&with("clock_offset_seconds", i64::MAX.into()), 0o600);
    let run = cli.run(&["list"]).await.expect_code(0);
    assert!(run.stderr.contains("is not running"), "{run:?}");
    assert_eq!(cli.instagram().request_count("me").await, 0);
    cli.run(&["debug", "my-shop"]).await.expect_code(1);
    assert_eq!(cli.instagram().request_count("me").await, 0, "a token was sent to another sandbox");
    fs::remove_file(&path).unwrap();
    cli.run(&["debug", "my-shop"]).await.expect_code(0);
}
