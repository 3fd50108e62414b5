//! Checks the refresh schedule and its last run.

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use aws_sdk_scheduler::operation::get_schedule::GetScheduleOutput;
use aws_sdk_scheduler::types::{FlexibleTimeWindow, ScheduleState};
use evertoken_aws::{AwsErrorCode, SdkConfig};
use time::{Duration, OffsetDateTime};

use super::finding::Finding;
use super::unavailable::unavailable;
use crate::aws::stack::Stack;
use crate::vault::account_summary::minute;
use crate::vault::vault_option::VaultOption;

const SCHEDULE: &str = "schedule";
const LAST_RUN: &str = "last run";

/// The type of the schedule that the template creates from the event `Tick`.
const SCHEDULE_TYPE: &str = "AWS::Scheduler::Schedule";

/// Runs start every 6 hours, up to 30 minutes late. This allows one run to fail.
const LATE: Duration = Duration::hours(13);

/// The same limit as that of the heartbeat alarm.
const STOPPED: Duration = Duration::hours(24);

/// How far back to search the log.
const LOOK_BACK: Duration = Duration::hours(48);

pub(super) async fn check(
    config: &SdkConfig,
    stack: &Stack,
    vault_option: &VaultOption,
    now: OffsetDateTime,
) -> Vec<Finding> {
    let (enabled, first_run) = check_enabled(config, stack).await;
    vec![enabled, check_last_run(config, stack, vault_option, first_run, now).await]
}

/// Also returns when the first run is due at the latest, if the schedule is enabled.
async fn check_enabled(config: &SdkConfig, stack: &Stack) -> (Finding, Option<OffsetDateTime>) {
    let Some(schedule) = stack.of_kind(SCHEDULE_TYPE).next() else {
        let text = format!("the stack {} has none, so no token is refreshed", stack.name());
        return (Finding::problem(SCHEDULE, text, "Deploy the template again: `sam deploy`."), None);
    };
    let name = &schedule.physical_id;
    let client = aws_sdk_scheduler::Client::new(config);
    match client.get_schedule().name(name).send().await.map_err(AwsErrorCode::from) {
        Ok(found) if found.state() == Some(&ScheduleState::Enabled) => {
            let every = found.schedule_expression().unwrap_or("unknown interval");
            (Finding::ok(SCHEDULE, format!("{name} is enabled, {every}")), first_run(&found))
        }
        Ok(_) => {
            let text = format!("{name} is disabled, so no token is refreshed");
            let remedy = format!("Deploy with the parameter Schedule=on, or enable {name} in EventBridge Scheduler.");
            (Finding::problem(SCHEDULE, text, remedy), None)
        }
        Err(error) => (unavailable(SCHEDULE, &error, "scheduler:GetSchedule"), None),
    }
}

/// When the first run since the schedule was created or changed is due at the latest: after one interval and the whole
/// flexible window. AWS does not document whether a schedule with a rate starts with an invocation or with an interval.
fn first_run(schedule: &GetScheduleOutput) -> Option<OffsetDateTime> {
    let since = schedule.last_modification_date().or(schedule.creation_date())?;
    let since = OffsetDateTime::from_unix_timestamp(since.secs()).ok()?;
    let window = schedule.flexible_time_window().and_then(FlexibleTimeWindow::maximum_window_in_minutes).unwrap_or(0);
    Some(since + interval(schedule.schedule_expression()?)? + Duration::minutes(window.into()))
}

/// The interval of an expression such as `rate(6 hours)`.
fn interval(expression: &str) -> Option<Duration> {
    let (count, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let count: i32 = count.parse().ok()?;
    match unit.trim_end_matches('s') {
        "minute" => Some(Duration::MINUTE * count),
        "hour" => Some(Duration::HOUR * count),
        "day" => Some(Duration::DAY * count),
        _ => None,
    }
}

/// Searches the log for the metric that a run writes when it completes.
async fn check_last_run(
    config: &SdkConfig,
    stack: &Stack,
    vault_option: &VaultOption,
    first_run: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Finding {
    let Ok(group) = stack.physical_id("RefreshLogs") else {
        return Finding::warning(
            LAST_RUN,
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
            Err(error) => return unavailable(LAST_RUN, &error, "logs:FilterLogEvents"),
        }
    }
    let last = last.and_then(|milliseconds| OffsetDateTime::from_unix_timestamp(milliseconds / 1000).ok());
    let refresh = vault_option.command("refresh --all");
    let remedy = format!(
        "Check the log of the refresh function and the dead-letter queue. `{refresh}` refreshes from this machine."
    );
    match (last, first_run) {
        (Some(last), _) if now - last <= LATE => Finding::ok(LAST_RUN, format!("{} UTC", minute(last))),
        (None, Some(first_run)) if now <= first_run => {
            Finding::ok(LAST_RUN, format!("none yet; the first one starts by {} UTC", minute(first_run)))
        }
        (Some(last), _) if now - last <= STOPPED => {
            Finding::warning(LAST_RUN, format!("{} UTC, but one is due every 6 hours", minute(last)), remedy)
        }
        (Some(last), _) => Finding::problem(LAST_RUN, format!("{} UTC: the refresh has stopped", minute(last)), remedy),
        (None, _) => Finding::problem(LAST_RUN, format!("none in the last {} hours", LOOK_BACK.whole_hours()), remedy),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_scheduler::primitives::DateTime;
    use aws_sdk_scheduler::types::FlexibleTimeWindowMode;

    use super::*;

    fn schedule(expression: &str) -> GetScheduleOutput {
        let window = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Flexible).maximum_window_in_minutes(30);
        let schedule = GetScheduleOutput::builder().creation_date(DateTime::from_secs(0));
        schedule.schedule_expression(expression).flexible_time_window(window.build().unwrap()).build()
    }

    #[test]
    fn the_first_run_is_due_after_an_interval_and_the_flexible_window() {
        for (expression, minutes) in [("rate(6 hours)", 390), ("rate(1 hour)", 90), ("rate(15 minutes)", 45)] {
            let due = OffsetDateTime::UNIX_EPOCH + Duration::minutes(minutes);
            assert_eq!(first_run(&schedule(expression)), Some(due), "{expression}");
        }
        for other in ["cron(0 3 * * ? *)", "at(2026-11-22T05:00:00)", "rate(6 weeks)", "rate(many hours)"] {
            assert_eq!(first_run(&schedule(other)), None, "{other}");
        }
    }

    #[test]
    fn a_changed_schedule_starts_again() {
        let mut changed = schedule("rate(6 hours)");
        changed.last_modification_date = Some(DateTime::from_secs(3600));
        assert_eq!(first_run(&changed), Some(OffsetDateTime::UNIX_EPOCH + Duration::minutes(450)));
    }
}
