//! Events in the log, for the person at the terminal.

use evertoken_core::document::ProviderName;
use evertoken_core::events::{Event, EventError, Events};

use crate::vault::vault_option::VaultOption;

/// Logs events. Invites must not appear in a log, so it names the command that creates one.
#[derive(Clone, Debug)]
pub(crate) struct LoggedEvents {
    pub(crate) vault_option: VaultOption,
}

impl Events for LoggedEvents {
    fn is_enabled(&self) -> bool {
        true
    }

    async fn send(&self, event: Event) -> Result<(), EventError> {
        let (kind, name, username) = (event.kind.as_str(), &event.name, &event.username);
        let reason = event.reason.as_deref().unwrap_or_default();
        if event.kind.asks_for_login() {
            let invite = self.vault_option.invite_command(name, event.provider.unwrap_or(ProviderName::Instagram));
            tracing::warn!(
                reference = event.reference,
                "{kind}: {name} (@{username}). {reason} Create a link: {invite}"
            );
        } else {
            tracing::info!(reference = event.reference, "{kind}: {name} (@{username})");
        }
        Ok(())
    }
}
