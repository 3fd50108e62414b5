//! Credentials from Secrets Manager, or from variables and a folder.

use std::sync::Arc;

use evertoken_aws::{SecretsManagerApp, SecretsManagerSigningKeys};
use evertoken_core::app::App;
use evertoken_core::clock::SystemClock;
use evertoken_core::credentials::{AppCredentials, CredentialsError, SigningKeySource};
use evertoken_core::signing::SigningKeys;

/// The id and secret of the Meta app.
#[derive(Clone, Debug)]
pub(crate) enum AnyApp {
    /// From variables or a folder.
    Local(Arc<App>),
    /// From Secrets Manager, as the Lambdas read them.
    Aws(Arc<SecretsManagerApp<SystemClock>>),
}

impl AppCredentials for AnyApp {
    async fn app(&self) -> Result<Arc<App>, CredentialsError> {
        match self {
            Self::Local(app) => Ok(Arc::clone(app)),
            Self::Aws(secret) => secret.app().await,
        }
    }
}

/// The keys that sign invites, state and receipts.
#[derive(Clone, Debug)]
pub(crate) enum AnySigningKeys {
    /// From variables or a folder.
    Local(Arc<SigningKeys>),
    /// From Secrets Manager, as the Lambdas read them.
    Aws(Arc<SecretsManagerSigningKeys<SystemClock>>),
}

impl SigningKeySource for AnySigningKeys {
    async fn signing_keys(&self) -> Result<Arc<SigningKeys>, CredentialsError> {
        match self {
            Self::Local(keys) => Ok(Arc::clone(keys)),
            Self::Aws(secret) => secret.signing_keys().await,
        }
    }
}
