//! A refresh run by the deployed Lambda.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::primitives::Blob;
use evertoken_core::refresh::{Report, Request};
use serde::Deserialize;
use serde_json::json;

use super::run_result::RunResult;
use crate::aws::stack::Stack;
use crate::context::Context;
use crate::error::{CliError, Result};
use crate::vault::location::VaultLocation;

/// The name of the Lambda in the template.
const LOGICAL_ID: &str = "RefreshFunction";

/// Longer than a Lambda can run (AWS, "Lambda quotas": 15 minutes).
const RESPONSE_TIMEOUT: Duration = Duration::from_mins(16);

/// What a Lambda returns: its report, or an error.
#[derive(Deserialize)]
#[serde(untagged)]
enum Response {
    #[serde(rename_all = "camelCase")]
    Error {
        error_type: String,
        error_message: Option<String>,
    },
    Report(Box<Report>),
}

/// Invokes the Lambda and waits for its report.
pub(super) async fn run(
    function: Option<&str>,
    location: &VaultLocation,
    request: &Request,
    context: &Context,
) -> Result<RunResult> {
    let function = match function {
        Some(function) => function.to_owned(),
        None => Stack::read(context, location.stack_name()).await?.physical_id(LOGICAL_ID)?.to_owned(),
    };
    let Request { accounts, force, dry_run, .. } = request;
    let input = json!({ "version": 1, "accounts": accounts, "force": force, "dry_run": dry_run });
    let invoke = client(context).await?.invoke().function_name(&function).payload(Blob::new(input.to_string()));
    let output = invoke.send().await;
    let output = output.map_err(|error| CliError::NotInvoked { function: function.clone(), code: error.into() })?;
    let payload = output.payload.map(Blob::into_inner).unwrap_or_default();
    match serde_json::from_slice(&payload) {
        Ok(Response::Report(report)) if output.function_error.is_none() => {
            Ok(RunResult { report: *report, accounts: Vec::new() })
        }
        Ok(Response::Error { error_type, error_message }) => {
            Err(CliError::LambdaFailed { function, reason: error_message.unwrap_or(error_type) })
        }
        _ => Err(CliError::NotAReport(function)),
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
