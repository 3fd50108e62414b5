//! Removal requests that EventBridge Scheduler sends to the login pages again.
//!
//! A one-time schedule needs no polling and costs nothing while there is nothing to retry (docs/decisions/0037).

use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, DeadLetterConfig, FlexibleTimeWindow, FlexibleTimeWindowMode, Target,
};
use evertoken_core::clock::{Clock, SystemClock};
use evertoken_core::removal_queue::{DeferError, DeferredRemoval, Deferring, RemovalQueue};
use evertoken_core::variables::{VariableError, Variables};
use serde_json::json;
use sha2::{Digest, Sha256};
use time::error::Format;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use crate::client::Aws;
use crate::error_code::AwsErrorCode;

/// The first delay. `ListSecrets` may lag by five minutes (AWS, `ListSecrets`).
const FIRST_DELAY: Duration = Duration::minutes(10);

/// The delay doubles with each attempt up to this one.
const LONGEST_DELAY: Duration = Duration::hours(6);

/// The time of an `at` expression, in UTC (AWS, "Schedule types in EventBridge Scheduler").
const AT: &[BorrowedFormatItem<'_>] = format_description!("at([year]-[month]-[day]T[hour]:[minute]:[second])");

/// The header by which the pages recognize a request from the schedule.
pub const ATTEMPTS_HEADER: &str = "x-evertoken-attempts";

/// The API's ID in a scheduled request. An HTTP API's own ID has ten characters.
pub const SCHEDULER_API_ID: &str = "scheduler";

/// Schedules that invoke the function which serves the login pages.
#[derive(Clone, Debug)]
pub struct ScheduledRemovals {
    /// The client is created for a request to retry, because creating it would slow down every start.
    aws: Aws,
    settings: RemovalSettings,
}

/// The ARNs of a removal schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovalSettings {
    /// The function that serves the pages.
    function: String,
    /// The role with which EventBridge Scheduler invokes it.
    role: String,
    /// The queue of invocations that failed.
    dead_letters: String,
}

impl RemovalSettings {
    /// Reads `EVERTOKEN_SCHEDULER_ROLE`, `EVERTOKEN_DEAD_LETTER_QUEUE` and Lambda's `AWS_LAMBDA_FUNCTION_NAME`; `None` if one
    /// of them is not set.
    pub fn read(variables: &Variables) -> Result<Option<Self>, VariableError> {
        let role = "the ARN of an IAM role, such as arn:aws:iam::123456789012:role/scheduler";
        let queue = "the ARN of an SQS queue, such as arn:aws:sqs:eu-west-1:123456789012:dead-letters";
        let arn = |service, text: &str| Arn::parse(text).filter(|arn| arn.service == service).map(|_| text.to_owned());
        let role = variables.parse("EVERTOKEN_SCHEDULER_ROLE", role, |text| arn("iam", text))?;
        let queue = variables.parse("EVERTOKEN_DEAD_LETTER_QUEUE", queue, |text| arn("sqs", text))?;
        let name = variables.get("AWS_LAMBDA_FUNCTION_NAME");
        Ok(role.zip(queue).zip(name).and_then(|((role, dead_letters), name)| {
            let Arn { partition, region, account, .. } = Arn::parse(&dead_letters)?;
            let function = format!("arn:{partition}:lambda:{region}:{account}:function:{name}");
            Some(Self { function, role, dead_letters })
        }))
    }
}

struct Arn<'a> {
    partition: &'a str,
    service: &'a str,
    region: &'a str,
    account: &'a str,
}

impl<'a> Arn<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        match text.splitn(6, ':').collect::<Vec<_>>().as_slice() {
            ["arn", partition, service, region, account, resource] if !resource.is_empty() => {
                Some(Self { partition, service, region, account })
            }
            _ => None,
        }
    }
}

impl ScheduledRemovals {
    /// Schedules with these settings. Sends no request.
    pub fn new(aws: Aws, settings: RemovalSettings) -> Self {
        Self { aws, settings }
    }

    async fn schedule(&self, removal: &DeferredRemoval) -> Result<(), DeferError> {
        let error = |code: &str| DeferError { code: code.to_owned() };
        let at = expression(SystemClock.now(), removal.attempts).map_err(|_| error("time"))?;
        let target = Target::builder()
            .arn(&self.settings.function)
            .role_arn(&self.settings.role)
            .dead_letter_config(DeadLetterConfig::builder().arn(&self.settings.dead_letters).build())
            .input(event(removal, SystemClock.now()))
            .build()
            .map_err(|_| error("target"))?;
        let window = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build();
        let create = Client::new(&self.aws.config())
            .create_schedule()
            .name(name(&self.settings, removal))
            .schedule_expression(at)
            .flexible_time_window(window.map_err(|_| error("window"))?)
            .action_after_completion(ActionAfterCompletion::Delete)
            .target(target);
        match create.send().await.map_err(AwsErrorCode::from) {
            // The same request is scheduled already.
            Err(error) if error.code() != "ConflictException" => Err(DeferError { code: error.into_code() }),
            _ => Ok(()),
        }
    }
}

impl RemovalQueue for ScheduledRemovals {
    fn defer(&self, removal: DeferredRemoval) -> Deferring<'_> {
        Box::pin(async move { self.schedule(&removal).await })
    }
}

/// The expression of a schedule that starts once, after the delay.
fn expression(now: OffsetDateTime, attempts: u32) -> Result<String, Format> {
    (now + delay(attempts)).format(AT)
}

fn delay(attempts: u32) -> Duration {
    // Beyond 2^6 the longest delay applies.
    (FIRST_DELAY * 2_i32.pow(attempts.saturating_sub(1).min(6))).min(LONGEST_DELAY)
}

/// At most 64 letters, digits and `-_.` (AWS, `CreateSchedule`). Contains no part of the request.
fn name(settings: &RemovalSettings, removal: &DeferredRemoval) -> String {
    // The ARNs differ between the stacks of an AWS account, which may share an app.
    let parts = [&settings.function, &settings.dead_letters, removal.callback.path(), &removal.signed_request];
    let hash = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part).chain_update("\n")).finalize();
    let hash: String = hex::encode(hash).chars().take(32).collect();
    format!("evertoken-removal-{hash}-{}", removal.attempts)
}

/// The request as an HTTP API passes it to the function (AWS, "Create AWS Lambda proxy integrations for HTTP APIs").
fn event(removal: &DeferredRemoval, now: OffsetDateTime) -> String {
    let path = removal.callback.path();
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": { "content-type": "application/json", ATTEMPTS_HEADER: removal.attempts.to_string() },
        "requestContext": {
            "accountId": "scheduler",
            "apiId": SCHEDULER_API_ID,
            "domainName": "scheduler",
            "http": {
                "method": "POST",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "evertoken",
            },
            "requestId": "scheduler",
            "routeKey": "$default",
            "stage": "$default",
            "time": "",
            "timeEpoch": now.unix_timestamp() * 1000,
        },
        "body": json!({ "signed_request": removal.signed_request }).to_string(),
        "isBase64Encoded": false,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use evertoken_core::removal_queue::RemovalCallback;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_schedule_starts_after_the_delay_in_utc() {
        let now = datetime!(2026-11-22 17:00 UTC);
        assert_eq!(expression(now, 1).unwrap(), "at(2026-11-22T17:10:00)");
        assert_eq!(expression(now, 7).unwrap(), "at(2026-11-22T23:00:00)");
    }

    /// The schedule of an attempt may still exist when the next one is created.
    #[test]
    fn each_attempt_of_a_request_has_a_name_of_its_own() {
        let [function, role, dead_letters] = ["function", "role", "queue"].map(str::to_owned);
        let settings = RemovalSettings { function, role, dead_letters };
        let name = |callback, attempts| {
            let signed_request = "signature.payload".to_owned();
            name(&settings, &DeferredRemoval { callback, signed_request, attempts })
        };
        let [first, again, second] = [1, 1, 2].map(|attempts| name(RemovalCallback::Deauthorize, attempts));
        assert_eq!(first, again);
        assert_ne!(first, second);
        assert_ne!(first, name(RemovalCallback::DataDeletion, 1));
        assert!(name(RemovalCallback::Deauthorize, u32::MAX).len() <= 64);
    }

    #[test]
    fn the_delay_doubles_up_to_six_hours() {
        let minutes = [1, 2, 3, 6, 7, 50, u32::MAX].map(|attempts| delay(attempts).whole_minutes());
        assert_eq!(minutes, [10, 20, 40, 320, 360, 360, 360]);
    }

    #[test]
    fn the_function_is_in_the_account_and_region_of_the_queue() {
        let read = |role: &str, queue: &str| {
            let variables = [
                ("EVERTOKEN_SCHEDULER_ROLE", role),
                ("EVERTOKEN_DEAD_LETTER_QUEUE", queue),
                ("AWS_LAMBDA_FUNCTION_NAME", "pages"),
            ];
            RemovalSettings::read(
                &variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect(),
            )
        };
        let (role, queue) = ("arn:aws-cn:iam::123456789012:role/r", "arn:aws-cn:sqs:cn-north-1:123456789012:q");
        let settings = read(role, queue).unwrap().unwrap();
        assert_eq!(settings.function, "arn:aws-cn:lambda:cn-north-1:123456789012:function:pages");
        for (role, queue) in [("role/r", queue), (role, role), (role, "arn:aws-cn:sqs:cn-north-1:123456789012:")] {
            assert!(read(role, queue).is_err(), "{role} {queue}");
        }
        assert_eq!(RemovalSettings::read(&Variables::default()).unwrap(), None);
    }
}
