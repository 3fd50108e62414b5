#![doc = include_str!("../README.md")]

mod invocation;

use std::process::ExitCode;
use std::sync::Arc;

use evertoken_aws::settings::VaultSettings;
use evertoken_aws::{SecretsManagerVault, logging, refuse_to_start};
use evertoken_core::policy::Policy;
use evertoken_core::refresh::{Limits, Refresher};
use evertoken_core::system::SystemClock;
use evertoken_core::variables::{self, VariableError, Variables};
use evertoken_instagram::{Endpoints, InstagramLogin};
use lambda_runtime::{LambdaEvent, service_fn};

/// All that the variables say, checked before anything else happens.
struct Configuration {
    vault: VaultSettings,
    endpoints: Endpoints,
    policy: Policy,
    limits: Limits,
}

impl Configuration {
    fn read(variables: &Variables) -> Result<Self, VariableError> {
        Ok(Self {
            vault: VaultSettings::read(variables)?,
            endpoints: Endpoints::read(variables)?,
            policy: variables::policy(variables)?,
            limits: variables::limits(variables)?,
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

async fn start() -> Result<(), lambda_runtime::Error> {
    let Configuration { vault, endpoints, policy, limits } = Configuration::read(&Variables::of_process())?;
    logging::start();
    let refresher = Arc::new(Refresher {
        provider: InstagramLogin::new(endpoints)?,
        vault: SecretsManagerVault::new(evertoken_aws::secrets_manager().await, &vault),
        clock: SystemClock,
        policy,
        limits,
    });
    // Boxed: the SDK's futures nest deeper than the compiler looks.
    let handler = |event: LambdaEvent<_>| Box::pin(invocation::handle(Arc::clone(&refresher), event));
    lambda_runtime::run(service_fn(handler)).await
}
