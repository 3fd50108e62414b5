//! The service behind the sandbox's control page: it lives through the time that passes there.

use std::path::PathBuf;

use evertoken_sandbox::{Sandbox, Service};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use time::Duration;
use tokio::sync::Mutex;
use url::Url;

use super::refresh_trigger::RefreshTrigger;
use crate::error::Result;
use crate::sandbox_vault::sandbox_file::SandboxFile;

#[derive(Debug)]
pub(crate) struct SandboxService {
    pub(crate) sandbox: Sandbox,
    pub(crate) folder: SandboxFolder,
    pub(crate) refreshes: RefreshTrigger,
    /// The time between two refresh runs.
    pub(crate) run_every: Duration,
    /// One click at a time.
    pub(crate) clicks: Mutex<()>,
}

/// The folder that notes where the sandbox is and what time it shows.
#[derive(Clone, Debug)]
pub(crate) struct SandboxFolder {
    pub(crate) dir: PathBuf,
    pub(crate) origin: Url,
    pub(crate) public_url: Url,
}

impl SandboxFolder {
    pub(crate) fn note(&self, sandbox: &Sandbox) -> Result<()> {
        let file = SandboxFile {
            origin: self.origin.clone(),
            sandbox: sandbox.id().to_owned(),
            public_url: self.public_url.clone(),
            clock_offset_seconds: sandbox.clock_offset().whole_seconds(),
        };
        file.write(&self.dir)
    }
}

impl SandboxService {
    /// Moves the clock from run to run, as a service that runs all the time experiences it. Jumps once the service stops.
    async fn live_through(&self, mut time: Duration) {
        let _click = self.clicks.lock().await;
        while time.is_positive() {
            let step = time.min(self.run_every);
            self.sandbox.advance(step);
            time -= step;
            if self.refreshes.run().await.is_err() {
                self.sandbox.advance(time);
                break;
            }
        }
        if let Err(error) = self.folder.note(&self.sandbox) {
            tracing::error!("{error}");
        }
    }
}

impl Service for SandboxService {
    fn url(&self) -> Option<&str> {
        Some(self.folder.public_url.as_str())
    }

    fn pass_time(&self, time: Duration) -> BoxFuture<'_, ()> {
        self.live_through(time).boxed()
    }
}
