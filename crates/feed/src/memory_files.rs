//! A feed's files in memory, for tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::file_path::FilePath;
use crate::files::{FeedFiles, FilesError, Invalidations};

/// Files in memory. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles(Arc<Mutex<Content>>);

/// What happened to the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A file was written.
    Written(FilePath),
    /// A file was deleted.
    Deleted(FilePath),
    /// A deleted file was removed from the caches.
    Invalidated(FilePath),
}

#[derive(Debug, Default)]
struct Content {
    files: BTreeMap<FilePath, Vec<u8>>,
    changes: Vec<Change>,
    /// How many changes succeed until all fail.
    remaining: Option<usize>,
}

impl MemoryFiles {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All files.
    pub fn files(&self) -> BTreeMap<FilePath, Vec<u8>> {
        self.content().files.clone()
    }

    /// What happened since the last call.
    pub fn take_changes(&self) -> Vec<Change> {
        std::mem::take(&mut self.content().changes)
    }

    /// Lets all changes fail after the next `count` ones, as if the process had ended. `None` ends that.
    pub fn fail_after(&self, count: Option<usize>) {
        self.content().remaining = count;
    }

    fn change(&self, change: impl FnOnce(&mut Content)) -> Result<(), FilesError> {
        let mut content = self.content();
        match &mut content.remaining {
            Some(0) => return Err(FilesError::Unavailable { code: "Injected".to_owned() }),
            Some(remaining) => *remaining -= 1,
            None => {}
        }
        change(&mut content);
        Ok(())
    }
}

impl FeedFiles for MemoryFiles {
    async fn read(&self, path: &FilePath) -> Result<Option<Vec<u8>>, FilesError> {
        Ok(self.content().files.get(path).cloned())
    }

    async fn write(&self, path: &FilePath, bytes: Vec<u8>) -> Result<(), FilesError> {
        self.change(|content| {
            content.changes.push(Change::Written(path.clone()));
            content.files.insert(path.clone(), bytes);
        })
    }

    async fn delete(&self, paths: &[FilePath]) -> Result<(), FilesError> {
        paths.iter().try_for_each(|path| {
            self.change(|content| {
                content.changes.push(Change::Deleted(path.clone()));
                content.files.remove(path);
            })
        })
    }

    async fn list(&self, prefix: &str) -> Result<Vec<FilePath>, FilesError> {
        Ok(self.content().files.keys().filter(|path| path.as_str().starts_with(prefix)).cloned().collect())
    }
}

impl Invalidations for MemoryFiles {
    async fn invalidate(&self, paths: &[FilePath]) -> Result<(), FilesError> {
        self.change(|content| content.changes.extend(paths.iter().cloned().map(Change::Invalidated)))
    }
}
