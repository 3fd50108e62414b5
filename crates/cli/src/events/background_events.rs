//! Events that nobody who opens a page waits for.

use std::time::Duration;

use evertoken_core::events::Event;
use evertoken_core::events::{EventError, Events};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Events that may wait for their receivers. Logins come one at a time; more than this means that nobody answers.
const WAITING: usize = 1_000;

/// How long what still waits may take once the service has ended.
const GRACE: Duration = Duration::from_secs(5);

/// Sends in the background: a receiver that does not answer keeps no login waiting.
#[derive(Debug)]
pub(crate) struct BackgroundEvents(mpsc::Sender<Event>);

/// The work in the background.
#[derive(Debug)]
pub(crate) struct BackgroundDelivery(JoinHandle<()>);

impl BackgroundEvents {
    /// Hands on to `events`, one after the other.
    pub(crate) fn new(events: impl Events) -> (Self, BackgroundDelivery) {
        let (sender, mut waiting) = mpsc::channel::<Event>(WAITING);
        let sending = tokio::spawn(async move {
            while let Some(event) = waiting.recv().await {
                let (kind, reference) = (event.kind.as_str(), event.reference.clone());
                if let Err(error) = events.send(event).await {
                    tracing::error!(event = kind, reference, "{error}");
                }
            }
        });
        (Self(sender), BackgroundDelivery(sending))
    }
}

impl BackgroundDelivery {
    /// Waits until all is sent, for a while. To be called when every [`BackgroundEvents`] is gone.
    pub(crate) async fn ended(self) {
        if tokio::time::timeout(GRACE, self.0).await.is_err() {
            tracing::error!("the service ended before its last events were sent");
        }
    }
}

impl Events for BackgroundEvents {
    fn is_enabled(&self) -> bool {
        true
    }

    async fn send(&self, event: Event) -> Result<(), EventError> {
        self.0.try_send(event).map_err(|_| EventError { code: "too many events wait".to_owned() })
    }
}
