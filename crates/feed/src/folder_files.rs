//! A feed's files in a folder, for one machine.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::file_path::FilePath;
use crate::files::{FeedFiles, FilesError};

/// Files in a folder. Settings and states are readable by the owner of the process alone, and everybody may read the others.
#[derive(Clone, Debug)]
pub struct FolderFiles {
    folder: Arc<Path>,
    written: Arc<AtomicU64>,
}

impl FolderFiles {
    /// Uses a folder, and creates it with its first file.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into().into(), written: Arc::default() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> io::Result<T> + Send + 'static,
    ) -> Result<T, FilesError> {
        let this = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&this)).await.unwrap_or_else(|error| Err(error.into()));
        done.map_err(|error| {
            let code = format!("{:?}", error.kind());
            match error.kind() {
                ErrorKind::PermissionDenied => FilesError::Denied { code },
                _ => FilesError::Unavailable { code },
            }
        })
    }

    fn write_now(&self, path: &FilePath, bytes: &[u8]) -> io::Result<()> {
        let target = self.folder.join(path.as_str());
        let parent = target.parent().unwrap_or(&self.folder);
        let (folder_mode, file_mode) = if path.is_public() { (0o755, 0o644) } else { (0o700, 0o600) };
        self.create_folders(parent, folder_mode)?;
        // No path of a feed begins with a dot, so nobody reads the file before it has its name.
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let unfinished = parent.join(format!(".unfinished-{}-{number}", std::process::id()));
        let written = write_new(&unfinished, file_mode, bytes).and_then(|()| fs::rename(&unfinished, &target));
        if written.is_err() {
            fs::remove_file(&unfinished).ok();
        }
        written
    }

    /// Creates the folder of a file. `mode` is for this one, because the folders above it contain public files as well.
    fn create_folders(&self, folder: &Path, mode: u32) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o755).create(&self.folder)?;
        let below = folder.strip_prefix(&self.folder).unwrap_or(Path::new(""));
        let mut folder = self.folder.to_path_buf();
        for part in below.components() {
            folder.push(part);
            match DirBuilder::new().mode(mode).create(&folder) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            // A link could lead elsewhere.
            if !fs::symlink_metadata(&folder)?.is_dir() {
                return Err(ErrorKind::NotADirectory.into());
            }
            if mode == 0o700 {
                fs::set_permissions(&folder, Permissions::from_mode(mode))?;
            }
        }
        Ok(())
    }

    fn list_now(&self, prefix: &str) -> io::Result<Vec<FilePath>> {
        let mut found = Vec::new();
        let entries = match fs::read_dir(self.folder.join(prefix)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(found),
            entries => entries?,
        };
        for entry in entries {
            let name = entry?.file_name();
            found.extend(format!("{prefix}{}", name.to_string_lossy()).parse::<FilePath>());
        }
        found.sort();
        Ok(found)
    }
}

fn write_new(path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Treats a missing file as success.
fn if_present<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

impl FeedFiles for FolderFiles {
    async fn read(&self, path: &FilePath) -> Result<Option<Vec<u8>>, FilesError> {
        let path = path.clone();
        self.run(move |this| if_present(fs::read(this.folder.join(path.as_str())))).await
    }

    async fn write(&self, path: &FilePath, bytes: Vec<u8>) -> Result<(), FilesError> {
        let path = path.clone();
        self.run(move |this| this.write_now(&path, &bytes)).await
    }

    async fn delete(&self, paths: &[FilePath]) -> Result<(), FilesError> {
        let paths = paths.to_vec();
        self.run(move |this| {
            paths.iter().try_for_each(|path| if_present(fs::remove_file(this.folder.join(path.as_str()))).map(|_| ()))
        })
        .await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<FilePath>, FilesError> {
        let prefix = prefix.to_owned();
        self.run(move |this| this.list_now(&prefix)).await
    }
}

#[cfg(test)]
mod tests {
    use evertoken_core::account::AccountName;
    use tempfile::TempDir;

    use super::*;

    fn path(text: &str) -> FilePath {
        text.parse().unwrap()
    }

    fn mode(path: impl AsRef<Path>) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn files_are_written_read_listed_and_deleted() {
        let folder = TempDir::new().unwrap();
        let files = FolderFiles::new(folder.path().join("feeds"));
        let (one, other) = (path("img/shop/1-aa-320.webp"), path("img/shop/2-bb-320.webp"));
        assert_eq!(files.list("img/shop/").await, Ok(Vec::new()));
        assert_eq!(files.read(&one).await, Ok(None));
        for content in ["first", "second"] {
            files.write(&one, content.into()).await.unwrap();
            assert_eq!(files.read(&one).await, Ok(Some(content.into())));
        }
        files.write(&other, Vec::new()).await.unwrap();
        fs::write(files.folder().join("img/shop/.unfinished-1-1"), "").unwrap();
        assert_eq!(files.list("img/shop/").await, Ok(vec![one.clone(), other.clone()]));
        files.delete(&[one, path("img/none/1.jpg")]).await.unwrap();
        assert_eq!(files.list("img/shop/").await, Ok(vec![other]));
    }

    #[tokio::test]
    async fn settings_and_states_are_private() {
        let folder = TempDir::new().unwrap();
        let files = FolderFiles::new(folder.path());
        let shop: AccountName = "shop".parse().unwrap();
        fs::create_dir(folder.path().join("state")).unwrap();
        for path in [FilePath::settings(&shop), FilePath::state(&shop), path("feed/shop.json")] {
            files.write(&path, b"{}".to_vec()).await.unwrap();
        }
        for private in ["settings", "state"] {
            assert_eq!(mode(folder.path().join(private)), 0o700);
            assert_eq!(mode(folder.path().join(private).join("shop.json")), 0o600);
        }
        assert_eq!(mode(folder.path().join("feed/shop.json")) & 0o600, 0o600);
    }

    #[tokio::test]
    async fn a_link_to_a_folder_elsewhere_is_refused() {
        let (folder, elsewhere) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("feed")).unwrap();
        let files = FolderFiles::new(folder.path());
        let error = files.write(&path("feed/shop.json"), Vec::new()).await.unwrap_err();
        assert_eq!(error, FilesError::Unavailable { code: "NotADirectory".to_owned() });
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_failed_write_keeps_the_old_file_and_leaves_nothing_behind() {
        let folder = TempDir::new().unwrap();
        let files = FolderFiles::new(folder.path());
        fs::create_dir_all(folder.path().join("feed/shop.json/inside")).unwrap();
        assert!(files.write(&path("feed/shop.json"), Vec::new()).await.is_err());
        assert_eq!(fs::read_dir(folder.path().join("feed")).unwrap().count(), 1);
    }
}
