//! How a run left an account.

use crate::policy::Decision;

/// How a run left an account: the report's counts, one each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshOutcome {
    /// Renewed, or found alive again.
    Refreshed,
    /// Not yet due.
    NotDue,
    /// Younger than the 24 hours that Meta asks for.
    TooYoung,
    /// Waiting for its owner to act on Instagram.
    Attention,
    /// Waiting for a new login.
    LoginRequired,
    /// Due, and not renewed this time.
    Failed,
    /// Changed by somebody else meanwhile.
    Conflict,
    /// Due, and not reached; or, in a dry run, due.
    Left,
}

impl From<Decision> for RefreshOutcome {
    /// The end of an account that nothing is to be asked about.
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::TooYoung => Self::TooYoung,
            Decision::AwaitOwner => Self::Attention,
            Decision::AwaitLogin => Self::LoginRequired,
            Decision::NotDue | Decision::Refresh | Decision::Probe => Self::NotDue,
        }
    }
}
