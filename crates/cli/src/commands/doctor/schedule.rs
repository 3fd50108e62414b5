//! Checks the refresh schedule and its last run.

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use aws_sdk_scheduler::types::ScheduleState;
use evertoken_aws::{AwsErrorCode, SdkConfig};
use time::{Duration, OffsetDateTime};

use super::finding::Finding;
use super::unavailable::unavailable;
use crate::aws::stack::Stack;
use crate::vault::account_summary::minute;

/// The type of the schedule that the template creates from the event `Tick`.
const SCHEDULE: &str = "AWS::Scheduler::Schedule";

/// Runs start every 6 hours, up to 30 minutes late. This allows one run to fail.
const LATE: Duration = Duration::hours(13);

/// The same limit as that of the heartbeat alarm.
const STOPPED: Duration = Duration::hours(24);

/// How far back to search the log.
const LOOK_BACK: Duration = Duration::hours(48);

pub(super) async fn check_enabled(config: &SdkConfig, stack: &Stack) -> Finding {
    const SUBJECT: &str = "schedule";
    let Some(schedule) = stack.of_kind(SCHEDULE).next() else {
        let text = format!("the stack {} has none, so no token is refreshed", stack.name());
        return Finding::problem(SUBJECT, text, "Deploy the template again: `sam deploy`.");
    };
    let name = &schedule.physical_id;
    let client = aws_sdk_scheduler::Client::new(config);
    match client.get_schedule().name(name).send().await.map_err(AwsErrorCode::from) {
        Ok(found) if found.state() == Some(&ScheduleState::Enabled) => {
            let every = found.schedule_expression().unwrap_or("unknown interval");
            Finding::ok(SUBJECT, format!("{name} is enabled, {every}"))
        }
        Ok(_) => {
            let text = format!("{name} is disabled, so no token is refreshed");
            Finding::problem(
                SUBJECT,
                text,
                format!("Deploy with the parameter Schedule=on, or enable {name} in EventBridge Scheduler."),
            )
        }
        Err(error) => unavailable(SUBJECT, &error, "scheduler:GetSchedule"),
    }
}

/// Searches the log for the metric that a run writes when it completes.
pub(super) async fn check_last_run(config: &SdkConfig, stack: &Stack, now: OffsetDateTime) -> Finding {
    const SUBJECT: &str = "last run";
    let Ok(group) = stack.physical_id("RefreshLogs") else {
        return Finding::warning(
            SUBJECT,
            "not checked: the stack has no log group for the refresh",
            "Deploy the template of this version.",
        );
    };
    let client = aws_sdk_cloudwatchlogs::Client::new(config);
    let mut lines = client
        .filter_log_events()
        .log_group_name(group)
        .filter_pattern("\"RunDurationMs\"")
        .start_time((now - LOOK_BACK).unix_timestamp() * 1000)
        .into_paginator()
        .send();
    let mut last = None;
    while let Some(page) = lines.next().await {
        match page.map_err(AwsErrorCode::from) {
            Ok(page) => last = page.events().iter().filter_map(FilteredLogEvent::timestamp).max().max(last),
            Err(error) => return unavailable(SUBJECT, &error, "logs:FilterLogEvents"),
        }
    }
    let last = last.and_then(|milliseconds| OffsetDateTime::from_unix_timestamp(milliseconds / 1000).ok());
    let remedy = "Check the log of the refresh function and the dead-letter queue. `evertoken refresh --all` refreshes from this machine.";
    match last {
        Some(last) if now - last <= LATE => Finding::ok(SUBJECT, format!("{} UTC", minute(last))),
        Some(last) if now - last <= STOPPED => {
            Finding::warning(SUBJECT, format!("{} UTC, but one is due every 6 hours", minute(last)), remedy)
        }
        Some(last) => Finding::problem(SUBJECT, format!("{} UTC: the refresh has stopped", minute(last)), remedy),
        None => Finding::problem(SUBJECT, format!("none in the last {} hours", LOOK_BACK.whole_hours()), remedy),
    }
}
