//! Events that nobody who opens a page waits for.

use std::time::Duration;

use evertoken_core::events::{self, Event, EventError, Events};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Events that may wait for their receivers. Logins come one at a time; more than this means that nobody answers.
const WAITING: usize = 1_000;

/// How long what still waits may take once the service has ended.
const GRACE: Duration = Duration::from_secs(5);

/// Sends in the background: a receiver that does not answer keeps no login waiting.
#[derive(Debug)]
pub(crate) struct Aside(mpsc::Sender<Event>);

/// The work in the background.
#[derive(Debug)]
pub(crate) struct Sending(JoinHandle<()>);

impl Aside {
    /// Hands on to `receivers`, one after the other.
    pub(crate) fn new(receivers: impl Events) -> (Self, Sending) {
        let (sender, mut waiting) = mpsc::channel::<Event>(WAITING);
        let sending = tokio::spawn(async move {
            while let Some(event) = waiting.recv().await {
                events::send(&receivers, event).await;
            }
        });
        (Self(sender), Sending(sending))
    }
}

impl Sending {
    /// Waits until all is sent, for a while. To be called when every [`Aside`] is gone.
    pub(crate) async fn ended(self) {
        if tokio::time::timeout(GRACE, self.0).await.is_err() {
            tracing::error!("the service ended before its last events were sent");
        }
    }
}

impl Events for Aside {
    fn is_enabled(&self) -> bool {
        true
    }

    async fn send(&self, event: Event) -> Result<(), EventError> {
        self.0.try_send(event).map_err(|_| EventError { code: "too many events wait".to_owned() })
    }
}
