//! The ports to where a feed's files are stored, and to the copies that caches keep.

use std::future::Future;

use crate::file_path::FilePath;

/// Stores files by their path.
///
/// Adapters that serve the files themselves or through a cache take the headers from [`FilePath::content_type`] and
/// [`FilePath::cache_control`].
pub trait FeedFiles: Send + Sync + 'static {
    /// The content of a file, or `None` if there is none.
    fn read(&self, path: &FilePath) -> impl Future<Output = Result<Option<Vec<u8>>, FilesError>> + Send;

    /// Writes a file, or replaces it. Readers see the old or the new content, never a part.
    fn write(&self, path: &FilePath, bytes: Vec<u8>) -> impl Future<Output = Result<(), FilesError>> + Send;

    /// Deletes files. Deleting a file that does not exist succeeds.
    fn delete(&self, paths: &[FilePath]) -> impl Future<Output = Result<(), FilesError>> + Send;

    /// The paths that begin with `prefix`, a folder with its slash. Other files are left out.
    fn list(&self, prefix: &str) -> impl Future<Output = Result<Vec<FilePath>, FilesError>> + Send;
}

/// Removes files from the caches in front of them.
pub trait Invalidations: Send + Sync + 'static {
    /// Removes public files that were deleted before their time was up.
    fn invalidate(&self, paths: &[FilePath]) -> impl Future<Output = Result<(), FilesError>> + Send;
}

/// For files that no cache of ours keeps.
impl Invalidations for () {
    async fn invalidate(&self, _: &[FilePath]) -> Result<(), FilesError> {
        Ok(())
    }
}

/// The files could not be read or written. Contains no response of the service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilesError {
    /// Access was denied.
    #[error("access to the feed's files was denied ({code})")]
    Denied {
        /// The error code of the service or the operating system.
        code: String,
    },
    /// The service did not respond, or responded with an error.
    #[error("the feed's files are unavailable ({code})")]
    Unavailable {
        /// The error code of the service or the operating system.
        code: String,
    },
}
