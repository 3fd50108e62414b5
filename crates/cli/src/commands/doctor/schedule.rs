//! The refresh's schedule, and whether it came to anything.

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use aws_sdk_scheduler::types::ScheduleState;
use evertoken_aws::{AwsErrorCode, SdkConfig};
use time::{Duration, OffsetDateTime};

use super::finding::Finding;
use crate::aws::stack::Stack;

/// As the template makes it from the refresh's event `Tick`.
const SCHEDULE: &str = "AWS::Scheduler::Schedule";

/// Runs come every 6 hours and may be held back for 30 minutes.
const LATE: Duration = Duration::hours(13);

/// What the heartbeat's alarm takes for a standstill.
const STOPPED: Duration = Duration::hours(24);

/// How far back a run is looked for.
const LOOK_BACK: Duration = Duration::hours(48);

/// Whether the schedule is switched on.
pub(super) async fn check_enabled(config: &SdkConfig, stack: &Stack) -> Finding {
    const SUBJECT: &str = "schedule";
    let Some(schedule) = stack.of_kind(SCHEDULE).next() else {
        let text = format!("the stack {} has none, so no token is renewed", stack.name());
        return Finding::problem(SUBJECT, text, "Deploy the template again: `sam deploy`.");
    };
    let name = &schedule.physical_id;
    let client = aws_sdk_scheduler::Client::new(config);
    match client.get_schedule().name(name).send().await.map_err(AwsErrorCode::from) {
        Ok(found) if found.state() == Some(&ScheduleState::Enabled) => {
            let every = found.schedule_expression().unwrap_or("an unknown time");
            Finding::ok(SUBJECT, format!("{name} is enabled, {every}"))
        }
        Ok(_) => {
            let text = format!("{name} is disabled, so no token is renewed");
            Finding::problem(SUBJECT, text, format!("Enable it: EventBridge Scheduler, schedule {name}."))
        }
        Err(error) => unseen(SUBJECT, &error, "scheduler:GetSchedule"),
    }
}

/// When the refresh last ran to its end: then its log has a line with this metric.
pub(super) async fn check_last_run(config: &SdkConfig, stack: &Stack, now: OffsetDateTime) -> Finding {
    const SUBJECT: &str = "last run";
    let Ok(group) = stack.physical_id("RefreshLogs") else {
        return Finding::warning(
            SUBJECT,
            "not seen: the stack names no log of the refresh",
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
            Err(error) => return unseen(SUBJECT, &error, "logs:FilterLogEvents"),
        }
    }
    let last = last.and_then(|milliseconds| OffsetDateTime::from_unix_timestamp(milliseconds / 1000).ok());
    let remedy = "Look at the refresh function's log and at the dead-letter queue; `evertoken refresh --all` does its work from here.";
    match last {
        Some(last) if now - last <= LATE => Finding::ok(SUBJECT, format!("at {}", minute(last))),
        Some(last) if now - last <= STOPPED => {
            Finding::warning(SUBJECT, format!("at {}, and one is due every 6 hours", minute(last)), remedy)
        }
        Some(last) => Finding::problem(SUBJECT, format!("at {}: the refresh has stopped", minute(last)), remedy),
        None => Finding::problem(SUBJECT, format!("none in {} hours", LOOK_BACK.whole_hours()), remedy),
    }
}

/// An answer of AWS's that says nothing about the thing itself.
pub(super) fn unseen(subject: &str, error: &AwsErrorCode, permission: &str) -> Finding {
    let remedy = if error.is_denied() {
        format!("Allow the operator {permission}.")
    } else {
        "Run this again; look at it in the console if it lasts.".to_owned()
    };
    Finding::warning(subject, format!("not seen ({})", error.code()), remedy)
}

fn minute(at: OffsetDateTime) -> String {
    format!("{} {:02}:{:02} UTC", at.date(), at.hour(), at.minute())
}
