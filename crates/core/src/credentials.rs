//! The ports to the two secrets that a login needs: the app's credentials and the signing keys.

use std::future::Future;
use std::sync::Arc;

use crate::app::{App, InvalidApp};
use crate::signing::SigningKeys;

/// Supplies the Meta app's id and secret.
pub trait AppCredentials: Send + Sync + 'static {
    /// The Meta app that people log in to.
    fn app(&self) -> impl Future<Output = Result<Arc<App>, CredentialsError>> + Send;
}

impl<T: AppCredentials> AppCredentials for Arc<T> {
    async fn app(&self) -> Result<Arc<App>, CredentialsError> {
        self.as_ref().app().await
    }
}

/// Supplies the keys that sign invites, state and receipts.
pub trait SigningKeySource: Send + Sync + 'static {
    /// The keys, newest first.
    fn signing_keys(&self) -> impl Future<Output = Result<Arc<SigningKeys>, CredentialsError>> + Send;
}

/// Credentials could not be loaded. Names the secret and never contains its value.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CredentialsError {
    /// The app secret is missing, not filled in, or malformed.
    #[error("cannot use the app secret {secret}: {reason}")]
    App {
        /// The secret's name.
        secret: String,
        /// What is wrong.
        reason: InvalidApp,
    },
    /// The signing secret is malformed.
    #[error(
        "cannot use the signing secret {secret}: expected one text of at least 32 characters, or {{\"keys\":[...]}} with such texts"
    )]
    SigningKeys {
        /// The secret's name.
        secret: String,
    },
    /// The secret could not be read.
    #[error("cannot read the secret {secret} ({code})")]
    Unavailable {
        /// The secret's name.
        secret: String,
        /// The vault's own error code.
        code: String,
    },
}
