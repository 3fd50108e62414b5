//! Invokes a deployed Lambda and waits for its response.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::primitives::Blob;
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
    let invoke = client(context).await?.invoke().function_name(&function).payload(Blob::new(input.to_string()));
    let output = invoke.send().await;
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
async fn client(context: &Context) -> Result<Client> {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .read_timeout(RESPONSE_TIMEOUT)
        .operation_attempt_timeout(RESPONSE_TIMEOUT)
        .operation_timeout(RESPONSE_TIMEOUT)
        .build();
    let config = aws_sdk_lambda::config::Builder::from(&context.aws().await?.config());
    Ok(Client::from_conf(config.timeout_config(timeouts).retry_config(RetryConfig::disabled()).build()))
}
