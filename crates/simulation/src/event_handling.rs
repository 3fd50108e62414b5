//! Handles the service's events: counts them, and schedules what owners do about them.

use evertoken_core::events::{Event, EventKind};

use crate::clock::Hour;
use crate::day::DayStatus;
use crate::simulated_year::SimulatedYear;
use crate::timeline::TimelineEvent;
use crate::{notifications, reminders};

pub(crate) async fn handle(year: &mut SimulatedYear, event: Event, hour: Hour) {
    let Some(index) = year.accounts.index_of(&event.name) else { return };
    let link = event.reconnect_url.and_then(|url| url.parse().ok());
    match event.kind {
        EventKind::TokenRefreshed => {
            year.outcome.refreshes += 1;
            record(year, index, DayStatus::Refreshed);
        }
        EventKind::OwnerActionNeeded => {
            notifications::notify_owner(year, index, link, hour).await;
            year.log(Some(index), TimelineEvent::OwnerActionNeeded);
        }
        EventKind::LoginRequired => {
            notifications::notify_owner(year, index, link, hour).await;
            year.log(Some(index), TimelineEvent::LoginRequired);
        }
        EventKind::AccessExpiring => {
            reminders::remind_owner(year, index, event.expires_at, link, hour);
            year.log(Some(index), TimelineEvent::AccessExpiring);
        }
        EventKind::AccountRecovered => {
            recover(year, index);
            year.log(Some(index), TimelineEvent::Recovered);
        }
        EventKind::AccountReconnected => {
            if reminders::end(year, index) {
                record(year, index, DayStatus::Refreshed);
            } else {
                recover(year, index);
            }
            year.log(Some(index), TimelineEvent::Reconnected);
        }
        // The actions that connect or remove an account record it themselves, and a run reports its failures.
        _ => {}
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
