//! Invokes a deployed Lambda and waits for its response.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::primitives::Blob;
use evertoken_aws::SdkConfig;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::context::Context;
use crate::error::{CliError, Result};

/// Longer than a Lambda can run (AWS, "Lambda quotas": 15 minutes).
const RESPONSE_TIMEOUT: Duration = Duration::from_mins(16);

/// What a Lambda returns: its response, or an error.
#[derive(Deserialize)]
#[serde(untagged)]
enum Payload<T> {
    #[serde(rename_all = "camelCase")]
    Error {
        error_type: String,
        error_message: Option<String>,
    },
    Response(Box<T>),
}

/// Invokes the Lambda with this name or ARN. `expected` names the response in the error about another one.
pub(crate) async fn invoke<T: DeserializeOwned>(
    function: &str,
    input: &Value,
    expected: &'static str,
    context: &Context,
) -> Result<T> {
    let function = function.to_owned();
    let invoke = client(&context.aws().await?.config()).invoke().function_name(&function);
    let output = invoke.payload(Blob::new(input.to_string())).send().await;
    let output = output.map_err(|error| CliError::NotInvoked { function: function.clone(), code: error.into() })?;
    let payload = output.payload.map(Blob::into_inner).unwrap_or_default();
    match serde_json::from_slice(&payload) {
        Ok(Payload::Response(response)) if output.function_error.is_none() => Ok(*response),
        Ok(Payload::Error { error_type, error_message }) => {
            Err(CliError::LambdaFailed { function, reason: error_message.unwrap_or(error_type) })
        }
        _ => Err(CliError::UnexpectedResponse { function, expected }),
    }
}

/// Without retries: a second attempt would be a second run.
fn client(config: &SdkConfig) -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .read_timeout(RESPONSE_TIMEOUT)
        .operation_attempt_timeout(RESPONSE_TIMEOUT)
        .operation_timeout(RESPONSE_TIMEOUT)
        .build();
    let config = aws_sdk_lambda::config::Builder::from(config);
    Client::from_conf(config.timeout_config(timeouts).retry_config(RetryConfig::disabled()).build())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use aws_config::{BehaviorVersion, Region};
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;
    use evertoken_aws::{AwsErrorCode, Connections};
    use evertoken_https::Tls;
    use tokio::net::TcpListener;
    use tokio::time::Instant;

    use super::*;

    /// Invokes the Lambda of this server, with the timeouts and retries of the other clients as defaults. Returns the
    /// code of the error, and how many seconds it took.
    async fn fail_at(server: &TcpListener) -> (String, u64) {
        let timeouts = TimeoutConfig::builder().operation_timeout(Duration::from_secs(12)).build();
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "tests")))
            .endpoint_url(format!("http://{}", server.local_addr().unwrap()))
            .http_client(Connections::new(Tls::with_system_roots().client().build().unwrap()))
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(4))
            .build();
        let start = Instant::now();
        let invoked = client(&config).invoke().function_name("refresh").send().await;
        (AwsErrorCode::from(invoked.unwrap_err()).into_code(), start.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_lambda_that_does_not_answer_is_awaited_longer_than_it_can_run() {
        // Connections are accepted by the operating system, and nobody answers.
        let hanging = TcpListener::bind("127.0.0.1:0").await.unwrap();
        assert_eq!(fail_at(&hanging).await, ("timeout".to_owned(), 16 * 60));
    }

    #[tokio::test(start_paused = true)]
    async fn a_lambda_is_invoked_once_even_if_the_connection_is_lost() {
        let server = Arc::new(TcpListener::bind("127.0.0.1:0").await.unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let (closing, counted) = (Arc::clone(&server), Arc::clone(&connections));
        tokio::spawn(async move {
            loop {
                drop(closing.accept().await.unwrap());
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
        assert_eq!(fail_at(&server).await.0, "connection");
        assert_eq!(connections.load(Ordering::Relaxed), 1);
    }
}
