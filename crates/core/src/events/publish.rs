//! Publishes events and logs the result.

use tokio::time::{Instant, timeout_at};

use super::{Event, Events};
use crate::entropy::Entropy;

/// Publishes an event under a new reference, if events are enabled. Returns whether it was published.
///
/// A failure is logged and loses this event only.
pub async fn publish(events: &impl Events, entropy: &dyn Entropy, event: impl FnOnce(String) -> Event) -> bool {
    events.is_enabled() && send(events, event(new_reference(entropy))).await
}

/// The same, but gives up at the deadline.
pub async fn publish_before(
    deadline: Instant,
    events: &impl Events,
    entropy: &dyn Entropy,
    event: impl FnOnce(String) -> Event,
) -> bool {
    if !events.is_enabled() {
        return false;
    }
    let event = event(new_reference(entropy));
    let (kind, name, reference) = (event.kind.as_str(), event.name.clone(), event.reference.clone());
    timeout_at(deadline, send(events, event)).await.unwrap_or_else(|_| {
        tracing::error!(account.name = name, event = kind, reference, "the event was not published in time");
        false
    })
}

/// Sends an event and logs the result. Returns whether it was sent.
pub async fn send(events: &impl Events, event: Event) -> bool {
    let (kind, name, reference) = (event.kind.as_str(), event.name.clone(), event.reference.clone());
    match events.send(event).await {
        Ok(()) => {
            tracing::info!(account.name = name, event = kind, reference, "event published");
            true
        }
        Err(error) => {
            tracing::error!(account.name = name, event = kind, reference, "{error}");
            false
        }
    }
}

/// 16 hexadecimal digits.
fn new_reference(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 8];
    // Without random bytes the reference is all zeros. The event is still worth sending.
    entropy.fill(&mut bytes).ok();
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::entropy::SystemEntropy;
    use crate::events::{EventError, EventKind, MemoryEvents};
    use crate::sample::{document, versioned};

    const NOW: time::OffsetDateTime = datetime!(2026-12-22 05:00 UTC);

    struct BrokenEvents;

    impl Events for BrokenEvents {
        fn is_enabled(&self) -> bool {
            true
        }

        async fn send(&self, _: Event) -> Result<(), EventError> {
            Err(EventError { code: "timeout".to_owned() })
        }
    }

    struct SlowEvents;

    impl Events for SlowEvents {
        fn is_enabled(&self) -> bool {
            true
        }

        async fn send(&self, _: Event) -> Result<(), EventError> {
            std::future::pending().await
        }
    }

    fn event(reference: String) -> Event {
        Event::about(&versioned(document("shop-de", NOW)), EventKind::TokenRefreshed, NOW, reference)
    }

    #[tokio::test]
    async fn each_event_gets_its_own_reference_of_16_hexadecimal_digits() {
        let events = MemoryEvents::default();
        assert!(publish(&events, &SystemEntropy, event).await);
        assert!(publish(&events, &SystemEntropy, event).await);
        let [first, second] = events.take().try_into().unwrap();
        assert_ne!(first.reference, second.reference);
        for reference in [first.reference, second.reference] {
            assert!(reference.len() == 16 && reference.bytes().all(|b| b.is_ascii_hexdigit()), "{reference}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn gives_up_at_the_deadline() {
        let deadline = Instant::now() + std::time::Duration::from_secs(3);
        assert!(!publish_before(deadline, &SlowEvents, &SystemEntropy, event).await);
        assert_eq!(Instant::now(), deadline);
        assert!(publish_before(deadline, &MemoryEvents::default(), &SystemEntropy, event).await);
    }

    #[tokio::test]
    async fn reports_events_that_were_not_published() {
        assert!(!publish(&BrokenEvents, &SystemEntropy, event).await);
        assert!(!publish(&None::<BrokenEvents>, &SystemEntropy, event).await);
    }
}
