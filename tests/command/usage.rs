//! How the command explains itself.

use evertoken_tests::command::{self, CommandHouse, Run};
use serde_json::{Value, json};
use time::Duration;

async fn run(arguments: &[&str]) -> Run {
    command::run(arguments, &[], "").await
}

#[tokio::test]
async fn each_commands_help_is_as_it_was() {
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
    ] {
        let help = run(&[name, "--help"]).await.expect(0);
        assert!(help.stdout.contains("\nExamples:\n"), "{name}");
        insta::assert_snapshot!(format!("help_{name}"), help.stdout);
    }
}

#[tokio::test]
async fn a_slip_of_the_pen_is_met_with_what_was_meant() {
    for (arguments, meant) in [
        (&["lsit"][..], "'list'"),
        (&["remov", "shop-de"], "'remove'"),
        (&["refresh", "--al"], "'--all'"),
        (&["list", "--lokal", "vault"], "'--local'"),
    ] {
        let run = run(arguments).await.expect(2);
        assert!(run.stderr.contains(meant) && run.stdout.is_empty(), "{run:?}");
    }
    let nothing = run(&["refresh"]).await.expect(2);
    assert!(nothing.stderr.contains("<NAME>") && nothing.stderr.contains("--help"), "{nothing:?}");
}

#[tokio::test]
async fn errors_have_a_help_line_and_in_json_a_help_key() {
    let text = run(&["list", "--local", "/nowhere"]).await.expect(1);
    let error = "error: /nowhere is not a vault: it has no folder \"accounts\"\n";
    assert!(text.stderr.starts_with(error) && text.stderr.contains("\nhint: "), "{text:?}");
    let run = run(&["--json", "list", "--local", "/nowhere"]).await.expect(1);
    let told: Value = serde_json::from_str(&run.stderr).unwrap();
    assert!(told["error"]["message"].as_str().unwrap().starts_with("/nowhere is not a vault"), "{told}");
    assert!(told["error"]["help"].is_string() && run.stdout.is_empty(), "{told}");
}

#[tokio::test]
async fn colours_are_for_terminals_that_want_them() {
    let house = CommandHouse::with_files().await;
    house.plant("shop-de", Duration::days(5)).await;
    let plain = house.run(&["list"]).await.expect(0).stdout;
    assert!(!plain.contains('\u{1b}'));
    // CLICOLOR_FORCE stands for a terminal.
    let house = house.with_variables(&[("CLICOLOR_FORCE", "1")]);
    let coloured = house.run(&["list"]).await.expect(0).stdout;
    assert!(coloured.contains("\u{1b}[32mhealthy\u{1b}[0m"), "{coloured:?}");
    let error = house.run(&["show", "nobody"]).await.expect(1).stderr;
    assert!(error.contains("\u{1b}[1m\u{1b}[31merror:\u{1b}[0m"), "{error:?}");
    let house = house.with_variables(&[("NO_COLOR", "1")]);
    assert_eq!(house.run(&["list"]).await.expect(0).stdout, plain);
    assert!(!house.run(&["show", "nobody"]).await.expect(1).stderr.contains('\u{1b}'));
}

#[tokio::test]
async fn each_shell_is_given_a_script_that_knows_the_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(&["completions", shell]).await.expect(0).stdout;
        for word in ["refresh", "remove", "dry-run"] {
            assert!(script.contains(word), "{word} is not in the script of {shell}");
        }
    }
    let fsh = run(&["completions", "fsh"]).await.expect(2);
    assert!(fsh.stderr.contains("'fish'"), "{fsh:?}");
}

#[tokio::test]
async fn the_manual_has_a_page_for_each_command() {
    let page = run(&["man"]).await.expect(0).stdout;
    assert!(page.contains(".TH evertoken 1") && page.contains("evertoken\\-refresh(1)"), "{page}");
    let dir = tempfile::TempDir::new().unwrap();
    run(&["man", "--dir", dir.path().to_str().unwrap()]).await.expect(0);
    let page = std::fs::read_to_string(dir.path().join("evertoken-refresh.1")).unwrap();
    assert!(page.contains("dry\\-run") && page.contains("Examples:"), "{page}");
    assert!(dir.path().join("evertoken.1").exists());
}

#[tokio::test]
async fn a_reader_that_has_gone_is_no_failure() {
    let house = CommandHouse::with_files().await;
    house.plant("shop-de", Duration::days(5)).await;
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let list = std::process::Command::new(evertoken_tests::binaries::path("evertoken"))
        .args(["list", "--local", house.dir().to_str().unwrap()])
        .stdout(writer)
        .output()
        .unwrap();
    assert_eq!((list.status.code(), String::from_utf8(list.stderr).unwrap()), (Some(0), String::new()));
}

#[tokio::test]
async fn data_that_cannot_be_written_are_a_failure() {
    let house = CommandHouse::with_files().await;
    house.plant("shop-de", Duration::days(5)).await;
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let token = std::process::Command::new(evertoken_tests::binaries::path("evertoken"))
        .args(["token", "shop-de", "--local", house.dir().to_str().unwrap()])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(token.status.code(), Some(1));
    let said = String::from_utf8(token.stderr).unwrap();
    assert!(said.starts_with("error: cannot write to standard output (no storage space)"), "{said}");
    assert_eq!(json!(house.document("shop-de").await.is_some()), json!(true));
}
