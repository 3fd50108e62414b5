//! Reconnect links in events.

use url::Url;

use super::{Event, EventError, Events};
use crate::credentials::SigningKeySource;
use crate::invite::{self, DEFAULT_LIFETIME, Invite};

/// Adds a reconnect link to events that need one and forwards all events. The link is a new invite that only the event's
/// account can use.
#[derive(Clone, Debug)]
pub struct WithReconnect<N, K> {
    /// The publisher to forward to.
    pub events: N,
    /// The public URL of the login pages and the signing keys. Without them, events carry no link.
    pub pages: Option<(Url, K)>,
}

impl<N: Events, K: SigningKeySource> WithReconnect<N, K> {
    /// An invite link that is bound to the event's account.
    async fn link(&self, event: &Event) -> Option<Url> {
        let (public_url, keys) = self.pages.as_ref()?;
        // Without keys the event is published without a link, and the log says why.
        let keys = match keys.signing_keys().await {
            Ok(keys) => keys,
            Err(error) => {
                tracing::warn!("cannot add a reconnect link to an event: {error}");
                return None;
            }
        };
        let invite = Invite {
            name: event.name.parse().ok(),
            account: event.account_id.parse().ok(),
            provider: event.provider,
            placement: event.placement.clone(),
            ..Invite::new(event.at.checked_add(DEFAULT_LIFETIME)?)
        };
        Some(invite::link(public_url, &keys.sign(&invite)))
    }
}

impl<N: Events, K: SigningKeySource> Events for WithReconnect<N, K> {
    fn is_enabled(&self) -> bool {
        self.events.is_enabled()
    }

    async fn send(&self, mut event: Event) -> Result<(), EventError> {
        if event.kind.asks_for_login() && event.reconnect_url.is_none() {
            event.reconnect_url = self.link(&event).await.map(String::from);
        }
        self.events.send(event).await
    }
}
