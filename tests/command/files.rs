//! A vault of files that cannot be written: nothing is lost, and the error says what to do.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Command, Output};

use evertoken_tests::binaries;
use evertoken_tests::command::CommandHouse;
use time::Duration;

/// A house with one account that is due, and its document.
async fn house() -> (CommandHouse, serde_json::Value) {
    let house = CommandHouse::with_files().await;
    house.plant("shop-de", Duration::days(30)).await;
    let document = house.document("shop-de").await.unwrap();
    (house, document)
}

/// Runs the command under a shell that first takes something away from it.
async fn run_under(house: &CommandHouse, limit: &str, arguments: &[&str]) -> Output {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{limit} exec \"$@\""), "sh"]).arg(binaries::path("evertoken"));
    shell.args(arguments).args(["--local", house.dir().to_str().unwrap()]);
    shell.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).envs(house.environment());
    tokio::task::spawn_blocking(move || shell.output().unwrap()).await.unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn another_process_that_writes_for_too_long_is_named() {
    let (house, before) = house().await;
    let lock = File::create(house.dir().join("accounts/.lock")).unwrap();
    lock.lock().unwrap();
    // Reading needs no lock.
    house.run(&["list"]).await.expect(0);
    let run = house.run(&["remove", "shop-de", "--yes"]).await.expect(1);
    assert!(run.stderr.contains("(resource busy)\nhint: another process holds the vault's lock"), "{run:?}");
    assert_eq!(house.document("shop-de").await.unwrap(), before);
    drop(lock);
    house.run(&["remove", "shop-de", "--yes"]).await.expect(0);
}

/// Root may write everywhere, unless it has given that right away.
const AS_ANYBODY: &str = "[ $(id -u) != 0 ] || set -- setpriv --bounding-set=-all --inh-caps=-all \"$@\";";

#[tokio::test]
async fn a_folder_that_can_only_be_read_is_read_and_not_changed() {
    let (house, before) = house().await;
    let accounts = house.dir().join("accounts");
    let read_only = ReadOnly::make(&accounts);
    let listed = run_under(&house, AS_ANYBODY, &["list"]).await;
    let shown = run_under(&house, AS_ANYBODY, &["show", "shop-de"]).await;
    let removed = run_under(&house, AS_ANYBODY, &["remove", "shop-de", "--yes"]).await;
    drop(read_only);
    assert_eq!([listed, shown, removed.clone()].map(|run| run.status.code()), [Some(0), Some(0), Some(1)]);
    let said = text(removed.stderr);
    assert!(
        said.contains("(permission denied)") && said.contains("\nhint: make the folder and its files writable"),
        "{said}"
    );
    assert_eq!(house.document("shop-de").await.unwrap(), before);
}

#[tokio::test]
async fn serve_names_the_folder_that_it_cannot_write() {
    let (house, _) = house().await;
    let accounts = house.dir().join("accounts");
    let read_only = ReadOnly::make(&accounts);
    let run = run_under(&house, AS_ANYBODY, &["serve", "--sandbox", "--port", "0"]).await;
    drop(read_only);
    let said = text(run.stderr);
    assert_eq!(run.status.code(), Some(1), "{said}");
    let error = format!("error: cannot open the vault {} (permission denied)\nhint: ", house.dir().display());
    assert!(said.contains(&error), "{said}");
}

#[tokio::test]
async fn what_root_writes_stays_the_vaults_owners() {
    let (house, before) = house().await;
    let accounts = house.dir().join("accounts");
    // Only root can give files away, and only root needs what this test is about: as anybody else it is all one owner.
    let owner =
        if fs::metadata(&accounts).unwrap().uid() == 0 { 65_534 } else { fs::metadata(&accounts).unwrap().uid() };
    for path in [accounts.clone(), accounts.join("shop-de.json")] {
        std::os::unix::fs::chown(path, Some(owner), None).unwrap();
    }
    house.run(&["refresh", "shop-de"]).await.expect(0);
    assert_ne!(house.document("shop-de").await.unwrap(), before);
    for file in [".lock", "shop-de.json", "shop-de.previous.json"] {
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
