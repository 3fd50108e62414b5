//! The link in an event that repairs what it tells of.

use url::Url;

use super::{Event, EventError, Events};
use crate::credentials::SigningKeySource;
use crate::invite::{self, DEFAULT_LIFETIME, Invite};

/// Puts a fresh invite into events that ask for a login, bound to the very account, and hands them on.
#[derive(Clone, Debug)]
pub struct WithReconnect<N, K> {
    /// Who is told.
    pub events: N,
    /// Where the login pages are and what signs invites to them; without them there are no links.
    pub pages: Option<(Url, K)>,
}

impl<N: Events, K: SigningKeySource> WithReconnect<N, K> {
    /// A link for this account alone: another account that logs in with it is refused.
    async fn link(&self, event: &Event) -> Option<Url> {
        let (public_url, keys) = self.pages.as_ref()?;
        // Without keys the event still goes out; the log says why it has no link.
        let keys = match keys.signing_keys().await {
            Ok(keys) => keys,
            Err(error) => {
                tracing::warn!("an event has no reconnect link: {error}");
                return None;
            }
        };
        let invite = Invite {
            name: event.name.parse().ok(),
            account: event.account_id.parse().ok(),
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
