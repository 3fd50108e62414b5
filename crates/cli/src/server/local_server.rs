//! What is the same with Instagram and with its stand-in, over either vault.

use std::sync::Arc;

use anyhow::{Context, Result};
use evertoken_callback::{Environment, Service, Settings, routes};
use evertoken_core::clock::Clock;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::metrics::NoMetrics;
use evertoken_core::refresh::Refresher;
use evertoken_core::variables::{self, Variables};
use evertoken_core::vault::{DocumentLocator, Vault};
use evertoken_instagram::{Endpoints, InstagramLogin};

use super::listen_options::Server;
use super::refresh_loop;
use super::shutdown::Shutdown;
use crate::any_credentials::{AnyApp, AnySigningKeys};
use crate::events::background_events::BackgroundEvents;
use crate::events::event_targets::EventTargets;
use crate::events::local_events::LocalEvents;
use crate::terminal::output;

/// All that a service needs.
pub(super) struct LocalServer<V> {
    pub(super) door: Server,
    pub(super) settings: Settings,
    pub(super) endpoints: Endpoints,
    pub(super) app: AnyApp,
    pub(super) signing_keys: AnySigningKeys,
    pub(super) vault: V,
    pub(super) locator: DocumentLocator,
    pub(super) clock: Arc<dyn Clock>,
}

impl<V: Vault + Clone> LocalServer<V> {
    /// Serves and refreshes until the end is asked for. What is under way then is finished.
    pub(super) async fn run(self, variables: &Variables, json: bool, end: Shutdown) -> Result<()> {
        let provider = InstagramLogin::new(self.endpoints)?;
        let receivers = EventTargets::read(variables).await?.linked(variables, Some(self.signing_keys.clone()))?;
        let told = LocalEvents::new(receivers, json);
        let (aside, sending) = BackgroundEvents::new(told.clone());
        let refresher = Refresher {
            provider: provider.clone(),
            vault: self.vault.clone(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::new(SystemEntropy),
            events: told,
            policy: variables::policy(variables)?,
            limits: variables::limits(variables)?,
        };
        let service = Service {
            provider,
            vault: self.vault,
            app_credentials: self.app,
            signing_keys: self.signing_keys,
            events: aside,
            environment: Environment {
                clock: self.clock,
                entropy: Arc::new(SystemEntropy),
                metrics: Arc::new(NoMetrics),
                locator: self.locator,
                settings: self.settings,
            },
        };
        output::url(service.environment.settings.public_url.as_str(), json)?;
        let refreshing = tokio::spawn(refresh_loop::run(Arc::new(refresher), end.clone()));
        self.server.serve(routes(Arc::new(service)), end).await?;
        refreshing.await.context("the refresh loop panicked")?;
        sending.ended().await;
        Ok(())
    }
}
