//! The `evertoken-reader` binary. See the library's documentation.

use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::Arc;

use evertoken_aws::{Aws, EmbeddedMetrics, logging, refuse_to_start};
use evertoken_core::clock::SystemClock;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::metrics::{Measurement, Metric, Metrics};
use evertoken_core::variables::Variables;
use evertoken_https::Tls;
use evertoken_reader::{Configuration, Reader};
use lambda_http::{Request, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse_to_start(&*error),
    }
}

async fn run() -> Result<(), lambda_http::Error> {
    let Configuration { vault, layout } = Configuration::read(&Variables::of_process())?;
    EmbeddedMetrics::new(vault.stack(), logging::start(), SystemClock).record(&[Measurement::one(Metric::ColdStart)]);
    let aws = Aws::connect(&Tls::with_bundled_roots()?).await?;
    let vault = evertoken_packed_aws::vault(&aws, &vault, layout, Arc::new(SystemClock), Arc::new(SystemEntropy));
    let reader = &Reader { vault };
    // Boxed, because the SDK's futures are nested too deeply for the compiler.
    let answer = |request: Request| Box::pin(async move { Ok::<_, Infallible>(reader.answer(&request).await) });
    lambda_http::run(service_fn(answer)).await
}
