//! Publishes events on EventBridge.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use evertoken_core::events::{Event, EventError, Events, SOURCE};
use evertoken_core::variables::{VariableError, Variables};

use crate::error_code::AwsErrorCode;

/// An EventBridge event bus.
#[derive(Clone, Debug)]
pub struct EventBus {
    client: Client,
    bus: String,
}

impl EventBus {
    /// The bus with this name or ARN.
    pub fn new(client: Client, bus: impl Into<String>) -> Self {
        Self { client, bus: bus.into() }
    }
}

/// Reads `EVERTOKEN_EVENT_BUS`: the name or ARN of the bus. `default` is the AWS account's own bus. If the variable is
/// not set, no events are sent.
pub fn bus_name(variables: &Variables) -> Result<Option<String>, VariableError> {
    let expected = "the name or ARN of an event bus, such as default";
    variables.parse("EVERTOKEN_EVENT_BUS", expected, |text| {
        // AWS, `PutEventsRequestEntry`, "EventBusName".
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
        let error = |code| EventError { code };
        let response = self.client.put_events().entries(entry).send().await;
        let response = response.map_err(|failure| error(AwsErrorCode::from(failure).into_code()))?;
        // A successful call can still reject its entry (AWS, `PutEvents`).
        match response.entries().iter().find_map(|entry| entry.error_code()) {
            Some(code) => Err(error(code.to_owned())),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_has_a_name_or_an_arn_and_none_is_the_default() {
        let read = |text: &str| {
            bus_name(&[("EVERTOKEN_EVENT_BUS".to_owned(), text.to_owned())].into_iter().collect::<Variables>())
        };
        for name in ["default", "arn:aws:events:eu-west-1:123456789012:event-bus/shop_1.x", &"b".repeat(1600)] {
            assert_eq!(read(name).unwrap().as_deref(), Some(name));
        }
        for name in ["my bus", "bus?", &"b".repeat(1601)] {
            assert!(read(name).is_err(), "{name}");
        }
        assert_eq!(bus_name(&Variables::default()).unwrap(), None);
    }
}
