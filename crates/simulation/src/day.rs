//! One day of a simulated year, as an observer sees it.

use time::Date;

use crate::outcome::Outcome;
use crate::timeline::TimelineEntry;

/// What happened to an account on a day. Of several, the greatest is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum DayStatus {
    /// Not connected yet.
    #[default]
    NotConnected,
    /// The token works.
    Working,
    /// The token was renewed.
    Refreshed,
    /// The owner has logged in for the first time.
    Connected,
    /// An attempt to renew the token failed, but the token works.
    RefreshFailed,
    /// The token does not work.
    Down,
    /// The token works again.
    Recovered,
    /// The owner was notified.
    OwnerNotified,
    /// The owner has removed the app.
    Left,
}

/// A day that has passed.
#[derive(Clone, Copy, Debug)]
pub struct Day<'a> {
    /// Counted from 1.
    pub number: u32,
    /// The date.
    pub date: Date,
    /// The status of each account, in the order of account numbers.
    pub statuses: &'a [DayStatus],
    /// The number of accounts whose token works at the end of the day.
    pub working: u32,
    /// The number of accounts whose token does not work at the end of the day.
    pub down: u32,
    /// The day's notable events.
    pub timeline: &'a [TimelineEntry],
    /// The outcome so far.
    pub so_far: &'a Outcome,
}
