//! Reads the app's credentials and the signing keys from Secrets Manager.

use std::sync::Arc;

use aws_sdk_secretsmanager::Client;
use evertoken_core::app::{App, InvalidApp};
use evertoken_core::clock::Clock;
use evertoken_core::credentials::{AppCredentials, CredentialsError, SigningKeySource};
use evertoken_core::signing::SigningKeys;
use secrecy::zeroize::Zeroizing;

use crate::cached::Cached;
use crate::error_code::AwsErrorCode;

/// Reads the app secret when it is first needed. Caches it for five minutes, and an error for five seconds.
#[derive(Debug)]
pub struct SecretsManagerApp<C> {
    secret: Secret,
    clock: C,
    cached: Cached<Arc<App>, CredentialsError>,
}

impl<C: Clock> SecretsManagerApp<C> {
    /// Credentials from the secret with this name or ARN.
    pub fn new(client: Client, secret: String, clock: C) -> Self {
        Self { secret: Secret { client, name: secret }, clock, cached: Cached::new() }
    }

    async fn read(&self) -> Result<Arc<App>, CredentialsError> {
        let secret = &self.secret.name;
        let text = self.secret.read().await.map_err(|error| {
            // AWS returns this for a secret without a value as well (`GetSecretValue`).
            if error.is_not_found() {
                CredentialsError::App { secret: secret.clone(), reason: InvalidApp::Absent }
            } else {
                self.secret.unavailable(error)
            }
        })?;
        let app = text.map_or(Err(InvalidApp::Shape), |text| App::parse(&text));
        app.inspect(|app| app.report_white_space(secret))
            .map(Arc::new)
            .map_err(|reason| CredentialsError::App { secret: secret.clone(), reason })
    }
}

impl<C: Clock> AppCredentials for SecretsManagerApp<C> {
    async fn app(&self) -> Result<Arc<App>, CredentialsError> {
        self.cached.get(&self.clock, async || self.read().await).await
    }
}

/// Reads the signing secret when it is first needed. Caches it for five minutes, and an error for five seconds.
#[derive(Debug)]
pub struct SecretsManagerSigningKeys<C> {
    secret: Secret,
    clock: C,
    cached: Cached<Arc<SigningKeys>, CredentialsError>,
}

impl<C: Clock> SecretsManagerSigningKeys<C> {
    /// Keys from the secret with this name or ARN.
    pub fn new(client: Client, secret: String, clock: C) -> Self {
        Self { secret: Secret { client, name: secret }, clock, cached: Cached::new() }
    }

    async fn read(&self) -> Result<Arc<SigningKeys>, CredentialsError> {
        let text = self.secret.read().await.map_err(|error| self.secret.unavailable(error))?;
        let keys = text.and_then(|text| SigningKeys::parse(&text).ok());
        keys.map(Arc::new).ok_or_else(|| CredentialsError::SigningKeys { secret: self.secret.name.clone() })
    }
}

impl<C: Clock> SigningKeySource for SecretsManagerSigningKeys<C> {
    async fn signing_keys(&self) -> Result<Arc<SigningKeys>, CredentialsError> {
        self.cached.get(&self.clock, async || self.read().await).await
    }
}

#[derive(Debug)]
struct Secret {
    client: Client,
    /// A name or an ARN.
    name: String,
}

impl Secret {
    /// The secret's text, or `None` if the value is binary.
    async fn read(&self) -> Result<Option<Zeroizing<String>>, AwsErrorCode> {
        let response = self.client.get_secret_value().secret_id(&self.name).send().await?;
        Ok(response.secret_string.map(Zeroizing::new))
    }

    fn unavailable(&self, error: AwsErrorCode) -> CredentialsError {
        CredentialsError::Unavailable { secret: self.name.clone(), code: error.into_code() }
    }
}
