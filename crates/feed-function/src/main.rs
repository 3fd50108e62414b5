//! The `evertoken-feed` binary. See the library's documentation.

use std::process::ExitCode;
use std::sync::Arc;

use evertoken_aws::{Aws, EmbeddedMetrics, SecretsManagerApp, logging, refuse_to_start};
use evertoken_core::clock::SystemClock;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::metrics::{Measurement, Metric, Metrics};
use evertoken_core::variables::Variables;
use evertoken_feed::converter::Converter;
use evertoken_feed::publisher::{PublishLimits, Publisher};
use evertoken_feed::widget;
use evertoken_feed_function::invocation::Function;
use evertoken_feed_function::{Bucket, Configuration, Distribution};
use evertoken_https::Tls;
use evertoken_instagram::PictureDownload;
use lambda_runtime::service_fn;

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
    let app = configuration.app_secret.map(|secret| SecretsManagerApp::new(aws.secrets_manager(), secret, SystemClock));
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let publisher = Publisher {
        pictures: PictureDownload::with_tls(&tls, &configuration.logins.instagram)?,
        media: configuration.logins.keeping(&tls, app, Arc::new(SystemClock))?,
        files: Bucket::new(aws_sdk_s3::Client::new(&aws.config()), configuration.bucket),
        vault: evertoken_packed_aws::vault(
            &aws,
            &configuration.vault,
            configuration.layout,
            clock.clone(),
            entropy.clone(),
        ),
        invalidations: Distribution::new(aws_sdk_cloudfront::Client::new(&aws.config()), configuration.distribution),
        clock,
        entropy,
        converter: Converter::default(),
        base_url: configuration.feed_url,
        widget: widget::SCRIPT.into(),
        limits: PublishLimits::default(),
    };
    let function = Function { publisher: Arc::new(publisher), metrics: Arc::new(metrics) };
    // Boxed, because the SDK's futures are nested too deeply for the compiler.
    lambda_runtime::run(service_fn(|event| Box::pin(function.handle(event)))).await
}
