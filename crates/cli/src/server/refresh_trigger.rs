//! Asks the refresh loop for a run at once.

use tokio::sync::{mpsc, oneshot};

/// How many requests can wait.
const QUEUE: usize = 8;

/// Asks for runs. Clones ask the same loop.
#[derive(Clone, Debug)]
pub(crate) struct RefreshTrigger(mpsc::Sender<oneshot::Sender<()>>);

/// The requests for runs, each with the sender that is told when the run is over.
#[derive(Debug)]
pub(crate) struct RefreshRequests(mpsc::Receiver<oneshot::Sender<()>>);

/// The loop has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LoopStopped;

impl RefreshTrigger {
    pub(crate) fn new() -> (Self, RefreshRequests) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (Self(sender), RefreshRequests(receiver))
    }

    /// Waits until a run that started after this call is over.
    pub(crate) async fn run(&self) -> Result<(), LoopStopped> {
        let (done, is_done) = oneshot::channel();
        self.0.send(done).await.map_err(|_| LoopStopped)?;
        is_done.await.map_err(|_| LoopStopped)
    }
}

impl RefreshRequests {
    /// The next request, or `None` once nobody can ask any more.
    pub(super) async fn next(&mut self) -> Option<oneshot::Sender<()>> {
        self.0.recv().await
    }
}
