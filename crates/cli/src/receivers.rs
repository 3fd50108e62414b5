//! Who is told of events beside the person at the terminal.

use std::sync::Arc;

use anyhow::Result;
use evertoken_aws::settings::CredentialSettings;
use evertoken_aws::{EventBus, SecretsManagerCredentials, bus_name};
use evertoken_core::events::{Event, WithReconnect};
use evertoken_core::ports::{EventError, Events};
use evertoken_core::system::SystemClock;
use evertoken_core::variables::{self, Variables};

use crate::amazon::aws;
use crate::any_credentials::AnyCredentials;
use crate::own_credentials::{self, OwnCredentials};
use crate::place::Place;
use crate::webhook::Webhook;

/// A webhook and an event bus, each where it is named.
#[derive(Clone, Debug)]
pub(crate) struct Receivers {
    webhook: Option<Webhook>,
    bus: Option<EventBus>,
}

/// With links that repair what an event tells of, where the pages' address is known.
pub(crate) type LinkedReceivers = WithReconnect<Receivers, AnyCredentials>;

impl Receivers {
    /// As the variables name them.
    pub(crate) async fn read(variables: &Variables) -> Result<Self> {
        let (webhook, bus) = (Webhook::read(variables)?, bus_name(variables)?);
        let bus = match bus {
            Some(bus) => Some(aws().await?.event_bus(bus)),
            None => None,
        };
        Ok(Self { webhook, bus })
    }

    /// The same with links that `credentials` sign.
    pub(crate) fn linked(self, variables: &Variables, credentials: Option<AnyCredentials>) -> Result<LinkedReceivers> {
        let public_url = variables.get("EVERTOKEN_PUBLIC_URL").map(|_| variables::public_url(variables)).transpose()?;
        Ok(WithReconnect { events: self, pages: public_url.zip(credentials) })
    }
}

/// The receivers of a command's own run, over the vault at `place`.
pub(crate) async fn of_command(place: &Place, variables: &Variables) -> Result<LinkedReceivers> {
    let receivers = Receivers::read(variables).await?;
    let credentials = match &place.local {
        _ if !receivers.wanted() => None,
        Some(dir) => {
            let signing_keys = Arc::new(own_credentials::signing_keys(variables, dir)?);
            Some(AnyCredentials::Own(OwnCredentials { app: None, signing_keys }))
        }
        None => match CredentialSettings::read_signing(variables)? {
            Some(settings) => {
                let client = aws().await?.secrets_manager();
                let secrets = SecretsManagerCredentials::new(client, settings, SystemClock);
                Some(AnyCredentials::Aws(Arc::new(secrets)))
            }
            None => None,
        },
    };
    receivers.linked(variables, credentials)
}

impl Events for Receivers {
    fn wanted(&self) -> bool {
        self.webhook.wanted() || self.bus.wanted()
    }

    /// Each is told, whatever becomes of the other. Failed for one, it is sent again to both by a later run.
    async fn send(&self, event: Event) -> Result<(), EventError> {
        let (posted, put) = tokio::join!(self.webhook.send(event.clone()), self.bus.send(event));
        posted.and(put)
    }
}
