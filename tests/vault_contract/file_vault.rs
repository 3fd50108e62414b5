//! The file vault.

use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::invite::InviteId;
use evertoken_core::vault::{
    AccountIndex, AccountStore, DenialCause, FoundAccounts, InviteClaims, OutageCause, Page, ParkedDocuments, Removal,
    VaultError,
};
use evertoken_file_vault::{FileVault, Inspection};
use evertoken_tests::contract::fixture::{StoredValueFixture, VaultFixture};
use evertoken_tests::sample::{document, name, with_token};
use futures_util::TryStreamExt;
use rustix::thread::{CapabilitySet, capabilities, set_capabilities};
use secrecy::ExposeSecret;
use tempfile::TempDir;

struct FileVaultFixture(TempDir);

impl FileVaultFixture {
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

impl VaultFixture for FileVaultFixture {
    type Vault = FileVault;

    fn vault(&self) -> FileVault {
        FileVault::open(self.0.path()).unwrap()
    }
}

impl StoredValueFixture for FileVaultFixture {
    async fn write_value(&self, name: &str, value: &str) {
        fs::write(self.file(&format!("{name}.json")), value).unwrap();
    }

    async fn read_value(&self, name: &str) -> String {
        fs::read_to_string(self.file(&format!("{name}.json"))).unwrap()
    }

    async fn read_previous_value(&self, name: &AccountName) -> String {
        fs::read_to_string(self.file(&format!("{name}.previous.json"))).unwrap()
    }
}

evertoken_tests::vault_contract!(FileVaultFixture::new());
evertoken_tests::stored_value_contract!(FileVaultFixture::new());

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn files_and_folder_are_accessible_only_to_their_owner() {
    let fixture = FileVaultFixture::new();
    fs::create_dir(fixture.accounts()).unwrap();
    set_mode(&fixture.accounts(), 0o755);
    let vault = fixture.vault();
    let first = document("shop-de");
    let version = vault.create(&first).await.unwrap();
    let version = vault.replace(&version, &with_token("IGAA-second", &first)).await.unwrap();
    vault.park(&version, &first).await.unwrap();
    assert_eq!(mode(&fixture.accounts()), 0o700);
    assert_eq!(fixture.files(), ["shop-de.json", "shop-de.parked.json", "shop-de.previous.json"]);
    for file in fixture.files() {
        assert_eq!(mode(&fixture.file(&file)), 0o600, "{file}");
    }
}

#[test]
fn a_folder_that_is_already_private_keeps_its_mode() {
    let fixture = FileVaultFixture::new();
    fs::create_dir(fixture.accounts()).unwrap();
    set_mode(&fixture.accounts(), 0o1700);
    fixture.vault();
    assert_eq!(fs::metadata(fixture.accounts()).unwrap().permissions().mode() & 0o7777, 0o1700);
}

#[tokio::test]
async fn only_accounts_are_listed_and_not_the_documents_beside_them() {
    let fixture = FileVaultFixture::new();
    let vault = fixture.vault();
    let first = document("shop-de");
    let version = vault.create(&first).await.unwrap();
    let version = vault.replace(&version, &with_token("IGAA-second", &first)).await.unwrap();
    vault.park(&version, &first).await.unwrap();
    // Not beside an account, because no account can have this name.
    fs::write(fixture.file("No Name.previous.json"), "{}").unwrap();
    let pages: Vec<Page> = vault.list().try_collect().await.unwrap();
    let accounts: Vec<_> = pages.iter().flat_map(|page| &page.accounts).map(|account| &account.document.name).collect();
    let unreadable: Vec<_> = pages.iter().flat_map(|page| &page.unreadable).map(|found| found.name.as_str()).collect();
    assert_eq!((accounts, unreadable), (vec![&first.name], vec!["No Name.previous"]));
}

#[tokio::test]
async fn a_file_that_cannot_be_removed_is_an_error() {
    let fixture = FileVaultFixture::new();
    let vault = fixture.vault();
    let first = document("shop-de");
    vault.create(&first).await.unwrap();
    fs::create_dir_all(fixture.file("shop-de.parked.json/in-the-way")).unwrap();
    assert!(vault.remove(&first.name, Removal::ForGood).await.is_err());
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().document, first);
}

#[tokio::test]
async fn only_an_existing_mark_means_that_an_invite_was_used() {
    let fixture = FileVaultFixture::new();
    let vault = fixture.vault();
    let invites = fixture.0.path().join("invites");
    let [invite, unused] = [(); 2].map(|()| InviteId::generate(&SystemEntropy).unwrap());
    // The folder exists only once an invite was used.
    assert_eq!(vault.is_claimed(&invite).await, Ok(false));
    assert_eq!(vault.release(&invite).await, Ok(()));
    assert!(!invites.exists());

    fs::write(&invites, "").unwrap();
    let code = "invites: a link or file in place of a folder".to_owned();
    let error = VaultError::Denied { cause: DenialCause::UnsafeFile, code };
    assert_eq!(vault.claim(&invite).await, Err(error.clone()));
    assert_eq!(vault.is_claimed(&invite).await, Err(error.clone()));
    assert_eq!(vault.release(&invite).await, Err(error));
    fs::remove_file(&invites).unwrap();
    vault.claim(&invite).await.unwrap();
    assert_eq!(vault.claim(&invite).await, Err(VaultError::Conflict));

    // A mark that cannot be removed. One that does not exist needs no removal.
    vault.release(&unused).await.unwrap();
    let mark = fs::read_dir(&invites).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(&mark).unwrap();
    fs::create_dir(&mark).unwrap();
    assert!(matches!(vault.release(&invite).await, Err(VaultError::Unavailable { .. })));
}

#[tokio::test]
async fn a_new_vault_has_private_folders() {
    let fixture = FileVaultFixture::new();
    let dir = fixture.0.path().join("deep/vault");
    FileVault::open(&dir).unwrap();
    assert_eq!((mode(&dir), mode(&dir.join("accounts"))), (0o700, 0o700));
}

#[test]
fn a_path_that_is_not_a_folder_is_reported() {
    let fixture = FileVaultFixture::new();
    let file = fixture.0.path().join("file");
    fs::write(&file, "").unwrap();
    let error = FileVault::open(&file).unwrap_err().to_string();
    assert_eq!(error, format!("cannot open the vault {} (not a directory)", file.display()));
}

/// Runs `operation` without root's capabilities to bypass the modes of files and folders.
fn without_root<T: Send>(operation: impl AsyncFnOnce() -> T + Send) -> T {
    let run = || {
        // The threads of the runtime inherit the capabilities of the thread that starts them.
        let mut own = capabilities(None).unwrap();
        own.effective.remove(CapabilitySet::DAC_OVERRIDE | CapabilitySet::DAC_READ_SEARCH);
        set_capabilities(None, own).unwrap();
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(operation())
    };
    thread::scope(|scope| scope.spawn(run).join().unwrap())
}

fn permission_denied() -> VaultError {
    VaultError::Denied { cause: DenialCause::FilePermission, code: "permission denied".to_owned() }
}

#[test]
fn a_folder_that_cannot_be_created_is_reported() {
    let fixture = FileVaultFixture::new();
    set_mode(fixture.0.path(), 0o500);
    let dir = fixture.0.path().join("vault");
    let error = without_root(async || FileVault::open(&dir).unwrap_err().to_string());
    assert_eq!(error, format!("cannot open the vault {} (permission denied)", dir.display()));
}

#[test]
fn a_folder_that_cannot_be_written_is_opened_to_be_read() {
    let fixture = FileVaultFixture::new();
    fixture.vault();
    set_mode(&fixture.accounts(), 0o500);
    let dir = fixture.0.path();
    let error = without_root(async || FileVault::existing(dir).unwrap().check_writable().unwrap_err());
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    let error = without_root(async || FileVault::open(dir).unwrap_err());
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    set_mode(&fixture.accounts(), 0o700);
    FileVault::existing(dir).unwrap().check_writable().unwrap();
    assert_eq!(fixture.files(), [""; 0]);
}

/// Otherwise the owner would read that somebody else used the invite.
#[tokio::test]
async fn an_invite_that_cannot_be_marked_as_used_is_not_taken_for_a_used_one() {
    let fixture = FileVaultFixture::new();
    let vault = fixture.vault();
    let [first, second] = [(); 2].map(|()| InviteId::generate(&SystemEntropy).unwrap());
    vault.claim(&first).await.unwrap();
    let invites = fixture.0.path().join("invites");
    set_mode(&invites, 0o500);
    assert_eq!(without_root(async || vault.claim(&second).await), Err(permission_denied()));
    set_mode(&invites, 0o700);
    vault.claim(&second).await.unwrap();
}

/// A removal that Instagram asks for would be lost if the account were taken for unknown.
#[tokio::test]
async fn an_account_is_unknown_only_if_all_documents_could_be_read() {
    let fixture = FileVaultFixture::new();
    let vault = fixture.vault();
    let first = document("shop-de");
    let version = vault.create(&first).await.unwrap();
    vault.replace(&version, &with_token("IGAA-second", &first)).await.unwrap();
    let unknown: AccountId = "17841499999999999".parse().unwrap();
    for file in ["shop-de.json", "shop-de.previous.json"] {
        set_mode(&fixture.file(file), 0o000);
        assert_eq!(without_root(async || vault.find(&unknown).await), Err(permission_denied()), "{file}");
        set_mode(&fixture.file(file), 0o600);
    }
    assert_eq!(vault.find(&unknown).await, Ok(FoundAccounts::default()));
}

#[tokio::test]
async fn a_refused_file_does_not_hide_the_other_accounts() {
    let fixture = FileVaultFixture::new();
    let vault = fixture.vault();
    let first = document("shop-de");
    vault.create(&first).await.unwrap();
    symlink(fixture.file("shop-de.json"), fixture.file("a-link.json")).unwrap();
    let found = vault.find(&first.account_id).await.unwrap();
    let names: Vec<_> = found.accounts.iter().map(|account| &account.document.name).collect();
    assert_eq!((names, found.former), (vec![&first.name], vec![]));
}

#[test]
fn only_documents_that_are_refused_are_named_when_a_vault_is_opened() {
    let fixture = FileVaultFixture::new();
    fixture.vault();
    // Neither is a document.
    symlink("elsewhere", fixture.file("link")).unwrap();
    fs::create_dir(fixture.file("folder")).unwrap();
    symlink("elsewhere", fixture.file("link.json")).unwrap();
    // Whoever reads it reports it.
    fs::write(fixture.file("secret.json"), "{}").unwrap();
    set_mode(&fixture.file("secret.json"), 0o000);
    let dir = fixture.0.path();
    let inspection = without_root(async || FileVault::existing(dir).unwrap().inspection().clone());
    let refused = vec!["link.json: a symbolic link".to_owned()];
    assert_eq!(inspection, Inspection { exposed_folder: None, exposed_files: 0, refused });
}

#[tokio::test]
async fn unrelated_files_are_left_unchanged() {
    let fixture = FileVaultFixture::new();
    let vault = fixture.vault();
    vault.create(&document("shop-de")).await.unwrap();
    for file in ["README.txt", ".DS_Store", "shop-de.json~"] {
        fs::write(fixture.file(file), "hello").unwrap();
    }
    fs::create_dir(fixture.file("shop-fr.json")).unwrap();
    let page = vault.get_many(&[name("shop-de"), name("shop-fr")]).await.unwrap();
    assert_eq!((page.accounts.len(), page.unreadable.len()), (1, 1));
    assert_eq!(page.unreadable[0].name, "shop-fr");
    for file in ["README.txt", ".DS_Store", "shop-de.json~"] {
        assert_eq!(fs::read_to_string(fixture.file(file)).unwrap(), "hello");
    }
}

#[tokio::test]
async fn unfinished_files_are_removed_when_the_vault_is_opened() {
    let fixture = FileVaultFixture::new();
    let first = document("shop-de");
    fixture.vault().create(&first).await.unwrap();
    fs::write(fixture.file(".unfinished-x7"), "half a docum").unwrap();
    let vault = fixture.vault();
    assert_eq!(fixture.files(), ["shop-de.json"]);
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().document, first);
}

#[tokio::test]
async fn a_failed_write_changes_nothing() {
    let fixture = FileVaultFixture::new();
    let vault = fixture.vault();
    let first = document("shop-de");
    let version = vault.create(&first).await.unwrap();
    // A directory blocks the path of the previous document. (File permissions would not stop a test that runs as root.)
    fs::create_dir_all(fixture.file("shop-de.previous.json/in-the-way")).unwrap();
    let error = vault.replace(&version, &with_token("IGAA-second", &first)).await.unwrap_err();
    assert_eq!(error, VaultError::Unavailable { cause: OutageCause::Other, code: "is a directory".to_owned() });
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().document, first);
    assert_eq!(fixture.files(), ["shop-de.json", "shop-de.previous.json"]);
}

#[tokio::test]
async fn a_full_disk_does_not_damage_the_current_document() {
    let fixture = FileVaultFixture::new();
    let vault = fixture.vault();
    let mut first = document("shop-de");
    first.unknown.insert("note".to_owned(), "n".repeat(1_000).into());
    vault.create(&first).await.unwrap();
    let writer = |limit: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{limit} exec \"$@\""), "sh", env!("CARGO_BIN_EXE_vault-writer")]);
        shell.arg(fixture.0.path()).args(["shop-de", "1"]).output().unwrap()
    };
    // As on a full disk, a write stops in the middle: files are limited to 512 bytes, and the signal of the limit is
    // ignored.
    let full = writer("trap '' XFSZ; ulimit -f 1;");
    let stderr = String::from_utf8(full.stderr).unwrap();
    assert!(!full.status.success() && stderr.contains("the vault is unavailable (file too large)"), "{stderr}");
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().document, first);
    assert_eq!(fixture.files(), ["shop-de.json"]);
    // Without the limit, the write succeeds.
    assert!(writer("").status.success());
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().document.unknown["count"], 1);
}

#[tokio::test]
async fn a_copy_of_the_previous_file_restores_the_previous_document() {
    let fixture = FileVaultFixture::new();
    let vault = fixture.vault();
    let first = document("shop-de");
    let version = vault.create(&first).await.unwrap();
    vault.replace(&version, &with_token("IGAA-second", &first)).await.unwrap();
    fs::copy(fixture.file("shop-de.previous.json"), fixture.file("shop-de.json")).unwrap();
    let restored = vault.get(&first.name).await.unwrap().unwrap();
    assert_eq!(restored.document, first);
    vault.replace(&restored.version, &with_token("IGAA-third", &first)).await.unwrap();
}

#[tokio::test]
async fn a_removed_account_leaves_no_token_on_disk() {
    let fixture = FileVaultFixture::new();
    let vault = fixture.vault();
    let first = document("shop-de");
    let version = vault.create(&first).await.unwrap();
    let version = vault.replace(&version, &with_token("IGAA-second", &first)).await.unwrap();
    vault.park(&version, &first).await.unwrap();
    vault.remove(&first.name, Removal::Recoverable).await.unwrap();
    assert_eq!(fixture.files(), [""; 0]);
}

#[tokio::test]
async fn two_processes_lose_no_update_of_the_same_document() {
    const TIMES: u64 = 40;
    let fixture = FileVaultFixture::new();
    let vault = fixture.vault();
    vault.create(&document("shop-de")).await.unwrap();
    let writer = || {
        let mut writer = Command::new(env!("CARGO_BIN_EXE_vault-writer"));
        writer.arg(fixture.0.path()).arg("shop-de").arg(TIMES.to_string()).stdout(Stdio::null()).spawn().unwrap()
    };
    for mut writer in [writer(), writer()] {
        assert!(writer.wait().unwrap().success());
    }
    let counted = vault.get(&name("shop-de")).await.unwrap().unwrap().document;
    assert_eq!(counted.unknown["count"], 2 * TIMES);
    assert_eq!(fixture.files(), ["shop-de.json", "shop-de.previous.json"]);
    let before = fixture.read_previous_value(&counted.name).await;
    assert!(before.contains(&format!(r#""count":{}"#, 2 * TIMES - 1)), "{}", counted.encode().expose_secret());
}

/// Otherwise the account would be gone for everyone, and its older token would stay on the disk.
#[tokio::test]
async fn a_removal_that_fails_halfway_leaves_the_account_so_that_it_can_be_repeated() {
    let dir = TempDir::new().unwrap();
    let vault = FileVault::open(dir.path()).unwrap();
    vault.create(&document("shop-de")).await.unwrap();
    // Only files can be deleted.
    let obstacle = dir.path().join("accounts/shop-de.previous.json");
    fs::create_dir(&obstacle).unwrap();
    vault.remove(&name("shop-de"), Removal::ForGood).await.unwrap_err();
    assert!(vault.get(&name("shop-de")).await.unwrap().is_some());
    fs::remove_dir(obstacle).unwrap();
    vault.remove(&name("shop-de"), Removal::ForGood).await.unwrap();
    assert_eq!(vault.get(&name("shop-de")).await, Ok(None));
}
