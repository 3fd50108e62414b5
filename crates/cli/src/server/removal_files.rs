//! Removal requests that wait in files for the next refresh run.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use evertoken_callback::{Ports, retry_removal};
use evertoken_core::removal_queue::{DeferError, DeferredRemoval, Deferring, RemovalQueue};
use evertoken_file_vault::private_file;
use sha2::{Digest, Sha256};

/// Files in `dir/removals`, one per request.
#[derive(Clone, Debug)]
pub(crate) struct RemovalFiles(PathBuf);

impl RemovalFiles {
    /// The files in a vault's folder. Creates nothing.
    pub(crate) fn in_folder(dir: &Path) -> Self {
        Self(dir.join("removals"))
    }

    fn write(&self, removal: &DeferredRemoval) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        let text = serde_json::to_vec(removal)?;
        let parts = [removal.callback.path(), &removal.signed_request];
        let hash = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part).chain_update("\n")).finalize();
        private_file::write(&self.0.join(format!("{}.json", hex::encode(hash))), &text)
    }

    /// The requests and their files. Skips what is not a request.
    fn pending(&self) -> Vec<(PathBuf, DeferredRemoval)> {
        let files = fs::read_dir(&self.0).into_iter().flatten().filter_map(Result::ok);
        let read = |path: PathBuf| {
            let removal = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
            Some((path, removal))
        };
        files.filter_map(|file| read(file.path())).collect()
    }

    /// Tries each request again, and deletes those that are done.
    pub(crate) async fn work_off<S: Ports>(&self, service: &S) {
        for (path, removal) in self.pending() {
            if retry_removal(service, &removal).await {
                match fs::remove_file(&path) {
                    Ok(()) => tracing::info!(http.route = removal.callback.path(), "a queued removal request is done"),
                    Err(error) => tracing::error!("a removal request is done and its file remains ({})", error.kind()),
                }
            }
        }
    }
}

impl RemovalQueue for RemovalFiles {
    fn defer(&self, removal: DeferredRemoval) -> Deferring<'_> {
        // A short write to a local disk, which blocks for no longer than a write to the vault.
        let written = self.write(&removal).map_err(|error| DeferError { code: error.kind().to_string() });
        Box::pin(std::future::ready(written))
    }
}
