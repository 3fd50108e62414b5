//! Where events go when no Lambda sends them: the terminal, standard output, a webhook, an event bus.

mod envelope;
pub(crate) mod event_targets;
pub(crate) mod local_events;
mod logged_events;
pub(crate) mod renewal_command;
pub(crate) mod sandbox_events;
mod webhook;
