//! A file vault that cannot be written: no data is lost, and the error suggests a fix.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Command, Output};

use evertoken_tests::binaries;
use evertoken_tests::test_cli::TestCli;
use time::Duration;

/// Creates a command whose vault has one due account, and returns it with the account's document.
async fn cli_with_due_account() -> (TestCli, serde_json::Value) {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("shop-de", Duration::days(30)).await;
    let document = cli.document("shop-de").await.unwrap();
    (cli, document)
}

/// Runs the command in a shell that first runs `restriction`.
async fn run_restricted(cli: &TestCli, restriction: &str, arguments: &[&str]) -> Output {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{restriction} exec \"$@\""), "sh"]).arg(binaries::path("evertoken"));
    shell.args(arguments).args(["--local", cli.dir().to_str().unwrap()]);
    shell.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).envs(cli.environment());
    tokio::task::spawn_blocking(move || shell.output().unwrap()).await.unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_vault_locked_by_another_process_is_reported() {
    let (cli, before) = cli_with_due_account().await;
    let lock = File::open(cli.dir().join("accounts")).unwrap();
    lock.lock().unwrap();
    // Reading does not need the lock.
    cli.run(&["list"]).await.expect_code(0);
    let run = cli.run(&["remove", "shop-de", "--yes"]).await.expect_code(1);
    assert!(run.stderr.contains("(resource busy)\nhint: another process holds the vault's lock"), "{run:?}");
    assert_eq!(cli.document("shop-de").await.unwrap(), before);
    drop(lock);
    cli.run(&["remove", "shop-de", "--yes"]).await.expect_code(0);
}

/// Drops root's capability to bypass file permissions.
const UNPRIVILEGED: &str = "[ $(id -u) != 0 ] || set -- setpriv --bounding-set=-all --inh-caps=-all \"$@\";";

#[tokio::test]
async fn a_read_only_folder_can_be_listed_but_not_changed() {
    let (cli, before) = cli_with_due_account().await;
    let accounts = cli.dir().join("accounts");
    let read_only = ReadOnly::make(&accounts);
    let listed = run_restricted(&cli, UNPRIVILEGED, &["list"]).await;
    let shown = run_restricted(&cli, UNPRIVILEGED, &["show", "shop-de"]).await;
    let removed = run_restricted(&cli, UNPRIVILEGED, &["remove", "shop-de", "--yes"]).await;
    let checked = run_restricted(&cli, UNPRIVILEGED, &["doctor"]).await;
    drop(read_only);
    assert_eq!([listed, shown, removed.clone()].map(|run| run.status.code()), [Some(0), Some(0), Some(1)]);
    let stderr = text(removed.stderr);
    assert!(
        stderr.contains("(permission denied)") && stderr.contains("\nhint: make the folder and its files writable"),
        "{stderr}"
    );
    let finding = format!("PROBLEM  folder: cannot write to {} (permission denied)", accounts.display());
    let checked = text(checked.stdout);
    assert!(checked.contains(&finding), "{checked}");
    assert_eq!(cli.document("shop-de").await.unwrap(), before);
}

#[tokio::test]
async fn serve_reports_a_folder_it_cannot_write() {
    let (cli, _) = cli_with_due_account().await;
    let accounts = cli.dir().join("accounts");
    // The sandbox refuses a folder with accounts.
    fs::remove_file(accounts.join("shop-de.json")).unwrap();
    let read_only = ReadOnly::make(&accounts);
    let run = run_restricted(&cli, UNPRIVILEGED, &["serve", "--sandbox", "--port", "0"]).await;
    drop(read_only);
    let stderr = text(run.stderr);
    assert_eq!(run.status.code(), Some(1), "{stderr}");
    let error = format!("error: cannot open the vault {} (permission denied)\nhint: ", cli.dir().display());
    assert!(stderr.contains(&error), "{stderr}");
}

#[tokio::test]
async fn files_written_by_root_keep_the_owner_of_the_folder() {
    let (cli, before) = cli_with_due_account().await;
    let accounts = cli.dir().join("accounts");
    // Only root can change the owner of a file. For any other user this test passes trivially.
    let owner =
        if fs::metadata(&accounts).unwrap().uid() == 0 { 65_534 } else { fs::metadata(&accounts).unwrap().uid() };
    for path in [accounts.clone(), accounts.join("shop-de.json")] {
        std::os::unix::fs::chown(path, Some(owner), None).unwrap();
    }
    cli.run(&["refresh", "shop-de"]).await.expect_code(0);
    assert_ne!(cli.document("shop-de").await.unwrap(), before);
    for file in ["shop-de.json", "shop-de.previous.json"] {
        assert_eq!(fs::metadata(accounts.join(file)).unwrap().uid(), owner, "{file}");
    }
}

struct ReadOnly<'a>(&'a std::path::Path);

impl<'a> ReadOnly<'a> {
    fn make(folder: &'a std::path::Path) -> Self {
        fs::set_permissions(folder, Permissions::from_mode(0o500)).unwrap();
        Self(folder)
    }
}

impl Drop for ReadOnly<'_> {
    fn drop(&mut self) {
        fs::set_permissions(self.0, Permissions::from_mode(0o700)).unwrap();
    }
}
