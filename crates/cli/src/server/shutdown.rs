//! The shutdown signal: Ctrl-C or SIGTERM.

use std::future::Future;

use anyhow::Result;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// The exit status that shells report for a process that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Tells everything in this process when to end.
#[derive(Clone, Debug)]
pub(crate) struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    /// Asked for by Ctrl-C or a termination signal.
    pub(crate) fn on_signal() -> Result<Self> {
        let (ask, asked) = watch::channel(false);
        // Both from now on: the task below begins only after the URL is printed, and Ctrl-C may come before.
        let mut interrupted = signal(SignalKind::interrupt())?;
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
            // Nobody listens any more only when all has ended.
            ask.send(true).ok();
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
            // Asked twice: as if nobody had caught the first.
            std::process::exit(INTERRUPTED);
        });
        Ok(Self(asked))
    }

    /// Whether the end is asked for.
    pub(crate) fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Done when the end is asked for.
    pub(crate) fn asked(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut asked = self.0.clone();
        async move {
            // An error means that the signals' task is gone, which is an end as well.
            asked.wait_for(|asked| *asked).await.ok();
        }
    }
}
