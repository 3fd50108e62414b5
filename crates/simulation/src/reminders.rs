//! Reminders that access through Facebook ends soon, and the people who follow the links in them.

use time::OffsetDateTime;
use url::Url;

use crate::clock::{Hour, hours_until};
use crate::day::DayStatus;
use crate::schedule::ScheduledAction;
use crate::simulated_year::SimulatedYear;

/// A reminder reaches an account's owner, who follows its link after some time, waits for another one, or never acts.
pub(crate) fn remind_owner(
    year: &mut SimulatedYear,
    index: usize,
    ends_at: Option<OffsetDateTime>,
    link: Option<Url>,
    hour: Hour,
) {
    let Some(account) = year.accounts.get_mut(index).filter(|account| account.state.is_connected()) else { return };
    account.state.record(DayStatus::OwnerNotified);
    account.state.reconnect_link = link.map(|link| (hour, link));
    account.state.reminders += 1;
    let reminder = account.state.reminders;
    let follows_after = account.plan.facebook.as_ref().and_then(|person| person.follows_after(reminder));
    if reminder == 1 {
        year.hours_ahead.push(ends_at.map(|ends_at| hours_until(ends_at, hour)).unwrap_or_default());
    }
    if let Some(after) = follows_after {
        year.schedule.add(hour + after, ScheduledAction::RenewAccess(index));
    }
}

/// A login has renewed access. Returns whether a reminder led to it and the token still worked.
pub(crate) fn end(year: &mut SimulatedYear, index: usize) -> bool {
    let Some(account) = year.accounts.get_mut(index) else { return false };
    let was_reminded = std::mem::take(&mut account.state.reminders) > 0;
    was_reminded && account.state.breakdown.is_none()
}
