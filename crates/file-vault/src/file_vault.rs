//! The vault ports over a folder.

use std::io;
use std::path::Path;
use std::sync::Arc;

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::document::{Document, DocumentError, VersionId, Versioned};
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginId;
use evertoken_core::vault::{
    AccountIndex, AccountStore, DocumentLocator, FoundAccounts, InviteClaims, LoginRecords, OutageCause, PAGE_SIZE,
    Page, ParkedDocuments, RecentLogins, Removal, Unreadable, VaultError,
};
use futures_util::{Stream, StreamExt, stream};
use secrecy::ExposeSecret;

use crate::error::{FolderError, OpenError};
use crate::folder::{Folder, Inspection, Role, Stored, version_of};
use crate::unsafe_file::{Problem, reason};

/// A vault in a folder. Clones share the folder.
#[derive(Clone, Debug)]
pub struct FileVault {
    folder: Arc<Folder>,
    inspection: Inspection,
    /// In memory, because both callbacks of a login reach the one process that serves this folder.
    logins: RecentLogins,
}

impl FileVault {
    /// Opens the vault in `dir`, or creates it. Makes `dir/accounts` and its files private, and removes unfinished files that
    /// a killed process left there.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, OpenError> {
        let dir = dir.as_ref();
        Folder::open(dir).map(Self::new).map_err(|error| OpenError::new(dir, &error))
    }

    /// Opens the vault in `dir` and makes `dir/accounts` and its files private. Changes nothing else, so that a read-only
    /// folder can be read.
    pub fn existing(dir: impl AsRef<Path>) -> Result<Self, OpenError> {
        let dir = dir.as_ref();
        Folder::existing(dir).map(Self::new).map_err(|error| OpenError::new(dir, &error))
    }

    fn new((folder, inspection): (Folder, Inspection)) -> Self {
        Self { folder: Arc::new(folder), inspection, logins: RecentLogins::default() }
    }

    /// What was wrong with the files when the vault was opened.
    pub fn inspection(&self) -> &Inspection {
        &self.inspection
    }

    /// Fails if no document can be written.
    pub fn check_writable(&self) -> io::Result<()> {
        self.folder.check_writable()
    }

    /// Where people find account documents.
    pub fn locator(&self) -> DocumentLocator {
        DocumentLocator::Folder(self.folder.dir().to_owned())
    }

    /// Runs `work` on a thread that may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<T, FolderError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let folder = Arc::clone(&self.folder);
        // Fails only if the runtime shuts down before the work starts, or if the work panics.
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
                return Err(FolderError::Conflict);
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
            let current = folder.read(&name, Role::Current)?.ok_or(FolderError::Conflict)?;
            let bytes = bytes.expose_secret().as_bytes();
            let next = version_of(bytes);
            // The same write again.
            if current.version == next {
                return Ok(next);
            }
            if current.version != expected {
                return Err(FolderError::Conflict);
            }
            // A crash between the two writes leaves the current document twice, and nothing is lost.
            lock.write(&name, Role::Previous, current.bytes.expose_secret())?;
            lock.write(&name, Role::Current, bytes)?;
            Ok(next)
        })
        .await
    }

    /// Always deletes the previous and the parked document too: nothing on a disk would delete them after seven days.
    async fn remove(&self, name: &AccountName, _: Removal) -> Result<(), VaultError> {
        let name = name.clone();
        self.blocking(move |folder| {
            let lock = folder.lock()?;
            // The current document last: after a crash the account still exists and can be removed again.
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
                _ => return Err(FolderError::Conflict),
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

    async fn forget_earlier(&self, name: &AccountName) -> Result<(), VaultError> {
        let name = name.clone();
        self.blocking(move |folder| {
            let lock = folder.lock()?;
            lock.remove(&name, Role::Parked)?;
            Ok(lock.remove(&name, Role::Previous)?)
        })
        .await
    }
}

impl AccountIndex for FileVault {
    /// Reads every document: one machine has few accounts.
    async fn find(&self, id: &AccountId) -> Result<FoundAccounts, VaultError> {
        let id = id.clone();
        self.blocking(move |folder| {
            let mut found = FoundAccounts::default();
            for name in folder.names()?.into_iter().flatten() {
                let with_id = |role| match folder.read(&name, role) {
                    // What is not a document has no id.
                    Ok(stored) => {
                        let account = stored.and_then(|stored| decode(&name, stored).ok());
                        Ok(account.filter(|account| account.document.has_id(&id)))
                    }
                    // A file that is refused is never used. Any other file may have the id.
                    Err(error) if Problem::of(&error).is_some() => Ok(None),
                    Err(error) => Err(FolderError::from(error)),
                };
                if let Some(account) = with_id(Role::Current)? {
                    found.accounts.push(account);
                } else if with_id(Role::Previous)?.or(with_id(Role::Parked)?).is_some() {
                    found.former.push(name);
                }
            }
            Ok(found)
        })
        .await
    }

    /// Does nothing: `find` reads the documents themselves.
    async fn label(&self, _: &Document, _: Option<&Document>) -> Result<(), VaultError> {
        Ok(())
    }
}

impl LoginRecords for FileVault {
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
        self.blocking(move |folder| if folder.claim(&invite)? { Ok(()) } else { Err(FolderError::Conflict) }).await
    }

    async fn is_claimed(&self, invite: &InviteId) -> Result<bool, VaultError> {
        let invite = invite.clone();
        self.blocking(move |folder| Ok(folder.is_claimed(&invite)?)).await
    }

    async fn release(&self, invite: &InviteId) -> Result<(), VaultError> {
        let invite = invite.clone();
        self.blocking(move |folder| Ok(folder.release(&invite)?)).await
    }
}

/// Reads several files. Leaves out those that were deleted in the meantime.
fn read_page(folder: &Folder, names: Vec<Result<AccountName, String>>) -> Page {
    let mut page = Page::default();
    for name in names {
        let (name, read) = match name {
            Ok(name) => (name.to_string(), read_one(folder, &name, Role::Current)),
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

fn read_one(folder: &Folder, name: &AccountName, role: Role) -> Result<Option<Versioned>, DocumentError> {
    let withheld = |error: io::Error| DocumentError::Withheld { code: reason(&error).into_owned() };
    folder.read(name, role).map_err(withheld)?.map(|stored| decode(name, stored)).transpose()
}

fn decode(name: &AccountName, stored: Stored) -> Result<Versioned, DocumentError> {
    let text = std::str::from_utf8(stored.bytes.expose_secret()).map_err(|_| DocumentError::NotJson)?;
    let document = Document::decode(name, text)?;
    Ok(Versioned { version: stored.version, document, cohort: None })
}
