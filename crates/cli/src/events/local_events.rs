//! The events of a service on this machine: in the log, on the sandbox's control page, on standard output, and to the event
//! targets.

use std::io::{self, IsTerminal};

use evertoken_core::events::{Event, EventError, Events};

use super::envelope::envelope;
use super::event_targets::LinkedEventTargets;
use super::logged_events::LoggedEvents;
use super::renewal_command::RenewalCommand;
use super::sandbox_events::SandboxEvents;
use crate::context::Context;
use crate::terminal::output;

#[derive(Clone, Debug)]
pub(crate) struct LocalEvents {
    log: LoggedEvents,
    sandbox: Option<SandboxEvents>,
    targets: LinkedEventTargets,
    renewal_command: Option<RenewalCommand>,
    /// Whether events are printed as lines of JSON: with `--json`, or if a program reads standard output.
    prints_json: bool,
}

impl LocalEvents {
    pub(crate) fn new(
        targets: LinkedEventTargets,
        sandbox: Option<SandboxEvents>,
        renewal_command: Option<RenewalCommand>,
        context: &Context,
    ) -> Self {
        let log = LoggedEvents { vault_option: context.vault_option.clone() };
        let prints_json = context.is_json() || !io::stdout().is_terminal();
        Self { log, sandbox, targets, renewal_command, prints_json }
    }
}

impl Events for LocalEvents {
    fn is_enabled(&self) -> bool {
        true
    }

    async fn send(&self, event: Event) -> Result<(), EventError> {
        self.log.send(event.clone()).await?;
        self.sandbox.send(event.clone()).await?;
        if self.prints_json {
            // Without the link, which only the targets receive: standard output often ends up in a log.
            let printed = output::data(&envelope(&event).to_string());
            printed.map_err(|error| EventError { code: error.to_string() })?;
        }
        if let Some(command) = &self.renewal_command {
            command.handle(&event);
        }
        self.targets.send(event).await
    }
}
