//! What can happen.

use proptest::prelude::*;

/// How many accounts there can be.
pub(super) const ACCOUNTS: u8 = 6;

/// One thing that happens. Times are in hours, chances in percent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// A run to its end.
    Run,
    /// A run that is killed after so many milliseconds.
    CrashedRun(u64),
    /// Two runs at once: a duplicate schedule.
    TwoRuns,
    /// A login.
    Login(u8),
    /// A login while a run is under way, so many milliseconds after its start.
    LoginDuringRun(u8, u64),
    /// The owner takes the account away from us.
    Remove(u8),
    /// The same while a run is under way.
    RemoveDuringRun(u8, u64),
    /// The owner removes the app: all tokens die.
    Revoke(u8),
    /// Instagram wants the owner to confirm something, or has been satisfied.
    Checkpoint(u8, bool),
    /// Time passes.
    Pass(u16),
    /// Our clock is off from Instagram's.
    Skew(i8),
    /// So many of all calls fail.
    Faults(u8),
    /// Nothing of Instagram answers, or all does again.
    Outage(bool),
    /// Whether a refresh gives a new text, whether the old one then dies, whether the new one is no good.
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
