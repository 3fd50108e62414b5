//! Clients for AWS services, with their timeouts and retries.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, SdkConfig};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_secretsmanager::Client;
use evertoken_https::{Tls, TlsError};

use crate::connector::Connections;
use crate::event_bus::EventBus;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The SDK's configuration (`AWS_REGION`, `AWS_ENDPOINT_URL` and so on), and one connection pool for all clients.
#[derive(Clone, Debug)]
pub struct Aws(SdkConfig);

impl Aws {
    /// Reads the configuration. Sends no request to the services.
    pub async fn connect(tls: &Tls) -> Result<Self, TlsError> {
        let mut config = config_loader(tls)?;
        // The first source of the SDK's default chain, and that of Lambda functions. To build the others would take a quarter
        // of the start: one of them parses the endpoints of all regions.
        let environment = EnvironmentVariableCredentialsProvider::new();
        if environment.provide_credentials().await.is_ok() {
            config = config.credentials_provider(environment);
        }
        Ok(Self(config.load().await))
    }

    /// The same connections with other credentials.
    #[must_use]
    pub fn with_credentials(self, provider: SharedCredentialsProvider) -> Self {
        Self(self.0.into_builder().credentials_provider(provider).build())
    }

    /// A client for Secrets Manager.
    ///
    /// An attempt may take 4 seconds: Secrets Manager responds within tens of milliseconds, so a slower attempt has lost
    /// its connection. All attempts together may take 12 seconds, because a login makes several calls and an HTTP API
    /// times out after 30.
    ///
    /// Retries use the SDK's *standard* mode: exponential backoff with jitter and a retry budget per client. The
    /// *adaptive* mode would slow down all calls of the client, reads included, after one throttled write. Throttling is
    /// rare, because the refresh limits its own write rate below the quota.
    pub fn secrets_manager(&self) -> Client {
        Client::new(&self.config())
    }

    /// A client for the event bus with this name or ARN. It has short timeouts, because a run waits for an event before
    /// it finishes the account.
    pub fn event_bus(&self, bus: impl Into<String>) -> EventBus {
        let config = self.config_with(Duration::from_secs(2), Duration::from_secs(5), 2);
        EventBus::new(aws_sdk_eventbridge::Client::new(&config), bus)
    }

    /// The configuration for a client of another AWS service. Timeouts and retries are those of Secrets Manager.
    pub fn config(&self) -> SdkConfig {
        self.config_with(Duration::from_secs(4), Duration::from_secs(12), 4)
    }

    fn config_with(&self, attempt_timeout: Duration, timeout: Duration, max_attempts: u32) -> SdkConfig {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(attempt_timeout)
            .operation_timeout(timeout)
            .build();
        let retries = RetryConfig::standard().with_max_attempts(max_attempts);
        self.0.to_builder().timeout_config(timeouts).retry_config(retries).build()
    }
}

fn config_loader(tls: &Tls) -> Result<ConfigLoader, TlsError> {
    let client = tls.client().connect_timeout(CONNECT_TIMEOUT).build().map_err(|_| TlsError::Unusable)?;
    Ok(aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(Connections::new(client)))
}

#[cfg(test)]
mod tests;
