//! The connection to Secrets Manager.

use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
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
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(CALL)
        .build();
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .load()
        .await;
    Client::new(&config)
}
