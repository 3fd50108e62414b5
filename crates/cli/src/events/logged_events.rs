//! Events for whoever looks at the terminal.

use evertoken_core::events::Event;
use evertoken_core::events::{EventError, Events};

/// Says in the log what a person should know of. An invite never stands there, so it says how to make one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoggedEvents;

impl Events for LoggedEvents {
    fn is_enabled(&self) -> bool {
        true
    }

    async fn send(&self, event: Event) -> Result<(), EventError> {
        let (kind, name, username) = (event.kind.as_str(), &event.name, &event.username);
        let reason = event.reason.as_deref().unwrap_or_default();
        if event.kind.asks_for_login() {
            tracing::warn!(
                reference = event.reference,
                "{kind}: {name} (@{username}). {reason} A link: evertoken invite --name {name}"
            );
        } else {
            tracing::info!(reference = event.reference, "{kind}: {name} (@{username})");
        }
        Ok(())
    }
}
