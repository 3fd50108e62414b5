//! The app's credentials and the signing keys, from Secrets Manager.

use std::sync::Arc;

use aws_sdk_secretsmanager::Client;
use evertoken_core::app::{App, InvalidApp};
use evertoken_core::ports::{Clock, Credentials, CredentialsError};
use evertoken_core::signing::SigningKeys;
use secrecy::{ExposeSecret, SecretString};

use crate::cached::Cached;
use crate::fault::Fault;
use crate::settings::CredentialSettings;

/// Reads both secrets when they are first needed and keeps each for five minutes, an error for seconds.
#[derive(Debug)]
pub struct SecretsManagerCredentials<C> {
    client: Client,
    settings: CredentialSettings,
    clock: C,
    app: Cached<Arc<App>, CredentialsError>,
    signing: Cached<Arc<SigningKeys>, CredentialsError>,
}

impl<C: Clock> SecretsManagerCredentials<C> {
    /// Nothing is read yet.
    pub fn new(client: Client, settings: CredentialSettings, clock: C) -> Self {
        Self { client, settings, clock, app: Cached::new(), signing: Cached::new() }
    }

    /// A secret's text; none if it holds bytes.
    async fn read(&self, secret: &str) -> Result<Option<SecretString>, Fault> {
        let answer = self.client.get_secret_value().secret_id(secret).send().await?;
        Ok(answer.secret_string.map(SecretString::from))
    }

    async fn read_app(&self) -> Result<Arc<App>, CredentialsError> {
        let secret = &self.settings.app;
        let text = self.read(secret).await.map_err(|fault| {
            // AWS says so of a secret without a value as well (`GetSecretValue`).
            if fault.is_not_found() {
                CredentialsError::App { secret: secret.clone(), reason: InvalidApp::Absent }
            } else {
                unavailable(secret, fault)
            }
        })?;
        let app = text.map_or(Err(InvalidApp::Shape), |text| App::parse(text.expose_secret()));
        app.inspect(|app| app.report_white_space(secret))
            .map(Arc::new)
            .map_err(|reason| CredentialsError::App { secret: secret.clone(), reason })
    }

    async fn read_signing_keys(&self) -> Result<Arc<SigningKeys>, CredentialsError> {
        let secret = &self.settings.signing;
        let text = self.read(secret).await.map_err(|fault| unavailable(secret, fault))?;
        let keys = text.and_then(|text| SigningKeys::parse(text.expose_secret()).ok());
        keys.map(Arc::new).ok_or_else(|| CredentialsError::SigningKeys { secret: secret.clone() })
    }
}

fn unavailable(secret: &str, fault: Fault) -> CredentialsError {
    CredentialsError::Unavailable { secret: secret.to_owned(), code: fault.into_code() }
}

impl<C: Clock> Credentials for SecretsManagerCredentials<C> {
    async fn app(&self) -> Result<Arc<App>, CredentialsError> {
        self.app.get(&self.clock, async || self.read_app().await).await
    }

    async fn signing_keys(&self) -> Result<Arc<SigningKeys>, CredentialsError> {
        self.signing.get(&self.clock, async || self.read_signing_keys().await).await
    }
}
