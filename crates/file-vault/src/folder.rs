//! The files of a vault: their names, and how they are read, written and locked.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use evertoken_core::account::AccountName;
use evertoken_core::document::VersionId;
use evertoken_core::invite::InviteId;
use evertoken_core::visible_text::visible;
use secrecy::SecretSlice;
use sha2::{Digest, Sha256};

use crate::safe_folder::{Exposed, FolderLock, SafeFolder};
use crate::unsafe_file::{Problem, reason};

/// The folder of the documents.
const ACCOUNTS: &str = "accounts";

/// The folder of the marks of used invites.
const INVITES: &str = "invites";

/// Which of an account's documents a file contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The current document.
    Current,
    /// The document before it.
    Previous,
    /// A renewed token that Instagram rejected.
    Parked,
}

impl Role {
    fn ending(self) -> &'static str {
        match self {
            Self::Current => ".json",
            Self::Previous => ".previous.json",
            Self::Parked => ".parked.json",
        }
    }

    fn file(self, name: &AccountName) -> String {
        format!("{name}{}", self.ending())
    }
}

/// The bytes of a file and their version.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) bytes: SecretSlice<u8>,
    pub(crate) version: VersionId,
}

/// What was wrong with the modes, owners and types of a vault's files when it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// The mode of the folder `accounts`, if other users could enter it. It is private now.
    pub exposed_folder: Option<u32>,
    /// How many files in it gave access to other users. They are private now.
    pub exposed_files: usize,
    /// The documents that are not used, and why.
    pub refused: Vec<String>,
}

/// The path of a vault. Its folders are opened and checked by each operation, so that they can be replaced by a backup
/// while a service is running.
#[derive(Debug)]
pub(crate) struct Folder {
    dir: PathBuf,
}

impl Folder {
    /// Opens or creates `dir/accounts`. Makes only this folder private: others may use `dir`.
    pub(crate) fn open(dir: &Path) -> io::Result<(Self, Inspection)> {
        let vault = SafeFolder::create_vault(dir)?;
        let accounts = vault.create_subfolder(ACCOUNTS)?;
        vault.sync()?;
        accounts.check_writable()?;
        let lock = accounts.lock()?;
        accounts.remove_unfinished()?;
        drop(lock);
        Ok((Self { dir: dir.to_owned() }, inspect(&accounts)?))
    }

    /// Opens `dir/accounts`. Changes nothing but modes that give access to other users.
    pub(crate) fn existing(dir: &Path) -> io::Result<(Self, Inspection)> {
        let folder = Self { dir: dir.to_owned() };
        let inspection = inspect(&folder.accounts()?)?;
        Ok((folder, inspection))
    }

    /// The folder that was opened.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    fn accounts(&self) -> io::Result<SafeFolder> {
        SafeFolder::of_vault(&self.dir)?.subfolder(ACCOUNTS)
    }

    /// Fails if no document can be written.
    pub(crate) fn check_writable(&self) -> io::Result<()> {
        self.accounts()?.check_writable()
    }

    /// Reads a file. Needs no lock: a file is complete once it has its name.
    pub(crate) fn read(&self, name: &AccountName, role: Role) -> io::Result<Option<Stored>> {
        let bytes = self.accounts()?.read(role.file(name), Exposed::Repair)?;
        Ok(bytes.map(|bytes| Stored { version: version_of(&bytes), bytes: bytes.into() }))
    }

    /// The names of all accounts in order. An `Err` is the name of a file that no account can have.
    pub(crate) fn names(&self) -> io::Result<Vec<Result<AccountName, String>>> {
        let mut names = Vec::new();
        for file in self.accounts()?.names()? {
            let file = file.to_string_lossy();
            if let Some(name) = file.strip_suffix(Role::Current.ending())
                && !is_beside_an_account(name)
            {
                names.push(name.to_owned());
            }
        }
        names.sort_unstable();
        Ok(names.into_iter().map(|name| name.parse().map_err(|_| visible(&name).into_owned())).collect())
    }

    /// Marks an invite as used by creating an empty file in `dir/invites`. Returns `false` if it was used before: the file
    /// system creates a name only once.
    pub(crate) fn claim(&self, invite: &InviteId) -> io::Result<bool> {
        let invites = SafeFolder::of_vault(&self.dir)?.create_subfolder(INVITES)?;
        match invites.create(invite.as_str(), b"") {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether an invite is marked as used.
    pub(crate) fn is_claimed(&self, invite: &InviteId) -> io::Result<bool> {
        match SafeFolder::of_vault(&self.dir)?.subfolder(INVITES) {
            Ok(invites) => invites.exists(invite.as_str()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes the mark of an invite.
    pub(crate) fn release(&self, invite: &InviteId) -> io::Result<()> {
        match SafeFolder::of_vault(&self.dir)?.subfolder(INVITES) {
            Ok(invites) => invites.remove(invite.as_str()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Takes the lock, or fails after ten seconds.
    ///
    /// The whole vault has one lock, on the folder `accounts` itself: writes are short and one machine has few accounts, and
    /// a lock file would be one more file that somebody can replace.
    pub(crate) fn lock(&self) -> io::Result<Lock> {
        let accounts = self.accounts()?;
        Ok(Lock { _lock: accounts.lock()?, accounts })
    }
}

/// Makes the files of a folder private.
fn inspect(accounts: &SafeFolder) -> io::Result<Inspection> {
    let mut inspection = Inspection { exposed_folder: accounts.exposed, ..Inspection::default() };
    for file in accounts.names()? {
        match accounts.make_private(&file) {
            Ok(exposed) => inspection.exposed_files += usize::from(exposed.is_some()),
            // A folder or a link that is not a document is left alone, and is never opened.
            Err(_) if !file.to_string_lossy().ends_with(Role::Current.ending()) => {}
            Err(error) if Problem::of(&error).is_some() => inspection.refused.push(reason(&error).into_owned()),
            // Reported by whoever reads the document.
            Err(_) => {}
        }
    }
    inspection.refused.sort_unstable();
    Ok(inspection)
}

/// Whether `name.json` is the previous or parked document of an account.
fn is_beside_an_account(name: &str) -> bool {
    let account = [".previous", ".parked"].iter().find_map(|ending| name.strip_suffix(ending));
    account.is_some_and(|account| account.parse::<AccountName>().is_ok())
}

/// The lock, held until it is dropped. Only its holder can write.
#[derive(Debug)]
pub(crate) struct Lock {
    accounts: SafeFolder,
    _lock: FolderLock,
}

impl Lock {
    /// Writes a file atomically and returns once it is on disk.
    pub(crate) fn write(&self, name: &AccountName, role: Role, bytes: &[u8]) -> io::Result<()> {
        self.accounts.write(role.file(name), bytes)
    }

    /// Deletes a file if it exists.
    pub(crate) fn remove(&self, name: &AccountName, role: Role) -> io::Result<()> {
        self.accounts.remove(role.file(name))
    }
}

/// The version id of a document: the SHA-256 of its bytes.
pub(crate) fn version_of(bytes: &[u8]) -> VersionId {
    VersionId::new(hex::encode(Sha256::digest(bytes)))
}
