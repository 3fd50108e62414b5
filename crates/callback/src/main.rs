//! The Lambda that serves the pages: reads its configuration, builds the adapters and runs.

mod after_response;
mod scheduled_request;

use std::process::ExitCode;
use std::sync::Arc;

use axum::middleware::from_fn;
use evertoken_aws::secret_names::{app_secret, signing_secret};
use evertoken_aws::settings::VaultSettings;
use evertoken_aws::{
    Aws, EmbeddedMetrics, RemovalSettings, ScheduledRemovals, SecretsManagerApp, SecretsManagerSigningKeys, bus_name,
    logging, refuse_to_start,
};
use evertoken_callback::{Environment, Service, Settings, routes};
use evertoken_core::clock::SystemClock;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::metrics::{Measurement, Metric, Metrics};
use evertoken_core::removal_queue::RemovalQueue;
use evertoken_core::variables::{VariableError, Variables};
use evertoken_https::Tls;
use evertoken_instagram::LoginSettings;
use evertoken_packed_aws::PackedLayout;
use tokio_util::task::TaskTracker;

use crate::scheduled_request::trust_the_scheduler_only;

/// The configuration from the environment variables. It is complete and valid before the first side effect.
struct Configuration {
    vault: VaultSettings,
    /// Many accounts in one secret, if the installation asks for it.
    layout: Option<PackedLayout>,
    app_secret: String,
    signing_secret: String,
    logins: LoginSettings,
    settings: Settings,
    /// The name of the event bus, if events are enabled.
    bus: Option<String>,
    /// How removal requests are tried again. Not set outside of the template.
    removals: Option<RemovalSettings>,
}

impl Configuration {
    fn read(variables: &Variables) -> Result<Self, VariableError> {
        Ok(Self {
            vault: VaultSettings::read(variables)?,
            layout: PackedLayout::read(variables)?.map(PackedLayout::without_waiting),
            app_secret: app_secret(variables)?,
            signing_secret: signing_secret(variables)?,
            logins: LoginSettings::read(variables)?,
            settings: Settings::read(variables)?,
            bus: bus_name(variables)?,
            removals: RemovalSettings::read(variables)?,
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match start().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse_to_start(&*error),
    }
}

async fn start() -> Result<(), lambda_http::Error> {
    let Configuration { vault, layout, app_secret, signing_secret, logins, settings, bus, removals } =
        Configuration::read(&Variables::of_process())?;
    let metrics = EmbeddedMetrics::new(vault.stack(), logging::start(), SystemClock);
    metrics.record(&[Measurement::one(Metric::ColdStart)]);
    let tls = Tls::with_bundled_roots()?;
    let aws = Aws::connect(&tls).await?;
    let client = aws.secrets_manager();
    let vault = evertoken_packed_aws::vault(&aws, &vault, layout, Arc::new(SystemClock), Arc::new(SystemEntropy));
    let locator = evertoken_packed_aws::locator(&vault);
    let app_credentials = Arc::new(SecretsManagerApp::new(client.clone(), app_secret, SystemClock));
    let service = Service {
        logins: logins.offered(&tls, Arc::clone(&app_credentials), Arc::new(SystemClock))?,
        vault,
        app_credentials,
        signing_keys: SecretsManagerSigningKeys::new(client, signing_secret, SystemClock),
        events: bus.map(|bus| aws.event_bus(bus)),
        environment: Environment {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            metrics: Arc::new(metrics),
            locator,
            settings,
            removals: removals.map(|settings| Arc::new(ScheduledRemovals::new(aws, settings)) as Arc<dyn RemovalQueue>),
            background: TaskTracker::new(),
        },
    };
    let background = service.environment.background.clone();
    let routes = routes(Arc::new(service)).layer(from_fn(trust_the_scheduler_only));
    after_response::run(routes, background).await
}
