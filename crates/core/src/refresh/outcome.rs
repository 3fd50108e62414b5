//! The outcome of a run for one account.

use crate::policy::Decision;

/// The outcome of a run for one account. Each variant is one of the report's counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshOutcome {
    /// Renewed, or checked and found to work again.
    Refreshed,
    /// Not yet due.
    NotDue,
    /// Younger than the 24 hours that Meta requires.
    TooYoung,
    /// Waiting for its owner to act on Instagram.
    Attention,
    /// Waiting for a new login.
    LoginRequired,
    /// Due, but not renewed.
    Failed,
    /// Changed by another writer in the meantime.
    Conflict,
    /// Due, but not started before the deadline; or due in a dry run.
    Left,
}

impl From<Decision> for RefreshOutcome {
    /// The outcome for an account that needs no call to Instagram.
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::TooYoung => Self::TooYoung,
            Decision::AwaitOwner => Self::Attention,
            Decision::AwaitLogin => Self::LoginRequired,
            Decision::NotDue | Decision::Refresh | Decision::Probe => Self::NotDue,
        }
    }
}
