//! The files of a vault: their names, and how they are read, written and locked.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use evertoken_core::account::AccountName;
use evertoken_core::document::VersionId;
use evertoken_core::invite::InviteId;
use evertoken_core::visible_text::visible;
use secrecy::SecretSlice;
use sha2::{Digest, Sha256};

use crate::private_file;

/// The mode of a folder that only its owner can enter.
const PRIVATE_FOLDER: u32 = 0o700;

/// The mode of a file that only its owner can read and write.
const PRIVATE_FILE: u32 = 0o600;

/// How long a writer waits for the lock. A write takes milliseconds.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// Time between two attempts to take the lock.
const LOCK_RETRY: Duration = Duration::from_millis(2);

/// Prefix of the name of an incomplete file. No account name starts with a dot.
const UNFINISHED: &str = ".unfinished-";

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
}

/// The bytes of a file and their version.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) bytes: SecretSlice<u8>,
    pub(crate) version: VersionId,
}

#[derive(Debug)]
pub(crate) struct Folder {
    accounts: PathBuf,
}

impl Folder {
    /// Opens or creates `dir/accounts`. Makes only this folder private: others may use `dir`.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        let accounts = dir.join("accounts");
        DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER).create(&accounts)?;
        if fs::metadata(&accounts)?.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(&accounts, Permissions::from_mode(PRIVATE_FOLDER))?;
        }
        sync(dir)?;
        let folder = Self { accounts };
        folder.lock()?.remove_unfinished()?;
        Ok(folder)
    }

    /// Opens `dir/accounts` and changes nothing.
    pub(crate) fn existing(dir: &Path) -> io::Result<Self> {
        let accounts = dir.join("accounts");
        fs::read_dir(&accounts)?;
        Ok(Self { accounts })
    }

    /// The folder that was opened.
    pub(crate) fn dir(&self) -> &Path {
        self.accounts.parent().unwrap_or(&self.accounts)
    }

    fn path(&self, name: &AccountName, role: Role) -> PathBuf {
        self.accounts.join(format!("{name}{}", role.ending()))
    }

    /// Reads a file. Needs no lock: a file is complete once it has its name.
    pub(crate) fn read(&self, name: &AccountName, role: Role) -> io::Result<Option<Stored>> {
        match fs::read(self.path(name, role)) {
            Ok(bytes) => Ok(Some(Stored { version: version_of(&bytes), bytes: bytes.into() })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The names of all accounts in order. An `Err` is the name of a file that no account can have.
    pub(crate) fn names(&self) -> io::Result<Vec<Result<AccountName, String>>> {
        let mut names = Vec::new();
        for file in fs::read_dir(&self.accounts)? {
            let file = file?.file_name();
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
        let invites = self.dir().join("invites");
        DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER).create(&invites)?;
        let mark =
            OpenOptions::new().write(true).create_new(true).mode(PRIVATE_FILE).open(invites.join(invite.as_str()));
        match mark {
            Ok(_) => sync(&invites).map(|()| true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether an invite is marked as used.
    pub(crate) fn is_claimed(&self, invite: &InviteId) -> io::Result<bool> {
        self.dir().join("invites").join(invite.as_str()).try_exists()
    }

    /// Removes the mark of an invite.
    pub(crate) fn release(&self, invite: &InviteId) -> io::Result<()> {
        match fs::remove_file(self.dir().join("invites").join(invite.as_str())) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Gives a file to the owner of the folder. When root writes to a vault, the service that owns it must still be able to
    /// read the file.
    fn give_to_owner(&self, file: &File) -> io::Result<()> {
        let (folder, file_is) = (fs::metadata(&self.accounts)?, file.metadata()?);
        if folder.uid() != file_is.uid() {
            fchown(file, Some(folder.uid()), Some(folder.gid()))?;
        }
        Ok(())
    }

    /// Takes the lock, or fails after [`LOCK_TIMEOUT`].
    ///
    /// The whole vault has one lock: writes are short and one machine has few accounts, while a lock file per account could
    /// never be deleted without a race. The operating system releases it when a process dies.
    pub(crate) fn lock(&self) -> io::Result<Lock<'_>> {
        let path = self.accounts.join(".lock");
        let file = OpenOptions::new().create(true).write(true).truncate(false).mode(PRIVATE_FILE).open(path)?;
        self.give_to_owner(&file)?;
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { folder: self, _file: file }),
                Err(TryLockError::WouldBlock) if waited < LOCK_TIMEOUT => {
                    thread::sleep(LOCK_RETRY);
                    waited += LOCK_RETRY;
                }
                // The other process may be stopped in a debugger or by Ctrl-Z.
                Err(TryLockError::WouldBlock) => return Err(ErrorKind::ResourceBusy.into()),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}

/// Whether `name.json` is the previous or parked document of an account.
fn is_beside_an_account(name: &str) -> bool {
    let account = [".previous", ".parked"].iter().find_map(|ending| name.strip_suffix(ending));
    account.is_some_and(|account| account.parse::<AccountName>().is_ok())
}

/// The lock, held until it is dropped. Only its holder can write.
#[derive(Debug)]
pub(crate) struct Lock<'a> {
    folder: &'a Folder,
    _file: File,
}

impl Lock<'_> {
    /// Writes a file atomically and returns once it is on disk.
    pub(crate) fn write(&self, name: &AccountName, role: Role, bytes: &[u8]) -> io::Result<()> {
        let accounts = &self.folder.accounts;
        let path = self.folder.path(name, role);
        private_file::prepare(&path, UNFINISHED, bytes, |file| self.folder.give_to_owner(file))?.persist(path)?;
        sync(accounts)
    }

    /// Deletes a file if it exists.
    pub(crate) fn remove(&self, name: &AccountName, role: Role) -> io::Result<()> {
        match fs::remove_file(self.folder.path(name, role)) {
            Ok(()) => sync(&self.folder.accounts),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Deletes the unfinished files of killed processes. Under the lock, no other process is writing one.
    fn remove_unfinished(&self) -> io::Result<()> {
        for file in fs::read_dir(&self.folder.accounts)? {
            let file = file?;
            if file.file_name().to_string_lossy().starts_with(UNFINISHED) {
                fs::remove_file(file.path())?;
            }
        }
        Ok(())
    }
}

/// The version id of a document: the SHA-256 of its bytes.
pub(crate) fn version_of(bytes: &[u8]) -> VersionId {
    VersionId::new(hex::encode(Sha256::digest(bytes)))
}

/// Writes a folder's entries to disk: a rename is only durable once its folder is.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
