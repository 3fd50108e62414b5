//! Opens, creates and replaces the files of a folder without following links.
//!
//! Every file is reached through the handle of its folder and by a plain name, so nobody who can write to the folder can
//! redirect an access to a file elsewhere. This matters most for root, who works on the folder of a service. A file is used
//! only if it is regular, has one name and belongs to the right user, as `ssh` requires it of keys. Only a file or folder
//! that was just created is given to another owner.

use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, File, Permissions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, fchown};
use std::path::Path;
use std::thread;
use std::time::Duration;

use evertoken_core::entropy::{Entropy, SystemEntropy};
use rustix::fs::{
    AtFlags, Dir, Mode, OFlags, RenameFlags, linkat, mkdirat, openat, renameat, renameat_with, statat, unlinkat,
};
use rustix::io::Errno;

use crate::unsafe_file::{Problem, exposed_mode};

/// The mode of a folder that only its owner can enter.
const PRIVATE_FOLDER: u32 = 0o700;

/// The mode of a file that only its owner can read and write.
const PRIVATE_FILE: u32 = 0o600;

/// Prefix of the name of an incomplete file. No account name starts with a dot.
const UNFINISHED: &str = ".unfinished-";

/// How long a writer waits for the lock. A write takes milliseconds.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// Time between two attempts to take the lock.
const LOCK_RETRY: Duration = Duration::from_millis(2);

/// What to do with a file that others can access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposed {
    /// Do not use it: a key that others may know protects nothing.
    Refuse,
    /// Make it private.
    Repair,
}

/// The user and group that new files belong to.
#[derive(Clone, Copy, Debug)]
struct Owner {
    user: u32,
    group: u32,
}

/// An open folder.
#[derive(Debug)]
pub struct SafeFolder {
    folder: File,
    owner: Owner,
    /// Whether users other than the owner can create and rename files here.
    is_shared: bool,
    /// The mode that other users could enter the folder with, until it was opened.
    pub(crate) exposed: Option<u32>,
}

/// An exclusive lock, held until it is dropped.
#[derive(Debug)]
pub(crate) struct FolderLock(#[expect(dead_code, reason = "closing the handle releases the lock")] File);

impl SafeFolder {
    /// Opens a folder that the operator named. Its path may contain symbolic links. Files belong to this process's user.
    pub fn open(path: &Path) -> io::Result<Self> {
        let folder = File::open(path)?;
        let metadata = folder.metadata()?;
        if !metadata.is_dir() {
            return Err(ErrorKind::NotADirectory.into());
        }
        let owner = Owner { user: rustix::process::geteuid().as_raw(), group: rustix::process::getegid().as_raw() };
        Ok(Self { folder, owner, is_shared: metadata.mode() & 0o022 != 0, exposed: None })
    }

    /// Opens the folder of a vault. If root does, files belong to the owner of the folder, so that the service can read
    /// them.
    pub fn of_vault(path: &Path) -> io::Result<Self> {
        let folder = Self::open(path)?;
        let metadata = folder.folder.metadata()?;
        let owner = if is_root() { Owner { user: metadata.uid(), group: metadata.gid() } } else { folder.owner };
        Ok(Self { owner, ..folder })
    }

    /// Opens the folder of a vault, or creates it with the folders above it.
    pub(crate) fn create_vault(path: &Path) -> io::Result<Self> {
        match DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER).create(path) {
            // A file is reported as such when it is opened.
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => Self::of_vault(path),
        }
    }

    /// Opens a folder in this one, and makes it private.
    pub fn subfolder(&self, name: &str) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = match openat(&self.folder, name, flags, Mode::empty()) {
            Ok(folder) => File::from(folder),
            Err(Errno::NOTDIR | Errno::LOOP) => return Err(Problem::NotAFolder.with(name)),
            Err(error) => return Err(error.into()),
        };
        let metadata = folder.metadata()?;
        let owner = Owner { user: metadata.uid(), group: metadata.gid() };
        // In a folder that nobody else can write to, only its owner can have put another user's folder.
        let is_trusted = owner.user == self.owner.user || (is_root() && !self.is_shared);
        if !is_trusted {
            return Err(Problem::Owner(owner.user).with(name));
        }
        let exposed = exposed_mode(&metadata);
        if exposed.is_some() {
            folder.set_permissions(Permissions::from_mode(PRIVATE_FOLDER))?;
        }
        Ok(Self { folder, owner, is_shared: false, exposed })
    }

    /// Opens a folder in this one, or creates it.
    pub fn create_subfolder(&self, name: &str) -> io::Result<Self> {
        match mkdirat(&self.folder, name, Mode::from_raw_mode(0o700)) {
            Err(Errno::EXIST) => return self.subfolder(name),
            created => created?,
        }
        self.sync()?;
        let mut created = self.subfolder(name)?;
        // An empty folder of our own is the one that was created, or as good as that.
        if created.owner.user != self.owner.user && created.names()?.is_empty() {
            fchown(&created.folder, Some(self.owner.user), Some(self.owner.group))?;
            created.owner = self.owner;
        }
        Ok(created)
    }

    /// Reads a file. Returns `None` if there is none.
    pub fn read(&self, name: impl AsRef<OsStr>, exposed: Exposed) -> io::Result<Option<Vec<u8>>> {
        let Some(mut file) = self.open_file(name.as_ref(), exposed)?.map(|opened| opened.0) else { return Ok(None) };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// Makes a file private. Returns the mode that other users could access it with.
    pub(crate) fn make_private(&self, name: &OsStr) -> io::Result<Option<u32>> {
        Ok(self.open_file(name, Exposed::Repair)?.and_then(|opened| opened.1))
    }

    /// An existing file and its mode, if that gave access to others.
    fn open_file(&self, name: &OsStr, exposed: Exposed) -> io::Result<Option<(File, Option<u32>)>> {
        let shown = name.to_string_lossy();
        // Without NONBLOCK, a pipe without a writer would block for ever.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = match openat(&self.folder, name, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(Problem::Link.with(&shown)),
            // A socket, or a device without a driver.
            Err(Errno::NXIO) => return Err(Problem::NotAFile.with(&shown)),
            Err(error) => return Err(error.into()),
        };
        let metadata = file.metadata()?;
        let foreign = (metadata.uid() != self.owner.user).then_some(Problem::Owner(metadata.uid()));
        if let Some(problem) = Problem::of_file(&metadata).or(foreign) {
            return Err(problem.with(&shown));
        }
        let mode = exposed_mode(&metadata);
        match (mode, exposed) {
            (Some(mode), Exposed::Refuse) => return Err(Problem::Mode(mode).with(&shown)),
            (Some(_), Exposed::Repair) => file.set_permissions(Permissions::from_mode(PRIVATE_FILE))?,
            (None, _) => {}
        }
        Ok(Some((file, mode)))
    }

    /// Whether something has this name, of whatever type.
    pub(crate) fn exists(&self, name: &str) -> io::Result<bool> {
        match statat(&self.folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes a file, or replaces it atomically, and returns once it is on disk.
    pub fn write(&self, name: impl AsRef<OsStr>, bytes: &[u8]) -> io::Result<()> {
        let unfinished = self.unfinished(bytes)?;
        renameat(&self.folder, &unfinished.name, &self.folder, name.as_ref())?;
        self.sync()
    }

    /// Writes a file, and returns once it is on disk. Fails with [`ErrorKind::AlreadyExists`] if there is one.
    pub fn create(&self, name: impl AsRef<OsStr>, bytes: &[u8]) -> io::Result<()> {
        let unfinished = self.unfinished(bytes)?;
        let (from, to) = (unfinished.name.as_str(), name.as_ref());
        match renameat_with(&self.folder, from, &self.folder, to, RenameFlags::NOREPLACE) {
            // Some file systems do not support it.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                linkat(&self.folder, from, &self.folder, to, AtFlags::empty())?;
            }
            renamed => renamed?,
        }
        drop(unfinished);
        self.sync()
    }

    /// A file under a temporary name, on disk.
    fn unfinished(&self, bytes: &[u8]) -> io::Result<Unfinished<'_>> {
        let (unfinished, mut file) = self.new_file()?;
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(unfinished)
    }

    /// An empty file under a temporary name, private from the start.
    fn new_file(&self) -> io::Result<(Unfinished<'_>, File)> {
        let mut random = [0; 8];
        SystemEntropy.fill(&mut random).map_err(io::Error::other)?;
        let name = format!("{UNFINISHED}{}", hex::encode(random));
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(&self.folder, &name, flags, Mode::from_raw_mode(0o600))?;
        let unfinished = Unfinished { folder: self, name };
        let file = File::from(file);
        if file.metadata()?.uid() != self.owner.user {
            fchown(&file, Some(self.owner.user), Some(self.owner.group))?;
        }
        Ok((unfinished, file))
    }

    /// Fails if no file can be created here.
    pub(crate) fn check_writable(&self) -> io::Result<()> {
        self.new_file().map(|_| ())
    }

    /// Deletes the unfinished files of killed processes. The caller holds the lock, so no other process is writing one.
    pub(crate) fn remove_unfinished(&self) -> io::Result<()> {
        let names = self.names()?;
        let mut unfinished = names.iter().filter(|name| name.as_bytes().starts_with(UNFINISHED.as_bytes()));
        unfinished.try_for_each(|name| self.remove(name))
    }

    /// Deletes a file if it exists.
    pub fn remove(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        match unlinkat(&self.folder, name.as_ref(), AtFlags::empty()) {
            Ok(()) => self.sync(),
            Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The names of everything in this folder.
    pub fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.folder)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                names.push(OsString::from_vec(name));
            }
        }
        Ok(names)
    }

    /// Writes the folder's entries to disk: a rename is only durable once its folder is.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.folder.sync_all()
    }

    /// Locks the folder, or fails after [`LOCK_TIMEOUT`]. The operating system releases the lock when a process dies.
    pub(crate) fn lock(&self) -> io::Result<FolderLock> {
        // A lock belongs to one handle, so that each thread needs its own.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = File::from(openat(&self.folder, ".", flags, Mode::empty())?);
        let mut waited = Duration::ZERO;
        loop {
            match folder.try_lock() {
                Ok(()) => return Ok(FolderLock(folder)),
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

/// A file that has no final name yet. Deleted when dropped, unless it was renamed.
struct Unfinished<'a> {
    folder: &'a SafeFolder,
    name: String,
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        // Otherwise it is deleted when a vault is opened here.
        unlinkat(&self.folder.folder, &self.name, AtFlags::empty()).ok();
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Reads a private file at a path that the operator named. Returns `None` if there is none.
pub fn read(path: &Path, exposed: Exposed) -> io::Result<Option<Vec<u8>>> {
    let (folder, name) = locate(path)?;
    folder.read(name, exposed)
}

/// Writes a private file at a path that the operator named, and replaces the one that exists.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (folder, name) = locate(path)?;
    folder.write(name, bytes)
}

/// Writes a private file at a path that the operator named. Fails with [`ErrorKind::AlreadyExists`] if there is one.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (folder, name) = locate(path)?;
    folder.create(name, bytes)
}

fn locate(path: &Path) -> io::Result<(SafeFolder, &OsStr)> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    Ok((SafeFolder::open(folder)?, path.file_name().ok_or(ErrorKind::IsADirectory)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_next_to_its_final_name_and_readable_by_its_owner_alone() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("secret");
        create(&path, b"one").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(create(&path, b"two").unwrap_err().kind(), ErrorKind::AlreadyExists);
        write(&path, b"three").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"three");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_name_without_a_folder_is_in_the_working_directory() {
        let (here, name) = locate(Path::new("secret")).unwrap();
        let metadata = std::fs::metadata(".").unwrap();
        assert_eq!((here.folder.metadata().unwrap().ino(), name), (metadata.ino(), OsStr::new("secret")));
        assert_eq!(locate(Path::new("/")).unwrap_err().kind(), ErrorKind::IsADirectory);
    }
}
