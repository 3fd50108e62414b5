//! Who is told of events beside the person at the terminal.

use std::sync::Arc;

use anyhow::Result;
use evertoken_aws::settings::optional_signing_secret;
use evertoken_aws::{EventBus, SecretsManagerSigningKeys, bus_name};
use evertoken_core::clock::SystemClock;
use evertoken_core::events::{Event, WithReconnect};
use evertoken_core::events::{EventError, Events};
use evertoken_core::variables::{self, Variables};

use super::webhook::Webhook;
use crate::any_credentials::AnySigningKeys;
use crate::aws::aws_client::aws;
use crate::credentials::local_credentials;
use crate::vault::location::VaultLocation;

/// A webhook and an event bus, each where it is named.
#[derive(Clone, Debug)]
pub(crate) struct EventTargets {
    webhook: Option<Webhook>,
    bus: Option<EventBus>,
}

/// With links that repair what an event tells of, where the pages' address is known.
pub(crate) type LinkedEventTargets = WithReconnect<EventTargets, AnySigningKeys>;

impl EventTargets {
    /// As the variables name them.
    pub(crate) async fn read(variables: &Variables) -> Result<Self> {
        let (webhook, bus) = (Webhook::read(variables)?, bus_name(variables)?);
        let bus = match bus {
            Some(bus) => Some(aws().await?.event_bus(bus)),
            None => None,
        };
        Ok(Self { webhook, bus })
    }

    /// The same with links that `signing_keys` sign.
    pub(crate) fn linked(
        self,
        variables: &Variables,
        signing_keys: Option<AnySigningKeys>,
    ) -> Result<LinkedEventTargets> {
        let public_url = variables.get("EVERTOKEN_PUBLIC_URL").map(|_| variables::public_url(variables)).transpose()?;
        Ok(WithReconnect { events: self, pages: public_url.zip(signing_keys) })
    }
}

/// The receivers of a command's own run, over the vault at `place`.
pub(crate) async fn of_command(place: &VaultLocation, variables: &Variables) -> Result<LinkedEventTargets> {
    let receivers = EventTargets::read(variables).await?;
    let signing_keys = match &place.local {
        _ if !receivers.is_enabled() => None,
        Some(dir) => Some(AnySigningKeys::Local(Arc::new(local_credentials::signing_keys(variables, dir)?))),
        None => match optional_signing_secret(variables)? {
            Some(secret) => {
                let client = aws().await?.secrets_manager();
                let keys = SecretsManagerSigningKeys::new(client, secret, SystemClock);
                Some(AnySigningKeys::Aws(Arc::new(keys)))
            }
            None => None,
        },
    };
    receivers.linked(variables, signing_keys)
}

impl Events for EventTargets {
    fn is_enabled(&self) -> bool {
        self.webhook.is_enabled() || self.bus.is_enabled()
    }

    /// Each is told, whatever becomes of the other. Failed for one, it is sent again to both by a later run.
    async fn send(&self, event: Event) -> Result<(), EventError> {
        let (posted, put) = tokio::join!(self.webhook.send(event.clone()), self.bus.send(event));
        posted.and(put)
    }
}
