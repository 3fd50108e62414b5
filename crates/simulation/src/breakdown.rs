//! How long an owner does not know that a token has stopped working.

use crate::clock::Hour;
use crate::token_status::TokenStatus;

/// A token that does not work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Breakdown {
    /// When it stopped working. If that hour is not known, the start of the day.
    since: Hour,
    /// The status in the last notification.
    pub(crate) notified_about: Option<TokenStatus>,
    /// When the owner notices the broken page without a notification.
    pub(crate) noticed_at: Option<Hour>,
    is_known: bool,
}

impl Breakdown {
    pub(crate) fn new(since: Hour) -> Self {
        Self { since, notified_about: None, noticed_at: None, is_known: false }
    }

    /// Returns the hours without knowledge when the owner first knows.
    pub(crate) fn discover(&mut self, hour: Hour) -> Option<Hour> {
        let known_at = self.noticed_at.map_or(hour, |noticed_at| noticed_at.min(hour));
        (!std::mem::replace(&mut self.is_known, true)).then_some(known_at.saturating_sub(self.since))
    }
}
