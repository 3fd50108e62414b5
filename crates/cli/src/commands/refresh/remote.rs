//! A refresh run by the deployed Lambda.

use evertoken_core::refresh::{Report, Request};
use serde_json::json;

use super::run_result::RunResult;
use crate::aws::lambda_invocation;
use crate::aws::stack::Stack;
use crate::context::Context;
use crate::error::Result;
use crate::vault::location::VaultLocation;

/// The name of the Lambda in the template.
const LOGICAL_ID: &str = "RefreshFunction";

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
    let report: Report = lambda_invocation::invoke(&function, &input, "report of a refresh", context).await?;
    Ok(RunResult { report, accounts: Vec::new() })
}
