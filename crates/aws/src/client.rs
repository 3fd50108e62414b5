//! The connections to AWS.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_secretsmanager::Client;
use evertoken_https::{Tls, TlsError};

use crate::connector::Connections;
use crate::event_bus::EventBus;

/// No try waits longer for a connection.
const CONNECT: Duration = Duration::from_secs(2);

/// Reads the SDK's own environment (`AWS_REGION`, `AWS_ENDPOINT_URL` and so on) once, and keeps one set of connections
/// for all clients that come from it.
#[derive(Clone, Debug)]
pub struct Aws(SdkConfig);

impl Aws {
    /// Asks nobody yet.
    pub async fn connect(tls: &Tls) -> Result<Self, TlsError> {
        let client = tls.client().connect_timeout(CONNECT).build().map_err(|_| TlsError::Unusable)?;
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(Connections::new(client));
        Ok(Self(config.load().await))
    }

    /// A client for secrets.
    ///
    /// One try takes 4 seconds at most: Secrets Manager answers in some tens of milliseconds, and what takes longer has
    /// lost its connection. All tries take 12, since the pages must answer within an HTTP API's 30 seconds and make
    /// several calls.
    ///
    /// Retries are the SDK's *standard* ones: exponential back-off with jitter, bounded by a budget per client. The
    /// *adaptive* mode would hold back every call of the client, reads included, once one write was throttled; here the
    /// refresh keeps its own pace below the write quota, so that throttling is the exception.
    pub fn secrets_manager(&self) -> Client {
        Client::new(&self.config())
    }

    /// A client for events on the bus of this name or ARN. It gives up early: an event holds up the account that it is
    /// about, and is never worth as much.
    pub fn event_bus(&self, bus: impl Into<String>) -> EventBus {
        let config = self.patient(Duration::from_secs(2), Duration::from_secs(5), 2);
        EventBus::new(aws_sdk_eventbridge::Client::new(&config), bus)
    }

    /// The same set-up, for a client of another of AWS's services: the limits of the one for secrets.
    pub fn config(&self) -> SdkConfig {
        self.patient(Duration::from_secs(4), Duration::from_secs(12), 4)
    }

    /// The same with these limits: for one try, for all of them, and how many.
    fn patient(&self, attempt: Duration, call: Duration, attempts: u32) -> SdkConfig {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(attempt)
            .operation_timeout(call)
            .build();
        let retries = RetryConfig::standard().with_max_attempts(attempts);
        self.0.to_builder().timeout_config(timeouts).retry_config(retries).build()
    }
}
