//! Loads AWS credentials once per command.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use tokio::sync::Mutex;

/// How long before they expire credentials are loaded again.
const BUFFER: Duration = Duration::from_mins(5);

/// Remembers the provider's credentials until they expire. The SDK caches them per client, and a `credential_process` may
/// ask for a one-time password every time.
#[derive(Debug)]
pub(super) struct CachedCredentials {
    provider: SharedCredentialsProvider,
    cached: Mutex<Option<Credentials>>,
}

impl CachedCredentials {
    pub(super) fn new(provider: SharedCredentialsProvider) -> Self {
        Self { provider, cached: Mutex::default() }
    }

    pub(super) async fn get(&self) -> Result<Credentials, CredentialsError> {
        let mut cached = self.cached.lock().await;
        if let Some(credentials) = &*cached
            && credentials.expiry().is_none_or(|expiry| SystemTime::now() + BUFFER < expiry)
        {
            return Ok(credentials.clone());
        }
        let loaded = self.provider.provide_credentials().await?;
        Ok(cached.insert(loaded).clone())
    }
}

impl ProvideCredentials for CachedCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.get())
    }
}
