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

/// The default of the template's parameter `RefreshEveryHours`.
const DEFAULT_INTERVAL: Duration = Duration::hours(6);

/// After how long without a run the heartbeat alarm rings.
const HEARTBEAT: Duration = Duration::hours(24);

/// When runs start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timetable {
    interval: Duration,
    /// How much later than planned EventBridge Scheduler may start a run.
    window: Duration,
    /// When the first run since the schedule was created or changed is due at the latest. `None` if that is not known.
    first_run: Option<OffsetDateTime>,
}

pub(super) async fn check(
    config: &SdkConfig,
    stack: &Stack,
    vault_option: &VaultOption,
    now: OffsetDateTime,
) -> Vec<Finding> {
    let (schedule, timetable) = check_enabled(config, stack).await;
    let last_run = match timetable {
        Some(timetable) => check_last_run(config, stack, vault_option, timetable, now).await,
        None => Finding::ok(LAST_RUN, "none is due, because nothing starts one"),
    };
    vec![schedule, last_run]
}

/// Also returns when runs start, or `None` if nothing starts them.
pub(super) async fn check_enabled(config: &SdkConfig, stack: &Stack) -> (Finding, Option<Timetable>) {
    let Some(schedule) = stack.of_kind(SCHEDULE_TYPE).next() else {
        let text = format!("the stack {} has none, so no token is refreshed", stack.name());
        return (Finding::problem(SCHEDULE, text, "Deploy the template again: `sam deploy`."), None);
    };
    let name = &schedule.physical_id;
    let client = aws_sdk_scheduler::Client::new(config);
    match client.get_schedule().name(name).send().await.map_err(AwsErrorCode::from) {
        Ok(found) if found.state() == Some(&ScheduleState::Enabled) => {
            let every = found.schedule_expression().unwrap_or("unknown interval");
            let finding = Finding::ok(SCHEDULE, format!("{name} is enabled, {every}"));
            (finding, Some(Timetable::of(&found, parameter(stack))))
        }
        Ok(_) if stack.parameter("Schedule") == "off" => {
            let text = "the stack has Schedule=off, so it refreshes no token";
            let remedy = "Deploy with the parameter Schedule=on, unless another stack refreshes these accounts.";
            (Finding::warning(SCHEDULE, text, remedy), None)
        }
        Ok(_) => {
            let text = format!("{name} is disabled, so no token is refreshed");
            let remedy = format!("Deploy with the parameter Schedule=on, or enable {name} in EventBridge Scheduler.");
            (Finding::problem(SCHEDULE, text, remedy), None)
        }
        Err(error) => {
            let timetable = Timetable { interval: parameter(stack), window: Duration::ZERO, first_run: None };
            (unavailable(SCHEDULE, &error, "scheduler:GetSchedule"), Some(timetable))
        }
    }
}

/// The stack's parameter `RefreshEveryHours`, which templates before it did not have.
fn parameter(stack: &Stack) -> Duration {
    stack.parameter("RefreshEveryHours").parse::<u8>().map_or(DEFAULT_INTERVAL, |hours| Duration::HOUR * hours)
}

impl Timetable {
    /// Reads a schedule. `otherwise` is the interval if its expression is not a rate.
    fn of(schedule: &GetScheduleOutput, otherwise: Duration) -> Self {
        let window = schedule.flexible_time_window().and_then(FlexibleTimeWindow::maximum_window_in_minutes);
        let window = Duration::minutes(window.unwrap_or(0).into());
        let rate = schedule.schedule_expression().and_then(rate);
        let since = schedule.last_modification_date().or(schedule.creation_date());
        let since = since.and_then(|since| OffsetDateTime::from_unix_timestamp(since.secs()).ok());
        // AWS does not document whether a schedule with a rate starts with an invocation or with an interval.
        let first_run = since.zip(rate).map(|(since, rate)| since + rate + window);
        Self { interval: rate.unwrap_or(otherwise), window, first_run }
    }

    /// The longest time without a completed run if one run fails.
    fn late(self) -> Duration {
        (self.interval + self.window) * 2
    }

    /// After how long without a completed run the refresh has stopped.
    fn stopped(self) -> Duration {
        self.late().max(HEARTBEAT)
    }

    /// How far back to search the log.
    fn look_back(self) -> Duration {
        self.stopped() * 2
    }

    /// The interval in words, for example `6 hours`.
    fn interval_in_words(self) -> String {
        match self.interval.whole_hours() {
            hours if hours > 1 && self.interval == Duration::hours(hours) => format!("{hours} hours"),
            _ => format!("{} minutes", self.interval.whole_minutes()),
        }
    }
}

/// The interval of an expression such as `rate(6 hours)`.
fn rate(expression: &str) -> Option<Duration> {
    let (count, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    // Longer rates would lead to dates that cannot be represented.
    let count: u16 = count.parse().ok()?;
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
    timetable: Timetable,
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
        .start_time((now - timetable.look_back()).unix_timestamp() * 1000)
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
    judge(last, vault_option, timetable, now)
}

fn judge(
    last: Option<OffsetDateTime>,
    vault_option: &VaultOption,
    timetable: Timetable,
    now: OffsetDateTime,
) -> Finding {
    let refresh = vault_option.command("refresh --all");
    let remedy = format!(
        "Check the log of the refresh function and the dead-letter queue. `{refresh}` refreshes from this machine."
    );
    match (last, timetable.first_run) {
        (Some(last), _) if now - last <= timetable.late() => Finding::ok(LAST_RUN, format!("{} UTC", minute(last))),
        (None, Some(first_run)) if now <= first_run => {
            Finding::ok(LAST_RUN, format!("none yet; the first one starts by {} UTC", minute(first_run)))
        }
        (Some(last), _) if now - last <= timetable.stopped() => {
            let text = format!("{} UTC, but one is due every {}", minute(last), timetable.interval_in_words());
            Finding::warning(LAST_RUN, text, remedy)
        }
        (Some(last), _) => Finding::problem(LAST_RUN, format!("{} UTC: the refresh has stopped", minute(last)), remedy),
        (None, _) => {
            let hours = timetable.look_back().whole_hours();
            Finding::problem(LAST_RUN, format!("none in the last {hours} hours"), remedy)
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_scheduler::primitives::DateTime;
    use aws_sdk_scheduler::types::FlexibleTimeWindowMode;

    use super::super::finding::Severity;
    use super::*;

    fn schedule(expression: &str) -> GetScheduleOutput {
        let window = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Flexible).maximum_window_in_minutes(30);
        let schedule = GetScheduleOutput::builder().creation_date(DateTime::from_secs(0));
        schedule.schedule_expression(expression).flexible_time_window(window.build().unwrap()).build()
    }

    fn timetable(expression: &str) -> Timetable {
        Timetable::of(&schedule(expression), DEFAULT_INTERVAL)
    }

    #[test]
    fn the_first_run_is_due_after_an_interval_and_the_flexible_window() {
        for (expression, minutes) in [("rate(6 hours)", 390), ("rate(1 hour)", 90), ("rate(15 minutes)", 45)] {
            let due = OffsetDateTime::UNIX_EPOCH + Duration::minutes(minutes);
            assert_eq!(timetable(expression).first_run, Some(due), "{expression}");
        }
        for other in
            ["cron(0 3 * * ? *)", "at(2026-11-22T05:00:00)", "rate(6 weeks)", "rate(many hours)", "rate(99999999 days)"]
        {
            assert_eq!(timetable(other).first_run, None, "{other}");
        }
    }

    #[test]
    fn a_changed_schedule_starts_again() {
        let mut changed = schedule("rate(6 hours)");
        changed.last_modification_date = Some(DateTime::from_secs(3600));
        let due = OffsetDateTime::UNIX_EPOCH + Duration::minutes(450);
        assert_eq!(Timetable::of(&changed, DEFAULT_INTERVAL).first_run, Some(due));
    }

    #[test]
    fn the_limits_follow_the_interval_and_the_heartbeat_alarm() {
        let table = [
            ("rate(2 hours)", "2 hours", 5, 24),
            ("rate(6 hours)", "6 hours", 13, 24),
            ("rate(12 hours)", "12 hours", 25, 25),
            ("rate(1 day)", "24 hours", 49, 49),
            // Neither a rate: the parameter decides.
            ("cron(0 3 * * ? *)", "6 hours", 13, 24),
            ("", "6 hours", 13, 24),
        ];
        let now = OffsetDateTime::UNIX_EPOCH + Duration::days(100);
        for (expression, every, late, stopped) in table {
            let timetable = timetable(expression);
            assert_eq!(timetable.interval_in_words(), every, "{expression}");
            let state = |age| judge(Some(now - age), &VaultOption::default(), timetable, now).state;
            let (late, stopped) = (Duration::hours(late), Duration::hours(stopped));
            assert_eq!(state(late), Severity::Ok, "{expression}");
            let expected = if late == stopped { Severity::Problem } else { Severity::Warning };
            assert_eq!(state(late + Duration::SECOND), expected, "{expression}");
            assert_eq!(state(stopped + Duration::SECOND), Severity::Problem, "{expression}");
            assert!(timetable.look_back() > stopped, "{expression}: such a run must be found");
        }
        assert_eq!(timetable("rate(90 minutes)").interval_in_words(), "90 minutes");
    }
}
