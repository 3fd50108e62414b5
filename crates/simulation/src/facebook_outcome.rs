//! How accounts fared that were connected through Facebook.

use serde::{Deserialize, Serialize};

use crate::account_state::{AccountState, Connection};
use crate::accounts::Accounts;
use crate::clock::Hour;
use crate::facebook_person::FacebookPerson;

/// The accounts that were connected through Facebook. Without a login, Facebook ends the app's access to them after 90 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacebookOutcome {
    /// Accounts that were connected.
    pub accounts: u32,
    /// Accounts whose person follows the link in a reminder.
    pub followed: u32,
    /// Accounts of `followed` to which the app never lost access.
    pub kept: u32,
    /// Accounts to which the app lost access, because their person never followed a link or did so too late.
    pub ended: u32,
    /// How often a person was reminded for the first time after a login.
    pub reminded: usize,
    /// The least time between a first reminder and the end of access. 0 if access ever ended without a reminder.
    pub least_hours_ahead: u32,
    /// The median of these times.
    pub median_hours_ahead: u32,
}

impl FacebookOutcome {
    /// `hours_ahead` are the times between first reminders and the ends of access. `None` if no account is planned to be
    /// connected through Facebook.
    pub(crate) fn summarize(accounts: &Accounts, mut hours_ahead: Vec<Hour>) -> Option<Self> {
        let through_facebook: Vec<_> =
            accounts.iter().filter_map(|account| Some((account.plan.facebook.as_ref()?, &account.state))).collect();
        if through_facebook.is_empty() {
            return None;
        }
        let count = |condition: fn(&FacebookPerson, &AccountState) -> bool| {
            let connected = through_facebook.iter().filter(|(_, state)| state.connection != Connection::NotConnected);
            u32::try_from(connected.filter(|(person, state)| condition(person, state)).count()).unwrap_or(u32::MAX)
        };
        hours_ahead.sort_unstable();
        let median = hours_ahead.get(hours_ahead.len().saturating_sub(1) / 2);
        Some(Self {
            accounts: count(|_, _| true),
            followed: count(|person, _| person.follows_links()),
            kept: count(|person, state| person.follows_links() && !state.access_ended && !state.was_lost),
            ended: count(|_, state| state.access_ended),
            reminded: hours_ahead.len(),
            least_hours_ahead: hours_ahead.first().copied().unwrap_or_default(),
            median_hours_ahead: median.copied().unwrap_or_default(),
        })
    }
}
