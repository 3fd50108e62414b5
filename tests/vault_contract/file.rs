//! The vault in a folder.

use evertoken_core::vault::AccountStore;
use evertoken_core::vault::OutageCause;
use evertoken_core::vault::ParkedDocuments;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use evertoken_file_vault::FileVault;
use evertoken_core::account::AccountName;
use evertoken_core::vault::{Removal, VaultError};
use evertoken_tests::contract::{Place, Storage};
use evertoken_tests::sample::{document, name, with_token};
use secrecy::ExposeSecret;
use tempfile::TempDir;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn accounts(&self) -> PathBuf {
        self.0.path().join("accounts")
    }

    fn file(&self, file: &str) -> PathBuf {
        self.accounts().join(file)
    }

    fn files(&self) -> Vec<String> {
        let files = fs::read_dir(self.accounts()).unwrap();
        let mut files: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        files
    }
}

impl Place for Folder {
    type Vault = FileVault;

    fn vault(&self) -> FileVault {
        FileVault::open(self.0.path()).unwrap()
    }
}

impl Storage for Folder {
    async fn plant(&self, name: &str, value: &str) {
        fs::write(self.file(&format!("{name}.json")), value).unwrap();
    }

    async fn value(&self, name: &str) -> String {
        fs::read_to_string(self.file(&format!("{name}.json"))).unwrap()
    }

    async fn previous_value(&self, name: &AccountName) -> String {
        fs::read_to_string(self.file(&format!("{name}.previous.json"))).unwrap()
    }
}

evertoken_tests::vault_contract!(Folder::new());
evertoken_tests::storage_contract!(Folder::new());

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn only_the_owner_can_read_the_files_and_enter_the_folder() {
    let folder = Folder::new();
    fs::create_dir(folder.accounts()).unwrap();
    fs::set_permissions(folder.accounts(), Permissions::from_mode(0o755)).unwrap();
    let vault = folder.vault();
    let first = document("shop-de");
    let version = vault.create(&first).await.unwrap();
    let version = vault.replace(&version, &with_token("IGAA-second", &first)).await.unwrap();
    vault.park(&version, &first).await.unwrap();
    assert_eq!(mode(&folder.accounts()), 0o700);
    assert_eq!(folder.files(), [".lock", "shop-de.json", "shop-de.parked.json", "shop-de.previous.json"]);
    for file in folder.files() {
        assert_eq!(mode(&folder.file(&file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_new_vault_is_made_private_down_to_its_last_folder() {
    let folder = Folder::new();
    let dir = folder.0.path().join("deep/vault");
    FileVault::open(&dir).unwrap();
    assert_eq!((mode(&dir), mode(&dir.join("accounts"))), (0o700, 0o700));
}

#[test]
fn a_place_that_can_hold_no_folder_is_named() {
    let folder = Folder::new();
    let file = folder.0.path().join("file");
    fs::write(&file, "").unwrap();
    let error = FileVault::open(&file).unwrap_err().to_string();
    assert_eq!(error, format!("the vault {} cannot be opened: not a directory", file.display()));
}

#[tokio::test]
async fn files_that_are_no_accounts_are_left_alone() {
    let folder = Folder::new();
    let vault = folder.vault();
    vault.create(&document("shop-de")).await.unwrap();
    for file in ["README.txt", ".DS_Store", "shop-de.json~"] {
        fs::write(folder.file(file), "hello").unwrap();
    }
    fs::create_dir(folder.file("shop-fr.json")).unwrap();
    let page = vault.get_many(&[name("shop-de"), name("shop-fr")]).await.unwrap();
    assert_eq!((page.accounts.len(), page.unreadable.len()), (1, 1));
    assert_eq!(page.unreadable[0].name, "shop-fr");
    for file in ["README.txt", ".DS_Store", "shop-de.json~"] {
        assert_eq!(fs::read_to_string(folder.file(file)).unwrap(), "hello");
    }
}

#[tokio::test]
async fn what_a_killed_process_began_to_write_is_cleared_away_at_the_next_start() {
    let folder = Folder::new();
    let first = document("shop-de");
    folder.vault().create(&first).await.unwrap();
    fs::write(folder.file(".unfinished-x7"), "half a docum").unwrap();
    let vault = folder.vault();
    assert_eq!(folder.files(), [".lock", "shop-de.json"]);
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().document, first);
}

#[tokio::test]
async fn a_write_that_fails_loses_nothing_and_leaves_nothing_behind() {
    let folder = Folder::new();
    let vault = folder.vault();
    let first = document("shop-de");
    let version = vault.create(&first).await.unwrap();
    // The new document cannot take its place. (Permissions would not stop a test that root runs.)
    fs::create_dir_all(folder.file("shop-de.previous.json/in-the-way")).unwrap();
    let error = vault.replace(&version, &with_token("IGAA-second", &first)).await.unwrap_err();
    assert_eq!(error, VaultError::Unavailable { cause: OutageCause::Other, code: "is a directory".to_owned() });
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().document, first);
    assert_eq!(folder.files(), [".lock", "shop-de.json", "shop-de.previous.json"]);
}

#[tokio::test]
async fn a_document_that_finds_no_room_leaves_the_old_one_whole() {
    let folder = Folder::new();
    let vault = folder.vault();
    let mut first = document("shop-de");
    first.unknown.insert("note".to_owned(), "n".repeat(1_000).into());
    vault.create(&first).await.unwrap();
    let writer = |limit: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{limit} exec \"$@\""), "sh", env!("CARGO_BIN_EXE_vault-writer")]);
        shell.arg(folder.0.path()).args(["shop-de", "1"]).output().unwrap()
    };
    // What a full disk does to a write: it begins, and ends in the middle. Files have 512 bytes at most here, and the
    // signal that comes with the limit is ignored.
    let full = writer("trap '' XFSZ; ulimit -f 1;");
    let said = String::from_utf8(full.stderr).unwrap();
    assert!(!full.status.success() && said.contains("the vault is not available (file too large)"), "{said}");
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().document, first);
    assert_eq!(folder.files(), [".lock", "shop-de.json"]);
    // There is room again.
    assert!(writer("").status.success());
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().document.unknown["count"], 1);
}

#[tokio::test]
async fn copying_the_previous_document_back_is_the_way_back() {
    let folder = Folder::new();
    let vault = folder.vault();
    let first = document("shop-de");
    let version = vault.create(&first).await.unwrap();
    vault.replace(&version, &with_token("IGAA-second", &first)).await.unwrap();
    fs::copy(folder.file("shop-de.previous.json"), folder.file("shop-de.json")).unwrap();
    let back = vault.get(&first.name).await.unwrap().unwrap();
    assert_eq!(back.document, first);
    vault.replace(&back.version, &with_token("IGAA-third", &first)).await.unwrap();
}

#[tokio::test]
async fn a_removed_account_leaves_no_token_on_the_disk() {
    let folder = Folder::new();
    let vault = folder.vault();
    let first = document("shop-de");
    let version = vault.create(&first).await.unwrap();
    let version = vault.replace(&version, &with_token("IGAA-second", &first)).await.unwrap();
    vault.park(&version, &first).await.unwrap();
    vault.remove(&first.name, Removal::Recoverable).await.unwrap();
    assert_eq!(folder.files(), [".lock"]);
}

#[tokio::test]
async fn two_processes_that_count_in_one_document_lose_no_count() {
    const TIMES: u64 = 40;
    let folder = Folder::new();
    let vault = folder.vault();
    vault.create(&document("shop-de")).await.unwrap();
    let writer = || {
        let mut writer = Command::new(env!("CARGO_BIN_EXE_vault-writer"));
        writer.arg(folder.0.path()).arg("shop-de").arg(TIMES.to_string()).stdout(Stdio::null()).spawn().unwrap()
    };
    for mut writer in [writer(), writer()] {
        assert!(writer.wait().unwrap().success());
    }
    let counted = vault.get(&name("shop-de")).await.unwrap().unwrap().document;
    assert_eq!(counted.unknown["count"], 2 * TIMES);
    assert_eq!(folder.files(), [".lock", "shop-de.json", "shop-de.previous.json"]);
    let before = folder.previous_value(&counted.name).await;
    assert!(before.contains(&format!(r#""count":{}"#, 2 * TIMES - 1)), "{}", counted.encode().expose_secret());
}
