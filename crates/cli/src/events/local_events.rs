//! Events of a service on this machine: for whoever looks at the terminal, for whoever reads standard output, and for
//! the receivers that were named.

use std::io::{self, IsTerminal};

use evertoken_core::events::Event;
use evertoken_core::events::{EventError, Events};

use super::envelope::envelope;
use super::event_targets::LinkedEventTargets;
use super::logged_events::LoggedEvents;
use crate::terminal::output;

/// All of them.
#[derive(Clone, Debug)]
pub(crate) struct LocalEvents {
    receivers: LinkedEventTargets,
    /// Whether standard output takes events as lines of JSON: a program reads it, or somebody wants JSON.
    writes_lines: bool,
}

impl LocalEvents {
    pub(crate) fn new(receivers: LinkedEventTargets, json: bool) -> Self {
        Self { receivers, writes_lines: json || !io::stdout().is_terminal() }
    }
}

impl Events for LocalEvents {
    fn is_enabled(&self) -> bool {
        true
    }

    async fn send(&self, event: Event) -> Result<(), EventError> {
        LoggedEvents.send(event.clone()).await?;
        if self.writes_lines {
            // Standard output often ends in a log, where no invite is to stand: the link is for the receivers.
            let written = output::data(&envelope(&event).to_string());
            written.map_err(|error| EventError { code: format!("standard output: {}", error.kind()) })?;
        }
        self.receivers.send(event).await
    }
}
