//! The connections to AWS.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_secretsmanager::Client;

/// One try. Secrets Manager answers in some tens of milliseconds; a try that takes this long has lost its connection.
const ATTEMPT: Duration = Duration::from_secs(4);

/// All tries of one call: the pages must answer within an HTTP API's 30 seconds, and they make several calls.
const CALL: Duration = Duration::from_secs(12);

/// Tries of one call, the first included.
const ATTEMPTS: u32 = 4;

/// A client whose region, credentials and endpoint come from the SDK's own environment (`AWS_REGION`,
/// `AWS_ENDPOINT_URL` and so on).
///
/// Retries are the SDK's *standard* ones: exponential back-off with jitter, bounded by a budget per client. The
/// *adaptive* mode would hold back every call of the client, reads included, once one write was throttled; here the
/// refresh keeps its own pace below the write quota, so that throttling is the exception.
pub async fn secrets_manager() -> Client {
    Client::new(&sdk_config().await)
}

/// The same set-up, for a client of another of AWS's services.
pub async fn sdk_config() -> SdkConfig {
    configured(ATTEMPT, CALL, ATTEMPTS).await
}

/// A client for events, set up the same way. It gives up early: an event holds up the account that it is about, and is
/// never worth as much.
pub(crate) async fn event_bridge() -> aws_sdk_eventbridge::Client {
    let config = configured(Duration::from_secs(2), Duration::from_secs(5), 2).await;
    aws_sdk_eventbridge::Client::new(&config)
}

async fn configured(attempt: Duration, call: Duration, attempts: u32) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(attempt)
        .operation_timeout(call)
        .build();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(attempts))
        .load()
        .await
}
