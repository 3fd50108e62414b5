//! Where events are sent: a webhook and an event bus.

use std::sync::Arc;

use evertoken_aws::secret_names::optional_signing_secret;
use evertoken_aws::{EventBus, SecretsManagerSigningKeys, bus_name};
use evertoken_core::clock::SystemClock;
use evertoken_core::events::{Event, EventError, Events, WithReconnect};
use evertoken_core::variables;

use super::webhook::Webhook;
use crate::context::Context;
use crate::credentials::any_credentials::AnySigningKeys;
use crate::credentials::local_credentials;
use crate::error::Result;
use crate::vault::location::VaultLocation;

/// The targets that the variables name.
#[derive(Clone, Debug)]
pub(crate) struct EventTargets {
    webhook: Option<Webhook>,
    bus: Option<EventBus>,
}

/// Targets that receive a link for a new login with the events that ask for one.
pub(crate) type LinkedEventTargets = WithReconnect<EventTargets, AnySigningKeys>;

impl EventTargets {
    async fn read(context: &Context) -> Result<Self> {
        let (webhook, bus) = (Webhook::read(&context.variables)?, bus_name(&context.variables)?);
        let bus = match bus {
            Some(bus) => Some(context.aws().await?.event_bus(bus)),
            None => None,
        };
        Ok(Self { webhook, bus })
    }

    /// The targets, with links if the public URL and the signing keys are known.
    fn linked(self, context: &Context, signing_keys: Option<AnySigningKeys>) -> Result<LinkedEventTargets> {
        let variables = &context.variables;
        let public_url = variables.get("EVERTOKEN_PUBLIC_URL").map(|_| variables::public_url(variables)).transpose()?;
        Ok(WithReconnect { events: self, pages: public_url.zip(signing_keys) })
    }

    /// The targets of a service.
    pub(crate) async fn of_server(context: &Context, signing_keys: AnySigningKeys) -> Result<LinkedEventTargets> {
        Self::read(context).await?.linked(context, Some(signing_keys))
    }

    /// The targets of a command that refreshes the accounts in this vault.
    pub(crate) async fn of_command(location: &VaultLocation, context: &Context) -> Result<LinkedEventTargets> {
        let targets = Self::read(context).await?;
        let signing_keys = match &location.local {
            _ if !targets.is_enabled() => None,
            Some(dir) => {
                Some(AnySigningKeys::Local(Arc::new(local_credentials::signing_keys(&context.variables, dir)?)))
            }
            None => match optional_signing_secret(&context.variables)? {
                Some(secret) => {
                    let client = context.aws().await?.secrets_manager();
                    Some(AnySigningKeys::Aws(Arc::new(SecretsManagerSigningKeys::new(client, secret, SystemClock))))
                }
                None => None,
            },
        };
        targets.linked(context, signing_keys)
    }
}

impl Events for EventTargets {
    fn is_enabled(&self) -> bool {
        self.webhook.is_enabled() || self.bus.is_enabled()
    }

    /// Sends to both targets, even if one fails. A later run then sends the event to both again.
    async fn send(&self, event: Event) -> Result<(), EventError> {
        let (posted, put) = tokio::join!(self.webhook.send(event.clone()), self.bus.send(event));
        posted.and(put)
    }
}
