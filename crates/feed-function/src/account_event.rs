//! Recognizes Evertoken's own event about an account that was removed or connected (docs/events.md).

use evertoken_core::account::AccountName;
use evertoken_core::events::SOURCE;
use serde::Deserialize;
use serde_json::Value;

/// The account of an event that came from EventBridge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountEvent {
    /// The account's name.
    pub account: AccountName,
}

#[derive(Deserialize)]
struct Input {
    source: String,
    detail: Detail,
}

#[derive(Deserialize)]
struct Detail {
    name: AccountName,
}

impl AccountEvent {
    /// The event in an invocation's input, or `None` if the input is something else.
    pub fn of(input: &Value) -> Option<Self> {
        let input = Input::deserialize(input).ok().filter(|input| input.source == SOURCE)?;
        Some(Self { account: input.detail.name })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_an_event_of_evertoken_names_an_account() {
        let event = json!({
            "version": "0",
            "id": "e-1",
            "source": "evertoken",
            "detail-type": "Data Deleted",
            "detail": {"version": 1, "name": "my-shop", "account_id": "", "reference": "r-1"},
        });
        assert_eq!(AccountEvent::of(&event).unwrap().account.as_str(), "my-shop");
        let foreign = json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {"name": "my-shop"}});
        for other in [foreign, json!({}), json!(null), json!({"action": "publish", "account": "my-shop"})] {
            assert_eq!(AccountEvent::of(&other), None, "{other}");
        }
    }
}
