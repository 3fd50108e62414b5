//! A folder as a vault: one file an account, for one machine.

mod folder;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, io};

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::document::{Document, DocumentError, VersionId, Versioned};
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginId;
use evertoken_core::vault::RecentLogins;
use evertoken_core::vault::{
    AccountIndex, AccountStore, DenialCause, DocumentLocator, FoundAccounts, InviteClaims, LoginRecords, OutageCause,
    PAGE_SIZE, Page, ParkedDocuments, Removal, Unreadable, VaultError,
};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use secrecy::ExposeSecret;

use folder::{Folder, Role, Stored, version_of};

/// Account documents as files, `DIR/accounts/<name>.json`, that their owner alone can read.
///
/// Beside it may lie `<name>.previous.json`, the document before (the way back: copy it over the current one), and
/// `<name>.parked.json`. A version is the SHA-256 of a file's bytes, so an edit by hand is a version like any other.
///
/// Any number of processes may share a folder: each write is made under a lock. It must be on a local disk, since locks
/// and renames over a network are each file system's own affair.
#[derive(Clone, Debug)]
pub struct FileVault {
    folder: Arc<Folder>,
    /// Of this process: a second click comes to the same one.
    logins: RecentLogins,
}

/// The folder cannot be used as a vault.
#[derive(Debug)]
pub struct OpenError {
    dir: PathBuf,
    reason: io::ErrorKind,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the vault {} cannot be opened: {}", self.dir.display(), self.reason)
    }
}

impl std::error::Error for OpenError {}

impl OpenError {
    /// What the system said.
    pub fn kind(&self) -> io::ErrorKind {
        self.reason
    }
}

impl FileVault {
    /// Where people find account documents.
    pub fn locator(&self) -> DocumentLocator {
        DocumentLocator::Folder(self.folder.dir().to_owned())
    }

    /// Opens the vault in `dir`, and makes it if it is not there. `dir/accounts` is made private if it was not, and
    /// half-written files that a killed process has left there are removed.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, OpenError> {
        let dir = dir.as_ref();
        let folder = Folder::open(dir).map_err(|error| OpenError { dir: dir.to_owned(), reason: error.kind() })?;
        Ok(Self { folder: Arc::new(folder), logins: RecentLogins::default() })
    }

    /// The vault that is in `dir`, as it is: nothing is made and nothing is cleared away, so that a folder that can only be
    /// read is read.
    pub fn existing(dir: impl AsRef<Path>) -> Result<Self, OpenError> {
        let dir = dir.as_ref();
        let folder = Folder::existing(dir).map_err(|error| OpenError { dir: dir.to_owned(), reason: error.kind() })?;
        Ok(Self { folder: Arc::new(folder), logins: RecentLogins::default() })
    }

    /// Runs file work where it may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, VaultError> {
        let folder = Arc::clone(&self.folder);
        // Fails only when the runtime shuts down before the work began, or when the work panics.
        let done = tokio::task::spawn_blocking(move || work(&folder)).await;
        match done {
            Ok(done) => done.map_err(VaultError::from),
            Err(_) => Err(VaultError::Unavailable { cause: OutageCause::Other, code: "interrupted".to_owned() }),
        }
    }
}

impl AccountStore for FileVault {
    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        let name = name.clone();
        self.blocking(move |folder| match folder.read(&name, Role::Current)? {
            Some(stored) => Ok(Some(decode(&name, stored)?)),
            None => Ok(None),
        })
        .await
    }

    async fn get_many(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        let names: Vec<_> = names.iter().cloned().map(Ok).collect();
        self.blocking(move |folder| Ok(read_page(folder, names))).await
    }

    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        let vault = self.clone();
        let names = async move {
            match vault.blocking(|folder| Ok(folder.names()?)).await {
                Ok(names) => stream::iter(names.chunks(PAGE_SIZE).map(|chunk| Ok(chunk.to_vec())).collect::<Vec<_>>()),
                Err(error) => stream::iter(vec![Err(error)]),
            }
        };
        let vault = self.clone();
        stream::once(names).flatten().then(move |names| {
            let vault = vault.clone();
            async move {
                let names = names?;
                vault.blocking(move |folder| Ok(read_page(folder, names))).await
            }
        })
    }

    async fn create(&self, document: &Document) -> Result<VersionId, VaultError> {
        let (name, bytes) = (document.name.clone(), document.encode());
        self.blocking(move |folder| {
            let lock = folder.lock()?;
            if folder.read(&name, Role::Current)?.is_some() {
                return Err(Stop::Conflict);
            }
            let bytes = bytes.expose_secret().as_bytes();
            lock.write(&name, Role::Current, bytes)?;
            Ok(version_of(bytes))
        })
        .await
    }

    async fn replace(&self, expected: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        let (name, bytes, expected) = (document.name.clone(), document.encode(), expected.clone());
        self.blocking(move |folder| {
            let lock = folder.lock()?;
            let current = folder.read(&name, Role::Current)?.ok_or(Stop::Conflict)?;
            let bytes = bytes.expose_secret().as_bytes();
            let next = version_of(bytes);
            // The same write again: it is done.
            if current.version == next {
                return Ok(next);
            }
            if current.version != expected {
                return Err(Stop::Conflict);
            }
            // Killed between the two, the vault holds the current document twice, and nothing is lost.
            lock.write(&name, Role::Previous, current.bytes.expose_secret())?;
            lock.write(&name, Role::Current, bytes)?;
            Ok(next)
        })
        .await
    }

    /// Removes the account's files at once, the previous and the parked document included: on a disk nobody would clear
    /// away what is kept to be had back.
    async fn remove(&self, name: &AccountName, _: Removal) -> Result<(), VaultError> {
        let name = name.clone();
        self.blocking(move |folder| {
            let lock = folder.lock()?;
            // The current one last: killed before it, the account is still there and can be removed again.
            for role in [Role::Parked, Role::Previous, Role::Current] {
                lock.remove(&name, role)?;
            }
            Ok(())
        })
        .await
    }
}

impl ParkedDocuments for FileVault {
    async fn park(&self, base: &VersionId, document: &Document) -> Result<(), VaultError> {
        let (name, bytes, base) = (document.name.clone(), document.encode(), base.clone());
        self.blocking(move |folder| {
            let lock = folder.lock()?;
            match folder.read(&name, Role::Current)? {
                Some(current) if current.version == base => {}
                _ => return Err(Stop::Conflict),
            }
            Ok(lock.write(&name, Role::Parked, bytes.expose_secret().as_bytes())?)
        })
        .await
    }

    async fn parked(&self, name: &AccountName) -> Result<Option<Document>, VaultError> {
        let name = name.clone();
        self.blocking(move |folder| match folder.read(&name, Role::Parked)? {
            Some(stored) => Ok(Some(decode(&name, stored)?.document)),
            None => Ok(None),
        })
        .await
    }
}

impl AccountIndex for FileVault {
    /// Reads all: a machine's accounts are few.
    async fn find(&self, id: &AccountId) -> Result<FoundAccounts, VaultError> {
        let pages: Vec<Page> = self.list().try_collect().await?;
        let all = pages.into_iter().flat_map(|page| page.accounts);
        Ok(FoundAccounts { accounts: all.filter(|account| account.document.has_id(id)).collect(), removed: Vec::new() })
    }

    /// Accounts are found in the documents themselves.
    async fn label(&self, _: &Document) -> Result<(), VaultError> {
        Ok(())
    }
}

impl LoginRecords for FileVault {
    /// In memory: both requests of a login meet the one process that serves this folder.
    async fn remember(&self, login: &LoginId, name: &AccountName) -> Result<(), VaultError> {
        self.logins.remember(login, name);
        Ok(())
    }

    async fn recall(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        Ok(self.logins.recall(login))
    }
}

impl InviteClaims for FileVault {
    async fn claim(&self, invite: &InviteId) -> Result<(), VaultError> {
        let invite = invite.clone();
        self.blocking(move |folder| if folder.claim(&invite)? { Ok(()) } else { Err(Stop::Conflict) }).await
    }

    async fn release(&self, invite: &InviteId) -> Result<(), VaultError> {
        let invite = invite.clone();
        self.blocking(move |folder| Ok(folder.release(&invite)?)).await
    }
}

/// Reads some files. What cannot be read is told by name, what has gone meanwhile is left out.
fn read_page(folder: &Folder, names: Vec<Result<AccountName, String>>) -> Page {
    let mut page = Page::default();
    for name in names {
        let (name, read) = match name {
            Ok(name) => (name.to_string(), read_one(folder, &name)),
            Err(name) => (name, Err(DocumentError::Misnamed)),
        };
        match read {
            Ok(Some(account)) => page.accounts.push(account),
            Ok(None) => {}
            Err(reason) => page.unreadable.push(Unreadable { name, reason }),
        }
    }
    page
}

fn read_one(folder: &Folder, name: &AccountName) -> Result<Option<Versioned>, DocumentError> {
    let withheld = |error: io::Error| DocumentError::Withheld { code: error.kind().to_string() };
    folder.read(name, Role::Current).map_err(withheld)?.map(|stored| decode(name, stored)).transpose()
}

fn decode(name: &AccountName, stored: Stored) -> Result<Versioned, DocumentError> {
    let text = std::str::from_utf8(stored.bytes.expose_secret()).map_err(|_| DocumentError::NotJson)?;
    let document = Document::decode(name, text)?;
    Ok(Versioned { version: stored.version, document })
}

/// Why file work ends early.
enum Stop {
    Conflict,
    Unreadable(DocumentError),
    Failed(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<DocumentError> for Stop {
    fn from(error: DocumentError) -> Self {
        Self::Unreadable(error)
    }
}

impl From<Stop> for VaultError {
    /// The code is the standard library's name for what happened, as "no storage space".
    fn from(stop: Stop) -> Self {
        let error = match stop {
            Stop::Conflict => return Self::Conflict,
            Stop::Unreadable(error) => return Self::Unreadable(error),
            Stop::Failed(error) => error,
        };
        let code = error.kind().to_string();
        let cause = match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                return Self::Denied { cause: DenialCause::FilePermission, code };
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                OutageCause::StorageFull
            }
            io::ErrorKind::ResourceBusy => OutageCause::Locked,
            _ => OutageCause::Other,
        };
        Self::Unavailable { cause, code }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_missing_permission_are_told_apart() {
        let told = |kind| VaultError::from(Stop::from(io::Error::from(kind))).to_string();
        assert_eq!(told(io::ErrorKind::StorageFull), "the vault is unavailable (no storage space)");
        assert_eq!(
            told(io::ErrorKind::ReadOnlyFilesystem),
            "the vault denied access (read-only filesystem or storage medium)"
        );
        assert!(told(io::ErrorKind::PermissionDenied).contains("(permission denied)"));
    }
}
