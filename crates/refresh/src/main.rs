#![doc = include_str!("../README.md")]

mod configuration;
mod invocation;
mod work_queue;
mod workers;

use std::process::ExitCode;
use std::sync::Arc;

use configuration::Configuration;
use evertoken_aws::{Aws, EmbeddedMetrics, SecretsManagerApp, SecretsManagerSigningKeys, logging, refuse_to_start};
use evertoken_core::clock::SystemClock;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::WithReconnect;
use evertoken_core::metrics::{Measurement, Metric, Metrics};
use evertoken_core::refresh::Refresher;
use evertoken_core::variables::Variables;
use evertoken_core::vault::EitherVault;
use evertoken_https::Tls;
use invocation::Function;
use lambda_runtime::service_fn;
use work_queue::WorkQueue;
use workers::Workers;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse_to_start(&*error),
    }
}

async fn run() -> Result<(), lambda_runtime::Error> {
    let configuration = Configuration::read(&Variables::of_process())?;
    let metrics = EmbeddedMetrics::new(configuration.vault.stack(), logging::start(), SystemClock);
    metrics.record(&[Measurement::one(Metric::ColdStart)]);
    let tls = Tls::with_bundled_roots()?;
    let aws = Aws::connect(&tls).await?;
    let client = aws.secrets_manager();
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let app = configuration.app_secret.map(|secret| SecretsManagerApp::new(client.clone(), secret, SystemClock));
    let vault =
        evertoken_packed_aws::vault(&aws, &configuration.vault, configuration.layout, clock.clone(), entropy.clone());
    let workers = match (&vault, configuration.work_queue) {
        (EitherVault::Second(packs), Some(url)) => {
            Some(Workers { queue: WorkQueue::new(&aws, url), packs: packs.clone() })
        }
        _ => None,
    };
    let refresher = Refresher {
        provider: configuration.logins.keeping(&tls, app, Arc::new(SystemClock))?,
        vault,
        clock,
        entropy,
        events: WithReconnect {
            events: configuration.bus.map(|bus| aws.event_bus(bus)),
            pages: configuration.pages.map(|(public_url, signing_secret)| {
                (public_url, SecretsManagerSigningKeys::new(client, signing_secret, SystemClock))
            }),
        },
        policy: configuration.policy,
        limits: configuration.limits,
    };
    let function = Function {
        refresher: Arc::new(refresher),
        metrics: Arc::new(metrics),
        rotation_enabled: configuration.rotation_enabled,
        workers,
    };
    // Boxed, because the SDK's futures are nested too deeply for the compiler.
    lambda_runtime::run(service_fn(|event| Box::pin(function.handle(event)))).await
}
