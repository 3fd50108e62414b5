//! Removal requests that wait in files for the next refresh run.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use evertoken_callback::{Ports, retry_removal};
use evertoken_core::removal_queue::{DeferError, DeferredRemoval, Deferring, RemovalQueue};
use evertoken_file_vault::reason;
use evertoken_file_vault::safe_folder::{Exposed, SafeFolder};
use sha2::{Digest, Sha256};

const REMOVALS: &str = "removals";

/// Files in `dir/removals`, one per request.
#[derive(Clone, Debug)]
pub(crate) struct RemovalFiles(PathBuf);

impl RemovalFiles {
    /// The files in a vault's folder. Creates nothing.
    pub(crate) fn in_folder(dir: &Path) -> Self {
        Self(dir.to_owned())
    }

    fn write(&self, removal: &DeferredRemoval) -> io::Result<()> {
        let removals = SafeFolder::of_vault(&self.0)?.create_subfolder(REMOVALS)?;
        let text = serde_json::to_vec(removal)?;
        let parts = [removal.callback.path(), &removal.signed_request];
        let hash = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part).chain_update("\n")).finalize();
        removals.write(format!("{}.json", hex::encode(hash)), &text)
    }

    /// The folder, or `None` if it does not exist or is not used.
    fn folder(&self) -> Option<SafeFolder> {
        match SafeFolder::of_vault(&self.0).and_then(|vault| vault.subfolder(REMOVALS)) {
            Ok(folder) => Some(folder),
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::error!("cannot read the queued removal requests ({})", reason(&error));
                }
                None
            }
        }
    }

    /// The requests and the names of their files. Skips what is not a request.
    fn pending(folder: &SafeFolder) -> Vec<(OsString, DeferredRemoval)> {
        let read = |name: OsString| {
            let removal = serde_json::from_slice(&folder.read(&name, Exposed::Repair).ok()??).ok()?;
            Some((name, removal))
        };
        folder.names().into_iter().flatten().filter_map(read).collect()
    }

    /// Tries each request again, and deletes those that are done.
    pub(crate) async fn work_off<S: Ports>(&self, service: &Arc<S>) {
        let Some(folder) = self.folder() else { return };
        for (name, removal) in Self::pending(&folder) {
            if retry_removal(service, &removal).await
                && let Err(error) = folder.remove(&name)
            {
                tracing::error!("a removal request is done and its file remains ({})", error.kind());
            }
        }
    }
}

impl RemovalQueue for RemovalFiles {
    fn defer(&self, removal: DeferredRemoval) -> Deferring<'_> {
        // A short write to a local disk, which blocks for no longer than a write to the vault.
        let written = self.write(&removal).map_err(|error| DeferError { code: reason(&error).into_owned() });
        Box::pin(std::future::ready(written))
    }
}
