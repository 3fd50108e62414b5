//! Events that are sent in the background, so that no login waits for a slow target.

use std::time::Duration;

use evertoken_core::events::{self, Event, EventError, Events};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How many events can wait. Logins come one at a time, so a full queue means that the target does not answer.
const QUEUE: usize = 1_000;

/// How long the waiting events may take after the service has stopped.
const GRACE_PERIOD: Duration = Duration::from_secs(5);

/// Puts events in a queue.
#[derive(Debug)]
pub(crate) struct BackgroundEvents(mpsc::Sender<Event>);

/// The task that sends the events in the queue.
#[derive(Debug)]
pub(crate) struct BackgroundSender(JoinHandle<()>);

impl BackgroundEvents {
    /// Starts a task that sends to `target`, one event after the other.
    pub(crate) fn start(target: impl Events) -> (Self, BackgroundSender) {
        let (sender, mut queue) = mpsc::channel::<Event>(QUEUE);
        let task = tokio::spawn(async move {
            while let Some(event) = queue.recv().await {
                events::send(&target, event).await;
            }
        });
        (Self(sender), BackgroundSender(task))
    }
}

impl BackgroundSender {
    /// Waits until the queue is empty, for the grace period at most. Every [`BackgroundEvents`] must be dropped before.
    pub(crate) async fn finish(self) {
        if tokio::time::timeout(GRACE_PERIOD, self.0).await.is_err() {
            tracing::error!("the service stopped before its last events were sent");
        }
    }
}

impl Events for BackgroundEvents {
    fn is_enabled(&self) -> bool {
        true
    }

    async fn send(&self, event: Event) -> Result<(), EventError> {
        self.0.try_send(event).map_err(|_| EventError { code: "too many waiting events".to_owned() })
    }
}
