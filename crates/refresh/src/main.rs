#![doc = include_str!("../README.md")]

mod configuration;
mod invocation;

use std::process::ExitCode;
use std::sync::Arc;

use configuration::Configuration;
use evertoken_aws::{Aws, EmbeddedMetrics, SecretsManagerSigningKeys, SecretsManagerVault, logging, refuse_to_start};
use evertoken_core::clock::SystemClock;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::WithReconnect;
use evertoken_core::metrics::Metrics;
use evertoken_core::metrics::{Measurement, Metric};
use evertoken_core::refresh::Refresher;
use evertoken_core::variables::Variables;
use evertoken_https::Tls;
use evertoken_instagram::InstagramLogin;
use invocation::Function;
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match start().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse_to_start(&*error),
    }
}

async fn start() -> Result<(), lambda_runtime::Error> {
    let configuration = Configuration::read(&Variables::of_process())?;
    let metrics = EmbeddedMetrics::new(configuration.vault.stack(), logging::start(), SystemClock);
    metrics.record(&[Measurement::one(Metric::ColdStart)]);
    let tls = Tls::with_bundled_roots()?;
    let aws = Aws::connect(&tls).await?;
    let secrets = aws.secrets_manager();
    let bus = configuration.bus.map(|bus| aws.event_bus(bus));
    let pages = configuration.pages.map(|(public_url, signing)| {
        (public_url, SecretsManagerSigningKeys::new(secrets.clone(), signing, SystemClock))
    });
    let refresher = Refresher {
        provider: InstagramLogin::with_tls(&tls, configuration.endpoints)?,
        vault: SecretsManagerVault::new(secrets, &configuration.vault),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        events: WithReconnect { events: bus, pages },
        policy: configuration.policy,
        limits: configuration.limits,
    };
    let answers_rotations = configuration.answers_rotations;
    let function = Arc::new(Function { refresher: Arc::new(refresher), metrics: Arc::new(metrics), answers_rotations });
    // Boxed: the SDK's futures nest deeper than the compiler looks.
    let handler = |event: LambdaEvent<_>| {
        let function = Arc::clone(&function);
        Box::pin(async move { function.handle(event).await })
    };
    lambda_runtime::run(service_fn(handler)).await
}
