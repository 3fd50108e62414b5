//! Events about accounts: their content, the rule for when one is due, and how they are published.

mod change;
mod event;
#[cfg(any(test, feature = "test-support"))]
mod memory;
mod port;
mod publish;
mod reconnect;

pub use change::{is_due, of_change, reminder};
pub use event::{Event, EventKind, SOURCE};
#[cfg(any(test, feature = "test-support"))]
pub use memory::MemoryEvents;
pub use port::{EventError, Events};
pub use publish::{publish, publish_before, send};
pub use reconnect::WithReconnect;

#[cfg(test)]
mod tests;
