//! Events of a service on this machine: for whoever looks at the terminal, for whoever reads standard output, and for
//! the receivers that were named.

use std::io::{self, IsTerminal};

use evertoken_core::events::Event;
use evertoken_core::events::{EventError, Events};

use crate::envelope::envelope;
use crate::log;
use crate::logged_events::LoggedEvents;
use crate::receivers::LinkedReceivers;

/// All of them.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    receivers: LinkedReceivers,
    /// Whether standard output takes events as lines of JSON: a program reads it, or somebody wants JSON.
    writes_lines: bool,
}

impl Told {
    pub(crate) fn new(receivers: LinkedReceivers, json: bool) -> Self {
        Self { receivers, writes_lines: json || !io::stdout().is_terminal() }
    }
}

impl Events for Told {
    fn is_enabled(&self) -> bool {
        true
    }

    async fn send(&self, event: Event) -> Result<(), EventError> {
        LoggedEvents.send(event.clone()).await?;
        if self.writes_lines {
            // Standard output often ends in a log, where no invite is to stand: the link is for the receivers.
            let written = log::data(&envelope(&event).to_string());
            written.map_err(|error| EventError { code: format!("standard output: {}", error.kind()) })?;
        }
        self.receivers.send(event).await
    }
}
