//! Events on EventBridge.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use evertoken_core::events::{Event, SOURCE};
use evertoken_core::events::{EventError, Events};
use evertoken_core::variables::{VariableError, Variables};

use crate::error_code::AwsErrorCode;

/// One bus.
#[derive(Clone, Debug)]
pub struct EventBus {
    client: Client,
    bus: String,
}

impl EventBus {
    /// The bus that is called so.
    pub fn new(client: Client, bus: impl Into<String>) -> Self {
        Self { client, bus: bus.into() }
    }
}

/// Which bus is told: `EVERTOKEN_EVENT_BUS`, a bus's name or ARN (`default` is the account's own). Without it there are
/// no events.
pub fn bus_name(variables: &Variables) -> Result<Option<String>, VariableError> {
    let expected = "an event bus's name or ARN, as default";
    variables.parse("EVERTOKEN_EVENT_BUS", expected, |text| {
        // AWS, "PutEventsRequestEntry", EventBusName.
        let valid = text.len() <= 1600 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/.-_:".contains(&b));
        valid.then(|| text.to_owned())
    })
}

impl Events for EventBus {
    fn is_enabled(&self) -> bool {
        true
    }

    async fn send(&self, event: Event) -> Result<(), EventError> {
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(SOURCE)
            .detail_type(event.kind.as_str())
            .time(DateTime::from_secs(event.at.unix_timestamp()))
            .detail(event.detail().to_string())
            .build();
        let failed = |code| EventError { code };
        let answer = self.client.put_events().entries(entry).send().await;
        let answer = answer.map_err(|error| failed(AwsErrorCode::from(error).into_code()))?;
        // The call may go well and its entry not.
        match answer.entries().iter().find_map(|entry| entry.error_code()) {
            Some(code) => Err(failed(code.to_owned())),
            None => Ok(()),
        }
    }
}
