//! Events on the sandbox's control page.

use evertoken_core::events::{Event, EventError, Events};
use evertoken_sandbox::Sandbox;

#[derive(Clone, Debug)]
pub(crate) struct SandboxEvents(pub(crate) Sandbox);

impl Events for SandboxEvents {
    fn is_enabled(&self) -> bool {
        true
    }

    async fn send(&self, event: Event) -> Result<(), EventError> {
        let (kind, name, username) = (event.kind.as_str(), &event.name, &event.username);
        let reason = event.reason.map(|reason| format!(" {reason}")).unwrap_or_default();
        self.0.log_notice(format!("Evertoken reports \"{kind}\": {name} (@{username}).{reason}"));
        Ok(())
    }
}
