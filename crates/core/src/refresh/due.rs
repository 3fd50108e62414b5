//! The accounts that a run has found to be due, and their order.

use std::collections::HashMap;

use time::OffsetDateTime;

use super::outcome::RefreshOutcome;
use crate::account::AccountName;
use crate::cohort::Cohort;
use crate::document::{HealthState, Versioned};

/// What a run keeps of an account that is due, or whose token is to be checked.
#[derive(Debug)]
pub(super) struct Due {
    /// The outcome if the account is not started. Accounts that are only checked come last.
    pub(super) unstarted: RefreshOutcome,
    pub(super) deadline: Option<OffsetDateTime>,
    pub(super) name: AccountName,
    pub(super) cohort: Option<Cohort>,
    pub(super) health: HealthState,
    /// The document, for the first accounts only. The others are read again when they are started, so that a hundred
    /// thousand accounts fit into a small Lambda's memory.
    pub(super) document: Option<Box<Versioned>>,
}

impl Due {
    pub(super) fn is_renewal(&self) -> bool {
        self.unstarted == RefreshOutcome::Left
    }
}

/// Puts renewals before checks, and the soonest deadline first. The accounts of a cohort stay together, so that few writes
/// store them.
pub(super) fn sort(due: &mut [Due]) {
    let mut soonest: HashMap<Cohort, Option<OffsetDateTime>> = HashMap::new();
    for due in due.iter().filter(|due| due.is_renewal()) {
        if let Some(cohort) = &due.cohort {
            let deadline = soonest.entry(cohort.clone()).or_insert(due.deadline);
            *deadline = (*deadline).min(due.deadline);
        }
    }
    due.sort_by_cached_key(|due| {
        let of_cohort = due.cohort.as_ref().and_then(|cohort| soonest.get(cohort)).copied().unwrap_or(due.deadline);
        (!due.is_renewal(), of_cohort, due.cohort.clone(), due.deadline, due.name.clone())
    });
}
