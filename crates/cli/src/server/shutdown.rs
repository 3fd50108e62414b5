//! The shutdown signal: Ctrl-C or SIGTERM.

use std::future::Future;
use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::error::{CliError, Result};

/// The exit status that shells report for a process that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Tells every task of this process to stop. Clones share the signal.
#[derive(Clone, Debug)]
pub(crate) struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    /// Requested by Ctrl-C or SIGTERM. The second signal ends the process at once.
    pub(crate) fn on_signal() -> Result<Self> {
        Self::listen().map_err(CliError::Signals)
    }

    fn listen() -> io::Result<Self> {
        let (request, requested) = watch::channel(false);
        // Registered here and not in the task: Ctrl-C may arrive before the task starts.
        let mut interrupted = signal(SignalKind::interrupt())?;
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
            // Fails only if every task has stopped.
            request.send(true).ok();
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
            std::process::exit(INTERRUPTED);
        });
        Ok(Self(requested))
    }

    /// Requested by a test.
    #[cfg(test)]
    pub(crate) fn by_hand() -> (watch::Sender<bool>, Self) {
        let (request, requested) = watch::channel(false);
        (request, Self(requested))
    }

    pub(crate) fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Completes when the shutdown is requested.
    pub(crate) fn requested(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut requested = self.0.clone();
        async move {
            // An error means that the task above is gone, which is a reason to stop as well.
            requested.wait_for(|requested| *requested).await.ok();
        }
    }
}
