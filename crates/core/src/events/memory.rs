//! An in-memory event publisher for tests and simulations.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Event, EventError, Events};

/// Keeps every event. Clones share the events.
#[derive(Clone, Debug, Default)]
pub struct MemoryEvents(Arc<Mutex<Vec<Event>>>);

impl MemoryEvents {
    /// Removes and returns all events.
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Events for MemoryEvents {
    fn is_enabled(&self) -> bool {
        true
    }

    async fn send(&self, event: Event) -> Result<(), EventError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event);
        Ok(())
    }
}
