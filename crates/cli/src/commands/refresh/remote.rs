//! A run by the deployed Lambda.

use std::time::Duration;

use anyhow::{Context, Result};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::primitives::Blob;
use evertoken_aws::AwsErrorCode;
use evertoken_core::refresh::Request;
use serde_json::{Value, json};

use super::Options;
use super::result::RunResult;
use crate::aws::aws_client::aws;
use crate::aws::stack::Stack;
use crate::error::CliError;

/// What the template calls the Lambda.
const LOGICAL_ID: &str = "RefreshFunction";

/// Longer than any Lambda runs (AWS, "Lambda quotas": 15 minutes).
const ANSWER: Duration = Duration::from_mins(16);

/// Invokes it, and waits for its report.
pub(super) async fn run(options: &Options, request: &Request) -> Result<RunResult> {
    let function = match &options.function {
        Some(function) => function.clone(),
        None => Stack::read(options.place.stack_name()).await?.physical_id(LOGICAL_ID)?.to_owned(),
    };
    let Request { accounts, force, dry_run } = request;
    let input = json!({ "version": 1, "accounts": accounts, "force": force, "dry_run": dry_run });
    let answer = client().await?.invoke().function_name(&function).payload(Blob::new(input.to_string())).send().await;
    let answer = answer.map_err(|error| not_invoked(&function, &AwsErrorCode::from(error)))?;
    let payload = answer.payload.map(Blob::into_inner).unwrap_or_default();
    let report: Value = serde_json::from_slice(&payload).context("the Lambda's answer is not JSON")?;
    // AWS says it in a header too; the answer itself says it everywhere.
    if answer.function_error.is_some() || report.get("errorType").is_some() {
        let said = report.get("errorMessage").and_then(Value::as_str).unwrap_or("no reason was given");
        return Err(CliError::failed(format!("{function} failed: {said}"), "its log in CloudWatch tells more").into());
    }
    RunResult::new(report, Vec::new())
}

/// A second try would be a second run.
async fn client() -> Result<Client> {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .read_timeout(ANSWER)
        .operation_attempt_timeout(ANSWER)
        .operation_timeout(ANSWER)
        .build();
    let config = aws_sdk_lambda::config::Builder::from(&aws().await?.config());
    Ok(Client::from_conf(config.timeout_config(timeouts).retry_config(RetryConfig::disabled()).build()))
}

fn not_invoked(function: &str, error: &AwsErrorCode) -> Problem {
    let code = error.code();
    let help = match code {
        "ResourceNotFoundException" => {
            "name the Lambda with --function, its stack with --stack, its region with AWS_REGION"
        }
        _ if error.is_denied() => {
            "these AWS credentials need the permission lambda:InvokeFunction; or leave --remote out"
        }
        _ => "see whether this machine reaches AWS; or leave --remote out",
    };
    CliError::failed(format!("the Lambda {function} could not be invoked ({code})"), help)
}
