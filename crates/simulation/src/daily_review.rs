//! The review at the end of a day: compares the vault with the sandbox, and updates the outcome.

use std::collections::HashMap;

use evertoken_core::vault::AccountStore;
use futures_util::{StreamExt, pin_mut};

use crate::account_state::AccountState;
use crate::clock::Hour;
use crate::day::DayStatus;
use crate::error::SimulationError;
use crate::notifications;
use crate::outcome::Survival;
use crate::simulated_year::SimulatedYear;
use crate::timeline::TimelineEvent;
use crate::token_status::TokenStatus;

/// Returns the number of connected accounts whose token works, and of those whose token does not.
pub(crate) async fn review(year: &mut SimulatedYear, hour: Hour) -> Result<(u32, u32), SimulationError> {
    let stored = stored_tokens(year).await?;
    let (mut working, mut down) = (0, 0);
    for index in 0..year.accounts.len() {
        let Some(account) = year.accounts.get_mut(index).filter(|account| account.state.is_connected()) else {
            continue;
        };
        // An account without a document counts as lost.
        match stored.get(&index).copied().unwrap_or(TokenStatus::Lost) {
            TokenStatus::Working => {
                working += 1;
                account.state.is_down = false;
                account.state.record(DayStatus::Working);
                notifications::record_working_token(year, index);
            }
            status => {
                down += 1;
                record_down_day(year, index, status, hour);
            }
        }
    }
    update_survival(year, working);
    Ok((working, down))
}

/// The status of each stored token, by the account's index.
async fn stored_tokens(year: &SimulatedYear) -> Result<HashMap<usize, TokenStatus>, SimulationError> {
    let mut statuses = HashMap::new();
    let pages = year.testbed.vault.list();
    pin_mut!(pages);
    while let Some(page) = pages.next().await {
        for account in page?.accounts {
            let index = year.accounts.index_of(account.document.name.as_str());
            if let Some((index, known)) = index.and_then(|index| Some((index, year.accounts.get(index)?))) {
                statuses.insert(index, year.testbed.token_status(&known.plan, account.document.access_token.expose()));
            }
        }
    }
    Ok(statuses)
}

fn record_down_day(year: &mut SimulatedYear, index: usize, status: TokenStatus, hour: Hour) {
    let Some(account) = year.accounts.get_mut(index) else { return };
    let state = &mut account.state;
    state.record(DayStatus::Down);
    year.outcome.down_days += 1;
    let is_first_day = !std::mem::replace(&mut state.is_down, true);
    if status == TokenStatus::AccessEnded {
        state.access_ended = true;
        if is_first_day && state.reminders == 0 {
            year.hours_ahead.push(0);
        }
    }
    if status == TokenStatus::Lost {
        state.was_lost = true;
        year.outcome.avoidable_down_days += 1;
        if is_first_day {
            year.log(Some(index), TimelineEvent::Lost);
        }
    }
    notifications::record_broken_page(year, index, hour);
}

fn update_survival(year: &mut SimulatedYear, working: u32) {
    let count = |condition: fn(&AccountState) -> bool| {
        let count = year.accounts.iter().filter(|account| condition(&account.state)).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    };
    let connected = year.outcome.connected;
    let lost = count(|state| state.was_lost);
    let kept = connected.saturating_sub(lost);
    year.outcome.survival = Survival {
        accounts: connected,
        kept,
        lost,
        percent: if connected == 0 { 100.0 } else { f64::from(kept) * 100.0 / f64::from(connected) },
        needed_owner: count(|state| state.needed_owner),
        owner_helped: count(|state| state.needed_owner && state.is_connected() && !state.is_down),
        working_at_the_end: working,
    };
    let calls = year.testbed.faults.calls();
    year.outcome.calls = calls.total;
    year.outcome.instagram_calls = calls.instagram;
    year.outcome.calls_failed = calls.failed;
}
