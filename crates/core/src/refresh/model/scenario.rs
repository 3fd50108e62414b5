//! The steps of a scenario.

use proptest::prelude::*;

/// The largest number of accounts.
pub(super) const ACCOUNTS: u8 = 6;

/// A step. Times are in hours, probabilities in percent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// A complete run.
    Run,
    /// A run that is killed after this many milliseconds.
    CrashedRun(u64),
    /// Two concurrent runs, as a duplicate schedule starts them.
    TwoRuns,
    /// A login.
    Login(u8),
    /// A login during a run, this many milliseconds after its start.
    LoginDuringRun(u8, u64),
    /// The account is deleted.
    Remove(u8),
    /// The account is deleted during a run.
    RemoveDuringRun(u8, u64),
    /// The owner removes the app, which ends all tokens.
    Revoke(u8),
    /// Instagram starts or ends a checkpoint.
    Checkpoint(u8, bool),
    /// Time passes.
    Pass(u16),
    /// Our clock differs from Instagram's.
    Skew(i8),
    /// This share of all calls fails.
    Faults(u8),
    /// An outage of Instagram starts or ends.
    Outage(bool),
    /// Whether a refresh returns a new text, ends the old token, and returns a dead token.
    Rotation(bool, bool, bool),
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let account = 0..ACCOUNTS;
    let step = prop_oneof![
        6 => Just(Step::Run),
        4 => (0..400u64).prop_map(Step::CrashedRun),
        1 => Just(Step::TwoRuns),
        4 => account.clone().prop_map(Step::Login),
        2 => (account.clone(), 0..200u64).prop_map(|(account, after)| Step::LoginDuringRun(account, after)),
        1 => account.clone().prop_map(Step::Remove),
        1 => (account.clone(), 0..200u64).prop_map(|(account, after)| Step::RemoveDuringRun(account, after)),
        1 => account.clone().prop_map(Step::Revoke),
        2 => (account, any::<bool>()).prop_map(|(account, on)| Step::Checkpoint(account, on)),
        6 => prop_oneof![1..30u16, 300..700u16].prop_map(Step::Pass),
        2 => (-24..=24i8).prop_map(Step::Skew),
        2 => (0..60u8).prop_map(Step::Faults),
        1 => any::<bool>().prop_map(Step::Outage),
        2 => any::<(bool, bool, bool)>().prop_map(|(new, dies, dud)| Step::Rotation(new, dies, dud)),
    ];
    prop::collection::vec(step, 1..60)
}
