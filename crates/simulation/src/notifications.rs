//! Notifications to owners.

use url::Url;

use crate::account_state::DiscoveredBy;
use crate::breakdown::Breakdown;
use crate::clock::{HOURS_PER_DAY, Hour};
use crate::day::DayStatus;
use crate::schedule::ScheduledAction;
use crate::simulated_year::SimulatedYear;
use crate::token_status::TokenStatus;

/// Notifies an owner, who then acts after some time. The link, if any, reconnects the account.
pub(crate) async fn notify_owner(year: &mut SimulatedYear, index: usize, link: Option<Url>, hour: Hour) {
    year.outcome.alerts += 1;
    let status = year.token_status(index).await;
    let Some(account) = year.accounts.get_mut(index) else { return };
    account.state.record(DayStatus::OwnerNotified);
    account.state.reconnect_link = link.map(|link| (hour, link));
    if !account.state.is_connected() {
        return;
    }
    if status == TokenStatus::Working {
        year.outcome.false_alerts += 1;
    } else {
        let start_of_day = hour - hour % HOURS_PER_DAY;
        let breakdown = account.state.breakdown.get_or_insert(Breakdown::new(start_of_day));
        let is_repeated = breakdown.notified_about.replace(status) == Some(status);
        year.outcome.repeated_alerts += u64::from(is_repeated);
        year.hours_until_known.extend(breakdown.discover(hour));
    }
    if let Some(acts_at) = account.state.schedule_owner_action(hour, DiscoveredBy::Notification, &account.plan) {
        year.schedule.add(acts_at, ScheduledAction::Resolve(index));
    }
}

/// An account's token does not work at the end of a day. An owner who has not been notified notices the broken page after
/// some time.
pub(crate) fn record_broken_page(year: &mut SimulatedYear, index: usize, hour: Hour) {
    let Some(account) = year.accounts.get_mut(index) else { return };
    let breakdown = account.state.breakdown.get_or_insert(Breakdown::new(hour - HOURS_PER_DAY));
    if account.state.owner_acts_at.is_some() {
        return;
    }
    breakdown.noticed_at = Some(hour + account.plan.notices_after);
    if let Some(acts_at) = account.state.schedule_owner_action(hour, DiscoveredBy::BrokenPage, &account.plan) {
        year.schedule.add(acts_at, ScheduledAction::Resolve(index));
    }
}

/// The owner acts, so the owner knows.
pub(crate) fn record_owner_action(year: &mut SimulatedYear, index: usize, hour: Hour) {
    let breakdown = year.accounts.get_mut(index).and_then(|account| account.state.breakdown.as_mut());
    let hours = breakdown.and_then(|breakdown| breakdown.discover(hour));
    year.hours_until_known.extend(hours);
}

/// The token works at the end of a day. If its owner was notified and has not acted, the notification was false.
pub(crate) fn record_working_token(year: &mut SimulatedYear, index: usize) {
    let breakdown = year.accounts.get_mut(index).and_then(|account| account.state.breakdown.take());
    let was_notified = breakdown.is_some_and(|breakdown| breakdown.notified_about.is_some());
    year.outcome.false_alerts += u64::from(was_notified);
}
