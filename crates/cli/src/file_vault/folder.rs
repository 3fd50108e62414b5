//! The files of a vault: which is which, and how they are written so that neither a crash nor a neighbour spoils them.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use evertoken_core::account::AccountName;
use evertoken_core::document::VersionId;
use evertoken_core::invite::InviteId;
use secrecy::SecretSlice;
use sha2::{Digest, Sha256};

/// Their owner may list and enter the folder, nobody else.
const PRIVATE_FOLDER: u32 = 0o700;

/// Their owner may read and write the files, nobody else.
const PRIVATE_FILE: u32 = 0o600;

/// How long a writer waits for the others. Each of their writes takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it looks whether they are done.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// What a file is called until it is complete. No account's name begins with a dot.
const UNFINISHED: &str = ".unfinished-";

/// What a file holds for its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The document in force.
    Current,
    /// The one before it.
    Previous,
    /// A renewed token that Instagram refused.
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

/// A file's bytes and the version that they are.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) bytes: SecretSlice<u8>,
    pub(super) version: VersionId,
}

/// The folder with the accounts' files.
#[derive(Debug)]
pub(super) struct Folder {
    accounts: PathBuf,
}

impl Folder {
    /// Makes or opens `dir/accounts`. Only this folder is made private: `dir` may be anybody's.
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
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

    /// Opens `dir/accounts` as it is.
    pub(super) fn existing(dir: &Path) -> io::Result<Self> {
        let accounts = dir.join("accounts");
        fs::read_dir(&accounts)?;
        Ok(Self { accounts })
    }

    /// The folder that was opened: what `--local` takes.
    pub(super) fn dir(&self) -> &Path {
        self.accounts.parent().unwrap_or(&self.accounts)
    }

    /// Where an account's file lies.
    pub(super) fn path(&self, name: &AccountName, role: Role) -> PathBuf {
        self.accounts.join(format!("{name}{}", role.ending()))
    }

    /// A file's content. Needs no lock: a file is complete from the moment it has its name.
    pub(super) fn read(&self, name: &AccountName, role: Role) -> io::Result<Option<Stored>> {
        match fs::read(self.path(name, role)) {
            Ok(bytes) => Ok(Some(Stored { version: version_of(&bytes), bytes: bytes.into() })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The accounts' names in order, and among them what ends in `.json` and is called as no account can be.
    pub(super) fn names(&self) -> io::Result<Vec<Result<AccountName, String>>> {
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
        Ok(names.into_iter().map(|name| name.parse().map_err(|_| name)).collect())
    }

    /// Marks an invite as used, in `dir/invites`; false if it was. The file system gives a name once. The marks are empty
    /// and stay: some bytes each.
    pub(super) fn claim(&self, invite: &InviteId) -> io::Result<bool> {
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

    /// Takes the mark away again.
    pub(super) fn release(&self, invite: &InviteId) -> io::Result<()> {
        match fs::remove_file(self.dir().join("invites").join(invite.as_str())) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Makes a file the folder's owner's. Root may write into anybody's vault, and must not leave there what its owner, a
    /// service perhaps, can no longer read.
    fn give_to_owner(&self, file: &File) -> io::Result<()> {
        let (folder, file_is) = (fs::metadata(&self.accounts)?, file.metadata()?);
        if folder.uid() != file_is.uid() {
            fchown(file, Some(folder.uid()), Some(folder.gid()))?;
        }
        Ok(())
    }

    /// Waits until nobody else writes, for [`PATIENCE`] at most.
    ///
    /// One lock for the whole vault: a write takes milliseconds and a machine's accounts are few, while a lock file for
    /// each account could never be removed without a race. The system frees it when a process dies.
    pub(super) fn lock(&self) -> io::Result<Lock<'_>> {
        let path = self.accounts.join(".lock");
        let file = OpenOptions::new().create(true).write(true).truncate(false).mode(PRIVATE_FILE).open(path)?;
        self.give_to_owner(&file)?;
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { folder: self, _file: file }),
                Err(TryLockError::WouldBlock) if waited < PATIENCE => {
                    thread::sleep(LOOK_EVERY);
                    waited += LOOK_EVERY;
                }
                // A process that is stopped, say, in a debugger or by Ctrl-Z.
                Err(TryLockError::WouldBlock) => return Err(ErrorKind::ResourceBusy.into()),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}

/// Whether `name.json` is a previous or parked document.
fn is_beside_an_account(name: &str) -> bool {
    let account = [".previous", ".parked"].iter().find_map(|ending| name.strip_suffix(ending));
    account.is_some_and(|account| account.parse::<AccountName>().is_ok())
}

/// The right to write, until it is dropped.
#[derive(Debug)]
pub(super) struct Lock<'a> {
    folder: &'a Folder,
    _file: File,
}

impl Lock<'_> {
    /// Puts a file in place, whole or not at all, and returns when it is on the disk.
    pub(super) fn write(&self, name: &AccountName, role: Role, bytes: &[u8]) -> io::Result<()> {
        let accounts = &self.folder.accounts;
        // Made with 0600; removed again by its destructor if anything below fails.
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(accounts)?;
        file.write_all(bytes)?;
        self.folder.give_to_owner(file.as_file())?;
        file.as_file().sync_all()?;
        file.persist(self.folder.path(name, role)).map_err(|error| error.error)?;
        sync(accounts)
    }

    /// Removes a file; one that is not there is fine.
    pub(super) fn remove(&self, name: &AccountName, role: Role) -> io::Result<()> {
        match fs::remove_file(self.folder.path(name, role)) {
            Ok(()) => sync(&self.folder.accounts),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Removes what a killed process began to write. Under the lock nobody is at work on one.
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

/// The version that a file's bytes are: their SHA-256.
pub(super) fn version_of(bytes: &[u8]) -> VersionId {
    VersionId::new(hex::encode(Sha256::digest(bytes)))
}

/// Returns when a folder's entries are on the disk: a rename is no more durable than the folder it is in.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
