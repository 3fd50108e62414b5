//! Links and other users' files in the folder of a file vault, which root works on too.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use evertoken_file_vault::Problem;
use evertoken_file_vault::safe_folder::{Exposed, SafeFolder};
use evertoken_sandbox::Settings;
use evertoken_tests::serve_process::ServeProcess;
use evertoken_tests::test_cli::{CommandRun, TestCli};
use evertoken_tests::{http, wait};
use serde_json::json;
use tempfile::TempDir;
use time::Duration;

/// The user of the service in these tests, if they run as root. No system has such a user.
const SERVICE: u32 = 54_321;

/// A user who is neither root nor the service.
const STRANGER: u32 = 54_322;

/// A file outside of the vault that nothing may read, change or give away.
struct Victim {
    dir: TempDir,
}

impl Victim {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let victim = Self { dir };
        fs::write(victim.path(), "root's own").unwrap();
        fs::set_permissions(victim.path(), Permissions::from_mode(0o644)).unwrap();
        victim
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("victim")
    }

    /// Its content, mode and owner are the same, and it still has its only name.
    fn assert_untouched(&self) {
        let metadata = fs::metadata(self.path()).unwrap();
        assert_eq!(fs::read_to_string(self.path()).unwrap(), "root's own");
        assert_eq!((metadata.mode() & 0o7777, metadata.uid()), (0o644, user()));
        assert_eq!(fs::read_dir(self.dir.path()).unwrap().count(), 1, "something was created next to it");
    }
}

/// Puts something in place of a file.
type Plant = fn(&Path, &Victim);

/// The user of this test.
fn user() -> u32 {
    fs::metadata("/proc/self").unwrap().uid()
}

/// Gives the vault to the service's user. Only root can; for everyone else, the service is this user.
fn give_to_service(dir: &Path) {
    if user() != 0 {
        return;
    }
    chown(dir, Some(SERVICE), Some(SERVICE)).unwrap();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            give_to_service(&path);
        } else {
            std::os::unix::fs::lchown(path, Some(SERVICE), Some(SERVICE)).unwrap();
        }
    }
}

/// A vault with one due account, and its document.
async fn vault() -> (TestCli, PathBuf) {
    let cli = TestCli::with_file_vault().await;
    cli.add_account("shop-de", Duration::days(30)).await;
    let document = cli.dir().join("accounts/shop-de.json");
    (cli, document)
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn assert_hint(run: &CommandRun, error: &str) {
    assert!(run.stderr.contains(error) && run.stderr.contains("\nhint: "), "expected {error}: {run:?}");
}

#[tokio::test]
async fn a_link_in_place_of_the_lock_changes_no_other_file() {
    let (cli, _) = vault().await;
    let victim = Victim::new();
    symlink(victim.path(), cli.dir().join("accounts/.lock")).unwrap();
    give_to_service(cli.dir());
    cli.run(&["refresh", "shop-de"]).await.expect_code(0);
    cli.run(&["remove", "shop-de", "--yes"]).await.expect_code(0);
    victim.assert_untouched();
}

#[tokio::test]
async fn links_in_place_of_documents_are_neither_read_nor_written_through() {
    let (cli, document) = vault().await;
    let victim = Victim::new();
    // A document elsewhere, which could be read if the link were followed.
    let elsewhere = cli.dir().join("elsewhere.json");
    fs::rename(&document, &elsewhere).unwrap();
    symlink(&elsewhere, &document).unwrap();
    give_to_service(cli.dir());
    let run = cli.run(&["token", "shop-de"]).await.expect_code(1);
    assert_hint(&run, "shop-de.json: a symbolic link");
    let run = cli.run(&["--json", "list"]).await;
    assert!(!run.stdout.contains("blue_bottle"), "{run:?}");

    // A document is replaced, never written through.
    fs::remove_file(&document).unwrap();
    fs::rename(&elsewhere, &document).unwrap();
    let previous = cli.dir().join("accounts/shop-de.previous.json");
    symlink(victim.path(), &previous).unwrap();
    cli.run(&["refresh", "shop-de"]).await.expect_code(0);
    assert!(fs::symlink_metadata(&previous).unwrap().is_file());
    victim.assert_untouched();
}

#[tokio::test]
async fn pipes_folders_and_hard_links_in_place_of_documents_are_refused_at_once() {
    let (cli, document) = vault().await;
    let accounts = cli.dir().join("accounts");
    make_pipe(&accounts.join("pipe.json"));
    fs::create_dir(accounts.join("folder.json")).unwrap();
    fs::hard_link(&document, cli.dir().join("second-name")).unwrap();
    give_to_service(cli.dir());
    let reasons = [
        ("pipe", "pipe.json: not a regular file"),
        ("folder", "folder.json: not a regular file"),
        ("shop-de", "shop-de.json: a file with several hard links"),
    ];
    for (name, reason) in reasons {
        assert_hint(&cli.run(&["token", name]).await.expect_code(1), reason);
    }
    let run = cli.run(&["doctor"]).await.expect_code(3);
    for (name, reason) in reasons {
        assert!(run.stdout.contains(&format!("PROBLEM  folder: not used: {reason}")), "{run:?}");
        assert!(run.stdout.contains(&format!("PROBLEM  account {name}: ")), "{run:?}");
    }
}

#[tokio::test]
async fn linked_folders_below_the_vault_are_refused() {
    let (cli, _) = vault().await;
    let victim = Victim::new();
    let [accounts, moved] = ["accounts", "moved"].map(|name| cli.dir().join(name));
    fs::rename(&accounts, &moved).unwrap();
    symlink(&moved, &accounts).unwrap();
    give_to_service(cli.dir());
    for command in [&["list"][..], &["token", "shop-de"], &["refresh", "shop-de"], &["show", "shop-de"]] {
        let run = cli.run(command).await.expect_code(1);
        let error = "(accounts: a link or file in place of a folder)\nhint: replace it with a folder of this user's";
        assert!(run.stderr.contains(error), "{run:?}");
    }
    let run = cli.run(&["doctor"]).await.expect_code(3);
    assert!(run.stdout.contains("PROBLEM  folder: cannot open the vault"), "{run:?}");
    fs::remove_file(&accounts).unwrap();
    fs::rename(&moved, &accounts).unwrap();

    // The folders of used invites, removal requests and certificates.
    let app = Settings::default();
    let environment = [("EVERTOKEN_APP_ID", app.app_id), ("EVERTOKEN_APP_SECRET", app.app_secret)];
    let environment = environment.map(|(name, value)| (name.to_owned(), value));
    let environment: Vec<_> = cli.environment().into_iter().chain(environment).collect();
    let local = cli.dir().to_str().unwrap();
    for name in ["removals", "tls"] {
        symlink(victim.dir.path(), cli.dir().join(name)).unwrap();
    }
    let run = ServeProcess::run_refused(&["--tls", "--local", local], &environment).await.expect_code(1);
    assert_hint(&run, "tls: a link or file in place of a folder");
    let service = ServeProcess::start(&["--local", local], &environment).await;
    // No document can be deleted, so that the request has to be kept, which is not possible either.
    fs::create_dir(accounts.join("shop-de.parked.json")).unwrap();
    let signed = cli.instagram().signed_request("blue_bottle").await;
    let request = http::client().post(service.url.join("/data-deletion").unwrap());
    assert_eq!(request.form(&[("signed_request", &signed)]).send().await.unwrap().status(), 503);
    wait::until("the log", || service.stderr().contains("removals: a link or file").then_some(())).await;
    service.shut_down().await;
    victim.assert_untouched();
}

#[tokio::test]
async fn every_command_makes_the_documents_private() {
    let commands = [&["list"][..], &["doctor"], &["token", "shop-de"], &["show", "shop-de"], &["refresh", "shop-de"]];
    for command in commands {
        let (cli, document) = vault().await;
        let accounts = cli.dir().join("accounts");
        let parked = accounts.join("shop-de.parked.json");
        fs::copy(&document, &parked).unwrap();
        set_mode(&document, 0o644);
        set_mode(&parked, 0o664);
        set_mode(&accounts, 0o755);
        give_to_service(cli.dir());
        let run = cli.run_without_scan(command, "").await;
        assert_eq!([&accounts, &document, &parked].map(|path| mode(path)), [0o700, 0o600, 0o600], "{run:?}");
        let said = format!("had access to {} and 2 files in it (mode 755). It is private now", accounts.display());
        assert!(run.stderr.contains(&said) || run.stdout.contains(&said), "{run:?}");
        // It says so once, because it is true.
        let run = cli.run_without_scan(&["list"], "").await.expect_code(0);
        assert!(!run.stderr.contains("had access"), "after {command:?}: {run:?}");
    }
}

#[tokio::test]
async fn keys_that_others_can_read_are_refused() {
    let (cli, _) = vault().await;
    let [app, signing] = ["app.json", "signing-key"].map(|name| cli.dir().join(name));
    let defaults = Settings::default();
    fs::write(&app, json!({"app_id": defaults.app_id, "app_secret": defaults.app_secret}).to_string()).unwrap();
    fs::write(&signing, "k".repeat(64)).unwrap();
    let invite = ["invite", "--name", "shop-de", "--public-url", "https://login.example.test"];
    let serve = ["serve", "--port", "0"];
    let victim = Victim::new();
    let plant: [(&str, Plant); 4] = [
        ("accessible to other users, mode 640", |path, _| set_mode(path, 0o640)),
        ("a symbolic link", |path, victim| symlink(victim.path(), path).unwrap()),
        ("not a regular file", |path, _| make_pipe(path)),
        ("a file with several hard links", |path, victim| fs::hard_link(victim.path(), path).unwrap()),
    ];
    for (key, command) in [(&app, &serve[..]), (&signing, &invite[..])] {
        set_mode(&app, 0o600);
        set_mode(&signing, 0o600);
        let backup = fs::read(key).unwrap();
        for (reason, plant) in plant {
            if !reason.contains("mode") {
                fs::remove_file(key).unwrap();
            }
            plant(key, &victim);
            give_to_service(cli.dir());
            let reason = format!("cannot read {} ({}: {reason})", key.display(), key.file_name().unwrap().display());
            assert_hint(&cli.run(command).await.expect_code(1), &format!("error: {reason}"));
            // Commands that do not need the key warn about it.
            let run = cli.run(&["list"]).await.expect_code(0);
            assert!(run.stderr.contains(&format!("warning: {reason}")), "{run:?}");
            let run = cli.run(&["doctor"]).await.expect_code(3);
            assert!(run.stdout.contains(&reason), "{run:?}");
            fs::remove_file(key).unwrap();
            fs::write(key, &backup).unwrap();
            set_mode(key, 0o600);
            if user() == 0 {
                // The hard link was given to the service's user by the test.
                chown(victim.path(), Some(0), Some(0)).unwrap();
            }
        }
    }
    give_to_service(cli.dir());
    cli.run(&invite).await.expect_code(0);
}

/// Only root can create a file of another user. Everyone else tries root's.
#[tokio::test]
async fn files_and_folders_of_other_users_are_refused() {
    let (cli, document) = vault().await;
    let signing = cli.dir().join("signing-key");
    fs::write(&signing, "k".repeat(64)).unwrap();
    set_mode(&signing, 0o600);
    if user() != 0 {
        let etc = SafeFolder::of_vault(Path::new("/etc")).unwrap();
        let refused = etc.read("passwd", Exposed::Repair).unwrap_err();
        assert_eq!(Problem::of(&refused), Some(Problem::Owner(0)));
        let refused = SafeFolder::of_vault(Path::new("/")).unwrap().subfolder("etc").unwrap_err();
        assert_eq!(Problem::of(&refused), Some(Problem::Owner(0)));
        return;
    }
    give_to_service(cli.dir());
    let invite = ["invite", "--name", "shop-de", "--public-url", "https://login.example.test"];
    let reason = format!("owned by user {STRANGER}");
    for (path, command) in [(&document, &["token", "shop-de"][..]), (&signing, &invite[..])] {
        chown(path, Some(STRANGER), None).unwrap();
        assert_hint(&cli.run(command).await.expect_code(1), &reason);
        assert_eq!(fs::metadata(path).unwrap().uid(), STRANGER, "it was given away");
        chown(path, Some(SERVICE), None).unwrap();
        cli.run_without_scan(command, "").await.expect_code(0);
    }
    // Somebody put another folder in place, which needs a folder that others can write to. In such a folder, the service's
    // own is still used.
    let accounts = cli.dir().join("accounts");
    set_mode(cli.dir(), 0o777);
    cli.run(&["list"]).await.expect_code(0);
    chown(&accounts, Some(STRANGER), None).unwrap();
    assert_hint(&cli.run(&["list"]).await.expect_code(1), &format!("(accounts: {reason})"));
    let run = cli.run(&["doctor"]).await.expect_code(3);
    assert!(run.stdout.contains("other users can replace files in"), "{run:?}");
}

#[tokio::test]
async fn a_tls_key_that_others_can_read_is_refused() {
    let dir = TempDir::new().unwrap();
    let serve = ["--sandbox", "--tls", "--local", dir.path().to_str().unwrap()];
    ServeProcess::start(&serve, &[]).await.shut_down().await;
    set_mode(&dir.path().join("tls/localhost.pem"), 0o644);
    let run = ServeProcess::run_refused(&serve, &[]).await.expect_code(1);
    assert_hint(&run, "localhost.pem: accessible to other users, mode 644");
}

#[tokio::test]
async fn what_root_creates_belongs_to_the_owner_of_the_folder() {
    let cli = TestCli::with_file_vault().await;
    fs::remove_dir(cli.dir().join("accounts")).unwrap();
    give_to_service(cli.dir());
    let owner = fs::metadata(cli.dir()).unwrap().uid();
    let token = cli.instagram().token("blue_bottle", Duration::days(2)).await;
    cli.run_without_scan(&["import", "shop-de"], &token).await.expect_code(0);
    cli.run(&["invite", "--name", "other", "--public-url", "https://login.example.test"]).await.expect_code(0);
    for name in ["accounts", "accounts/shop-de.json", "signing-key"] {
        assert_eq!(fs::metadata(cli.dir().join(name)).unwrap().uid(), owner, "{name}");
    }
    // An export is not part of the vault.
    let export = cli.dir().join("export.json");
    cli.run(&["export", export.to_str().unwrap()]).await.expect_code(0);
    assert_eq!(fs::metadata(export).unwrap().uid(), user());
}
