//! The state of one account during a year.

use url::Url;

use crate::breakdown::Breakdown;
use crate::clock::{HOURS_PER_DAY, Hour};
use crate::day::DayStatus;
use crate::plan::AccountPlan;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Connection {
    #[default]
    NotConnected,
    Connected,
    /// The owner has removed the app.
    Left,
}

/// How an owner learns about a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DiscoveredBy {
    Notification,
    BrokenPage,
}

#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "what has happened to an account, in any combination")]
pub(crate) struct AccountState {
    pub(crate) connection: Connection,
    /// Today's status.
    pub(crate) status: DayStatus,
    /// Whether the token did not work at the end of the last day.
    pub(crate) is_down: bool,
    /// The token does not work now.
    pub(crate) breakdown: Option<Breakdown>,
    /// Whether the token was ever lost although a service could have renewed it.
    pub(crate) was_lost: bool,
    /// Whether the account had an incident that only its owner can resolve.
    pub(crate) needed_owner: bool,
    /// When the owner will act.
    pub(crate) owner_acts_at: Option<Hour>,
    /// How many reminders of the end of access were sent since the last login.
    pub(crate) reminders: u32,
    /// Whether access to the account's data ever ended, 90 days after a login through Facebook.
    pub(crate) access_ended: bool,
    /// The link in the last notification, and when it was sent.
    pub(crate) reconnect_link: Option<(Hour, Url)>,
}

impl AccountState {
    pub(crate) fn is_connected(&self) -> bool {
        self.connection == Connection::Connected
    }

    /// Keeps the greatest status of the day.
    pub(crate) fn record(&mut self, status: DayStatus) {
        self.status = self.status.max(status);
    }

    /// Schedules the owner's action. Returns its hour, unless an earlier action is scheduled already or the owner never acts.
    pub(crate) fn schedule_owner_action(
        &mut self,
        hour: Hour,
        discovered_by: DiscoveredBy,
        plan: &AccountPlan,
    ) -> Option<Hour> {
        if !plan.owner_acts() {
            return None;
        }
        let notices_after = match discovered_by {
            DiscoveredBy::Notification => 0,
            DiscoveredBy::BrokenPage => plan.notices_after,
        };
        let acts_at = hour + notices_after + plan.acts_after;
        let is_earlier = self.owner_acts_at.is_none_or(|scheduled| acts_at < scheduled);
        is_earlier.then(|| *self.owner_acts_at.insert(acts_at))
    }

    /// The link in the last notification, if its invite has not expired.
    pub(crate) fn valid_reconnect_link(&self, hour: Hour) -> Option<Url> {
        let (sent_at, link) = self.reconnect_link.as_ref()?;
        (hour < sent_at + 7 * HOURS_PER_DAY).then(|| link.clone())
    }
}
