//! The port for publishing events.

use super::Event;

/// Publishes events.
pub trait Events: Send + Sync + 'static {
    /// Whether events are published at all. If not, nothing is recorded about them in documents either.
    fn is_enabled(&self) -> bool;

    /// Publishes an event. A failure loses this event and nothing else.
    fn send(&self, event: Event) -> impl Future<Output = Result<(), EventError>> + Send;
}

impl<T: Events> Events for Option<T> {
    fn is_enabled(&self) -> bool {
        self.as_ref().is_some_and(T::is_enabled)
    }

    async fn send(&self, event: Event) -> Result<(), EventError> {
        match self {
            Some(events) => events.send(event).await,
            None => Ok(()),
        }
    }
}

/// An event was not published. Contains nothing of the event.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("cannot publish the event ({code})")]
pub struct EventError {
    /// The receiver's own error code.
    pub code: String,
}
