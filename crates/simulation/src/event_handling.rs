//! Handles the service's events: counts them, and schedules what owners do about them.

use evertoken_core::events::{Event, EventKind};

use crate::account_state::DiscoveredBy;
use crate::clock::Hour;
use crate::day::DayStatus;
use crate::schedule::ScheduledAction;
use crate::simulated_year::SimulatedYear;
use crate::timeline::TimelineEvent;

pub(crate) fn handle(year: &mut SimulatedYear, event: Event, hour: Hour) {
    let Some(index) = year.accounts.index_of(&event.name) else { return };
    match event.kind {
        EventKind::TokenRefreshed => {
            year.outcome.refreshes += 1;
            record(year, index, DayStatus::Refreshed);
        }
        EventKind::OwnerActionNeeded => {
            notify_owner(year, index, event, hour);
            year.log(Some(index), TimelineEvent::OwnerActionNeeded);
        }
        EventKind::LoginRequired => {
            notify_owner(year, index, event, hour);
            year.log(Some(index), TimelineEvent::LoginRequired);
        }
        EventKind::AccountRecovered => {
            recover(year, index);
            year.log(Some(index), TimelineEvent::Recovered);
        }
        EventKind::AccountReconnected => {
            recover(year, index);
            year.log(Some(index), TimelineEvent::Reconnected);
        }
        // The actions that connect or remove an account record it themselves, and a run reports its failures.
        _ => {}
    }
}

fn notify_owner(year: &mut SimulatedYear, index: usize, event: Event, hour: Hour) {
    year.outcome.alerts += 1;
    let Some(account) = year.accounts.get_mut(index) else { return };
    account.state.record(DayStatus::OwnerNotified);
    account.state.reconnect_link = event.reconnect_url.and_then(|url| url.parse().ok()).map(|url| (hour, url));
    if account.state.is_connected()
        && let Some(acts_at) = account.state.schedule_owner_action(hour, DiscoveredBy::Notification, &account.plan)
    {
        year.schedule.add(acts_at, ScheduledAction::Resolve(index));
    }
}

fn recover(year: &mut SimulatedYear, index: usize) {
    year.outcome.recoveries += 1;
    record(year, index, DayStatus::Recovered);
}

fn record(year: &mut SimulatedYear, index: usize, status: DayStatus) {
    if let Some(account) = year.accounts.get_mut(index) {
        account.state.record(status);
    }
}
