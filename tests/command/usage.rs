//! Help texts, usage errors, colors, completions and exit codes.

use evertoken_tests::test_cli::{self, CommandRun, TestCli};
use serde_json::{Value, json};
use time::Duration;

async fn run(arguments: &[&str]) -> CommandRun {
    test_cli::run(arguments, &[], "").await
}

#[tokio::test]
async fn the_help_of_every_command_matches_its_snapshot() {
    for name in [
        "invite",
        "list",
        "show",
        "token",
        "refresh",
        "remove",
        "serve",
        "sandbox",
        "completions",
        "man",
        "setup",
        "doctor",
        "import",
        "export",
        "debug",
        "demo",
        "feed",
    ] {
        let help = run(&[name, "--help"]).await.expect_code(0);
        assert!(help.stdout.contains("\nExamples:\n"), "{name}");
        insta::assert_snapshot!(format!("help_{name}"), help.stdout);
    }
}

/// The prose of each help text fills the lines: no line ends early and goes on in the next one.
#[tokio::test]
async fn help_is_wrapped_once_on_a_narrow_terminal() {
    let narrow = [("COLUMNS".to_owned(), "70".to_owned())];
    for name in ["invite", "refresh", "setup", "doctor", "import", "debug", "demo", "list", "remove"] {
        let help = test_cli::run(&[name, "--help"], &narrow, "").await.expect_code(0).stdout;
        let (_, prose) = help.split_once("--help").unwrap();
        let lines: Vec<&str> = prose.lines().skip(1).collect();
        for pair in lines.windows(2) {
            let is_prose = |line: &str| line.starts_with(|c: char| c.is_ascii_alphabetic());
            let [first, second] = [pair[0], pair[1]];
            if is_prose(first) && is_prose(second) && !first.ends_with(':') {
                let next_word = second.split(' ').next().unwrap();
                assert!(first.len() + 1 + next_word.len() > 70, "{name}: {first}\n{second}");
            }
        }
    }
}

#[tokio::test]
async fn typos_get_a_suggestion() {
    for (arguments, meant) in [
        (&["lsit"][..], "'list'"),
        (&["remov", "shop-de"], "'remove'"),
        (&["refresh", "--al"], "'--all'"),
        (&["list", "--lokal", "vault"], "'--local'"),
    ] {
        let run = run(arguments).await.expect_code(2);
        assert!(run.stderr.contains(meant) && run.stdout.is_empty(), "{run:?}");
    }
    let nothing = run(&["refresh"]).await.expect_code(2);
    assert!(nothing.stderr.contains("<NAME|--all>") && nothing.stderr.contains("--help"), "{nothing:?}");
}

#[tokio::test]
async fn errors_have_a_hint_in_text_and_in_json() {
    let text = run(&["list", "--local", "/nowhere"]).await.expect_code(1);
    let error = "error: /nowhere is not a vault: it has no folder \"accounts\"\n";
    assert!(text.stderr.starts_with(error) && text.stderr.contains("\nhint: "), "{text:?}");
    let run = run(&["--json", "list", "--local", "/nowhere"]).await.expect_code(1);
    let error: Value = serde_json::from_str(&run.stderr).unwrap();
    assert!(error["error"]["message"].as_str().unwrap().starts_with("/nowhere is not a vault"), "{error}");
    assert!(error["error"]["help"].is_string() && run.stdout.is_empty(), "{error}");
}

#[tokio::test]
async fn colors_are_used_only_on_terminals_that_support_them() {
    let cli = TestCli::with_file_vault().await;
    // Half a day, so that the number of days left stays the same during the test.
    cli.add_account("shop-de", Duration::days(5) + Duration::hours(12)).await;
    let plain = cli.run(&["list"]).await.expect_code(0).stdout;
    assert!(!plain.contains('\u{1b}'));
    // CLICOLOR_FORCE simulates a terminal.
    let cli = cli.with_variables(&[("CLICOLOR_FORCE", "1")]);
    let colored = cli.run(&["list"]).await.expect_code(0).stdout;
    assert!(colored.contains("\u{1b}[32mhealthy\u{1b}[0m"), "{colored:?}");
    let error = cli.run(&["show", "nobody"]).await.expect_code(1).stderr;
    assert!(error.contains("\u{1b}[1m\u{1b}[31merror:\u{1b}[0m"), "{error:?}");
    let cli = cli.with_variables(&[("NO_COLOR", "1")]);
    assert_eq!(cli.run(&["list"]).await.expect_code(0).stdout, plain);
    assert!(!cli.run(&["show", "nobody"]).await.expect_code(1).stderr.contains('\u{1b}'));
}

#[tokio::test]
async fn completions_exist_for_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(&["completions", shell]).await.expect_code(0).stdout;
        for word in ["refresh", "remove", "dry-run"] {
            assert!(script.contains(word), "{word} is not in the script of {shell}");
        }
    }
    let typo = run(&["completions", "fsh"]).await.expect_code(2);
    assert!(typo.stderr.contains("'fish'"), "{typo:?}");
}

#[tokio::test]
async fn man_pages_exist_for_every_command() {
    let page = run(&["man"]).await.expect_code(0).stdout;
    assert!(page.contains(".TH evertoken 1") && page.contains("evertoken\\-refresh(1)"), "{page}");
    let folder = tempfile::TempDir::new().unwrap();
    let dir = folder.path().join("share/man/man1");
    run(&["man", "--dir", dir.to_str().unwrap()]).await.expect_code(0);
    let page = std::fs::read_to_string(dir.join("evertoken-refresh.1")).unwrap();
    assert!(page.contains("dry\\-run") && page.contains("Examples:"), "{page}");
    assert!(dir.join("evertoken.1").exists());
    // A file in place of the folder.
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = run(&["man", "--dir", file.to_str().unwrap()]).await.expect_code(1).stderr;
    assert!(error.contains("cannot write") && error.contains("hint: "), "{error}");
}

#[tokio::test]
async fn a_closed_pipe_is_not_an_error() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("shop-de", Duration::days(5)).await;
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let list = std::process::Command::new(evertoken_tests::binaries::path("evertoken"))
        .args(["list", "--local", cli.dir().to_str().unwrap()])
        .stdout(writer)
        .output()
        .unwrap();
    assert_eq!((list.status.code(), String::from_utf8(list.stderr).unwrap()), (Some(0), String::new()));
}

#[tokio::test]
async fn a_failed_write_to_standard_output_is_an_error() {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("shop-de", Duration::days(5)).await;
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let token = std::process::Command::new(evertoken_tests::binaries::path("evertoken"))
        .args(["token", "shop-de", "--local", cli.dir().to_str().unwrap()])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(token.status.code(), Some(1));
    let stderr = String::from_utf8(token.stderr).unwrap();
    assert!(stderr.starts_with("error: cannot write to standard output (no storage space)"), "{stderr}");
    assert_eq!(json!(cli.document("shop-de").await.is_some()), json!(true));
}
