//! The Lambda behind the pages: configuration, adapters, run.

use std::process::ExitCode;
use std::sync::Arc;

use evertoken_aws::settings::{CredentialSettings, VaultSettings};
use evertoken_aws::{
    Aws, EmbeddedMetrics, SecretsManagerCredentials, SecretsManagerVault, bus_name, logging, refuse_to_start,
};
use evertoken_callback::{Service, Settings, routes};
use evertoken_core::metrics::{Measurement, Metric};
use evertoken_core::ports::Metrics;
use evertoken_core::system::{SystemClock, SystemEntropy};
use evertoken_core::variables::{VariableError, Variables};
use evertoken_https::Tls;
use evertoken_instagram::{Endpoints, InstagramLogin};

/// All that the variables say, checked before anything else happens.
struct Configuration {
    vault: VaultSettings,
    credentials: CredentialSettings,
    endpoints: Endpoints,
    settings: Settings,
    /// Who is told, if anybody.
    bus: Option<String>,
}

impl Configuration {
    fn read(variables: &Variables) -> Result<Self, VariableError> {
        Ok(Self {
            vault: VaultSettings::read(variables)?,
            credentials: CredentialSettings::read(variables)?,
            endpoints: Endpoints::read(variables)?,
            settings: Settings::read(variables)?,
            bus: bus_name(variables)?,
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
    let Configuration { vault, credentials, endpoints, settings, bus } = Configuration::read(&Variables::of_process())?;
    let metrics = EmbeddedMetrics::new(vault.stack(), logging::start(), SystemClock);
    metrics.record(&[Measurement::one(Metric::ColdStart)]);
    let tls = Tls::compiled_in()?;
    let aws = Aws::connect(&tls).await?;
    let client = aws.secrets_manager();
    let service = Service {
        provider: InstagramLogin::trusting(&tls, endpoints)?,
        vault: SecretsManagerVault::new(client.clone(), &vault),
        credentials: SecretsManagerCredentials::new(client, credentials, SystemClock),
        clock: SystemClock,
        entropy: SystemEntropy,
        events: bus.map(|bus| aws.event_bus(bus)),
        metrics,
        settings,
    };
    lambda_http::run(routes(Arc::new(service))).await
}
