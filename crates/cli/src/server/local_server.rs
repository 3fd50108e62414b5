//! The service: web pages, refresh loop and events, over either vault, with Instagram or the sandbox.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use evertoken_callback::{Environment, Service, Settings, routes};
use evertoken_core::clock::Clock;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::metrics::NoMetrics;
use evertoken_core::refresh::Refresher;
use evertoken_core::removal_queue::RemovalQueue;
use evertoken_core::variables;
use evertoken_https::Tls;
use evertoken_instagram::LoginSettings;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::feed_loop;
use super::feed_routes;
use super::http_server::HttpServer;
use super::refresh_loop;
use super::refresh_trigger::{RefreshRequests, RefreshTrigger};
use super::removal_files::RemovalFiles;
use super::shutdown::Shutdown;
use crate::context::Context;
use crate::credentials::any_credentials::{AnyApp, AnySigningKeys};
use crate::error::{CliError, Result};
use crate::events::event_targets::EventTargets;
use crate::events::local_events::LocalEvents;
use crate::events::renewal_command::RenewalCommand;
use crate::events::sandbox_events::SandboxEvents;
use crate::feeds::local_publisher;
use crate::terminal::output;
use crate::vault::any_vault::{self, AnyVault};
use crate::vault::run_record::RunRecord;

/// How long the last events and commands may take after the service has stopped.
const GRACE_PERIOD: Duration = Duration::from_secs(30);

/// The parts of the service.
pub(super) struct LocalServer {
    pub(super) server: HttpServer,
    pub(super) settings: Settings,
    pub(super) logins: LoginSettings,
    pub(super) app: AnyApp,
    pub(super) signing_keys: AnySigningKeys,
    pub(super) vault: AnyVault,
    pub(super) clock: Arc<dyn Clock>,
    /// Where removal requests wait that the vault could not complete.
    pub(super) removals: Option<RemovalFiles>,
    /// Where the sandbox shows what the service reports.
    pub(super) sandbox_events: Option<SandboxEvents>,
    /// Requests for refresh runs besides the scheduled ones.
    pub(super) refresh_requests: Option<RefreshRequests>,
    /// A shell command that receives each new token.
    pub(super) on_renewed: Option<String>,
    /// The folder whose feeds are published and served.
    pub(super) feeds: Option<PathBuf>,
}

impl LocalServer {
    /// Runs until the shutdown signal, then finishes the open requests, the accounts in progress and the waiting events.
    pub(super) async fn run(self, context: &Context, shutdown: Shutdown) -> Result<()> {
        let kept = self.logins.clone().keeping_facebook(&context.variables)?;
        let publisher = self.feeds.as_deref().map(|dir| {
            let (vault, clock) = (self.vault.clone(), Arc::clone(&self.clock));
            let logins = (kept.clone(), self.app.clone());
            local_publisher::publisher(dir, vault, logins, self.settings.public_url.clone(), clock)
        });
        let publisher = publisher.transpose()?;
        let tls = Tls::with_system_roots();
        let provider = kept.keeping(&tls, Some(self.app.clone()), Arc::clone(&self.clock))?;
        let logins = self.logins.offered(&tls, self.app.clone(), Arc::clone(&self.clock))?;
        let targets = EventTargets::of_server(context, self.signing_keys.clone()).await?;
        let background = TaskTracker::new();
        let renewal_command =
            self.on_renewed.map(|command| RenewalCommand::new(command, self.vault.clone(), background.clone()));
        let events = LocalEvents::new(targets, self.sandbox_events, renewal_command, context);
        let refresher = Refresher {
            provider,
            vault: self.vault.clone(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::new(SystemEntropy),
            events: events.clone(),
            policy: variables::policy(&context.variables)?,
            limits: variables::limits(&context.variables)?,
        };
        let (locator, removals) = (any_vault::locator(&self.vault), self.removals);
        let record = RunRecord::of(&self.vault);
        let last_run_at = record.as_ref().and_then(RunRecord::read);
        let record_run = move |at| {
            if let Some(record) = &record {
                record.write(at);
            }
        };
        let service = Service {
            logins,
            vault: self.vault,
            app_credentials: self.app,
            signing_keys: self.signing_keys,
            events,
            environment: Environment {
                clock: self.clock,
                entropy: Arc::new(SystemEntropy),
                metrics: Arc::new(NoMetrics),
                locator,
                settings: self.settings,
                removals: removals.clone().map(|files| Arc::new(files) as Arc<dyn RemovalQueue>),
                background: background.clone(),
            },
        };
        let service = Arc::new(service);
        output::url(service.environment.settings.public_url.as_str(), context.format)?;
        let removing = Arc::clone(&service);
        let work_off_removals = async move || {
            if let Some(files) = &removals {
                files.work_off(&removing).await;
            }
        };
        let requests = self.refresh_requests.unwrap_or_else(|| RefreshTrigger::new().1);
        let refreshing = refresh_loop::run(
            Arc::new(refresher),
            shutdown.clone(),
            requests,
            last_run_at,
            work_off_removals,
            record_run,
        );
        let refreshing = tokio::spawn(refreshing);
        let mut router = routes(service);
        if let Some(publisher) = publisher {
            router = router.merge(feed_routes::routes(publisher.files.clone()));
            tokio::spawn(feed_loop::run(publisher, shutdown.clone()));
        }
        self.server.serve(router, shutdown).await;
        refreshing.await.map_err(|_| CliError::Panic("the refresh loop"))?;
        background.close();
        if timeout(GRACE_PERIOD, background.wait()).await.is_err() {
            tracing::error!(
                "the service stopped before its last events were sent or its last --on-renewed command finished"
            );
        }
        Ok(())
    }
}
