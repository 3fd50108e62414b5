//! Telling others what happened here.

use evertoken_core::events::Event;
use evertoken_core::events::Events;

use crate::error_response::reference;
use crate::service::Ports;

/// Sends an event that is made with a reference of its own, if anybody listens. One that cannot be sent is logged and costs
/// nothing else.
pub(crate) async fn announce<S: Ports>(service: &S, event: impl FnOnce(String) -> Event) {
    if !service.events().is_enabled() {
        return;
    }
    let event = event(reference(&*service.environment().entropy));
    let (kind, name, reference) = (event.kind.as_str(), event.name.clone(), event.reference.clone());
    match service.events().send(event).await {
        Ok(()) => tracing::info!(account.name = name, event = kind, reference, "an event was sent"),
        Err(error) => tracing::error!(account.name = name, event = kind, reference, "{error}"),
    }
}
