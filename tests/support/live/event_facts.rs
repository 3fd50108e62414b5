//! Assumptions about EventBridge and CloudFormation that need no stack.

use aws_sdk_eventbridge::error::ProvideErrorMetadata;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;

use super::account::LiveAccount;
use super::finding::{Finding, Observation};

/// The assumptions that [`check`] checks.
pub const CHECKED: [&str; 2] = ["event-rejected-entry", "stack-unknown-name"];

/// Checks all assumptions.
pub async fn check(account: &LiveAccount) -> Vec<Finding> {
    vec![
        Finding::new(CHECKED[0], successful_call_rejects_an_entry(account).await),
        Finding::new(CHECKED[1], unknown_stack_is_a_validation_error(account).await),
    ]
}

async fn successful_call_rejects_an_entry(account: &LiveAccount) -> Observation {
    let entry = PutEventsRequestEntry::builder().source("evertoken.live").detail_type("Live Check").detail("no JSON");
    let put = aws_sdk_eventbridge::Client::new(&account.config).put_events().entries(entry.build()).send().await;
    let put = put.map_err(|error| format!("the whole call failed: {}", error.code().unwrap_or("no answer")))?;
    let code = put.entries().first().and_then(|entry| entry.error_code()).unwrap_or("none");
    if put.failed_entry_count() == 1 {
        Ok(format!("error code of the entry: {code}"))
    } else {
        Err("accepted".to_owned())
    }
}

async fn unknown_stack_is_a_validation_error(account: &LiveAccount) -> Observation {
    let client = aws_sdk_cloudformation::Client::new(&account.config);
    let described = client.describe_stacks().stack_name(format!("{}-absent", account.name)).send().await;
    match described.map_err(|error| error.code().unwrap_or("no answer").to_owned()) {
        Err(code) if code == "ValidationError" => Ok(format!("error code: {code}")),
        Err(code) => Err(format!("error code: {code}")),
        Ok(_) => Err("no error".to_owned()),
    }
}
