//! The baselines: when each of them tries which tokens.

use evertoken_core::document::Document;
use time::{Duration, OffsetDateTime, Time};

use crate::clock::{HOURS_PER_DAY, Hour, START};
use crate::plan::AccountPlan;
use crate::renewal_job::{RenewalAttempt, RenewalJob};
use crate::renewal_strategy::RenewalStrategy;
use crate::testbed::Testbed;

/// The hour at which jobs run.
const JOB_HOUR: Hour = 3;

/// The hour at which pages are viewed.
const VIEW_HOUR: Hour = 12;

/// The days of a month on which the monthly job with three tries runs.
const TRIES_OF_MONTH: u8 = 3;

/// Runs a baseline's job of this hour. `accounts` are in the order in which they were connected.
pub(crate) async fn run(
    testbed: &Testbed,
    strategy: RenewalStrategy,
    hour: Hour,
    accounts: &[&AccountPlan],
) -> Vec<RenewalAttempt> {
    let (day, hour) = (hour / HOURS_PER_DAY, hour % HOURS_PER_DAY);
    let now = START.saturating_add(Duration::days(day.into()) + Duration::hours(hour.into()));
    let job = RenewalJob { testbed };
    match strategy {
        RenewalStrategy::Weekly if hour == JOB_HOUR && day.is_multiple_of(7) => job.renew_all(accounts, |_| true).await,
        RenewalStrategy::DailyFromDay30 if hour == JOB_HOUR => {
            job.renew_all(accounts, |document| now - document.issued_at >= Duration::days(30)).await
        }
        RenewalStrategy::MonthlyThreeTries if hour == JOB_HOUR && now.day() <= TRIES_OF_MONTH => {
            job.renew_all(accounts, |document| document.issued_at < start_of_month(now)).await
        }
        RenewalStrategy::MonthlyOneTry if hour == JOB_HOUR && now.day() == 1 => job.renew_all(accounts, |_| true).await,
        RenewalStrategy::TwoDaysBeforeExpiry if hour == JOB_HOUR => {
            job.renew_all(accounts, |document| expires_within(document, now, Duration::days(2))).await
        }
        RenewalStrategy::OnUseOnly if hour == VIEW_HOUR => {
            let viewed: Vec<_> = accounts.iter().copied().filter(|account| is_viewed(account, day)).collect();
            job.renew_all(&viewed, |document| expires_within(document, now, Duration::days(10))).await
        }
        RenewalStrategy::WeeklyUntilFirstError if hour == JOB_HOUR && day.is_multiple_of(7) => {
            job.renew_until_first_error(accounts).await
        }
        _ => Vec::new(),
    }
}

fn start_of_month(now: OffsetDateTime) -> OffsetDateTime {
    now.replace_day(1).unwrap_or(now).replace_time(Time::MIDNIGHT)
}

fn is_viewed(account: &AccountPlan, day: u32) -> bool {
    day >= account.first_view && (day - account.first_view).is_multiple_of(account.view_interval)
}

fn expires_within(document: &Document, now: OffsetDateTime, time: Duration) -> bool {
    document.expires_at.is_some_and(|expires_at| expires_at - now <= time)
}
