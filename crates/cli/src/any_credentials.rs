//! Credentials from wherever a service or a command on this machine has them.

use std::sync::Arc;

use evertoken_aws::SecretsManagerCredentials;
use evertoken_core::app::App;
use evertoken_core::ports::{Credentials, CredentialsError};
use evertoken_core::signing::SigningKeys;
use evertoken_core::system::SystemClock;

use crate::own_credentials::OwnCredentials;

/// One of the two.
#[derive(Clone, Debug)]
pub(crate) enum AnyCredentials {
    /// From variables and the vault's folder.
    Own(OwnCredentials),
    /// From Secrets Manager, as the Lambdas have them.
    Aws(Arc<SecretsManagerCredentials<SystemClock>>),
}

impl Credentials for AnyCredentials {
    async fn app(&self) -> Result<Arc<App>, CredentialsError> {
        match self {
            Self::Own(own) => own.app().await,
            Self::Aws(secrets) => secrets.app().await,
        }
    }

    async fn signing_keys(&self) -> Result<Arc<SigningKeys>, CredentialsError> {
        match self {
            Self::Own(own) => own.signing_keys().await,
            Self::Aws(secrets) => secrets.signing_keys().await,
        }
    }
}
