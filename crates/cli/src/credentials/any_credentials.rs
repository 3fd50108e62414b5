//! Credentials from Secrets Manager, or from variables and a folder.

use std::sync::Arc;

use evertoken_aws::{SecretsManagerApp, SecretsManagerSigningKeys};
use evertoken_core::app::{App, InvalidApp};
use evertoken_core::clock::SystemClock;
use evertoken_core::credentials::{AppCredentials, CredentialsError, SigningKeySource};
use evertoken_core::signing::SigningKeys;
use secrecy::ExposeSecret;

use super::app_store::AppStore;
use super::local_credentials::{self, APP_SECRET};
use crate::context::Context;
use crate::vault::location::VaultLocation;

/// The id and secret of the Meta app.
#[derive(Clone, Debug)]
pub(crate) enum AnyApp {
    /// From variables or a folder.
    Local(Arc<App>),
    /// From Secrets Manager, as the Lambdas read them.
    Aws(Arc<SecretsManagerApp<SystemClock>>),
    /// From where `setup` stores them, as soon as they are needed.
    Stored(Arc<AppStore>),
}

impl AnyApp {
    /// The app that `serve` would use with this vault: that of the variables if they are set, and otherwise the stored one,
    /// which is read as soon as it is needed.
    pub(crate) async fn of_command(location: &VaultLocation, context: &Context) -> crate::error::Result<Self> {
        let is_set = location.local.is_some() && context.variables.get(APP_SECRET).is_some();
        let app = is_set.then(|| local_credentials::app_from_variables(&context.variables).ok()).flatten();
        Ok(match app {
            Some(app) => Self::Local(Arc::new(app)),
            None => Self::Stored(Arc::new(AppStore::at(location, context).await?)),
        })
    }
}

impl AppCredentials for AnyApp {
    async fn app(&self) -> Result<Arc<App>, CredentialsError> {
        match self {
            Self::Local(app) => Ok(Arc::clone(app)),
            Self::Aws(secret) => secret.app().await,
            Self::Stored(store) => read(store).await,
        }
    }
}

async fn read(store: &AppStore) -> Result<Arc<App>, CredentialsError> {
    let secret = store.to_string();
    let text = match store.read().await {
        Ok(text) => text,
        Err(error) => return Err(CredentialsError::Unavailable { secret, code: error.to_string() }),
    };
    let app = text.map_or(Err(InvalidApp::Absent), |text| App::parse(text.expose_secret()));
    app.map(Arc::new).map_err(|reason| CredentialsError::App { secret, reason })
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
