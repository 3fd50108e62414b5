//! When each pack next has an account that is due.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use evertoken_core::cohort::Cohort;
use evertoken_core::document::{Document, Versioned};
use evertoken_core::policy::{self, Policy};
use evertoken_core::vault::{Page, VaultError};
use evertoken_packed_vault::PackId;
use time::OffsetDateTime;
use time::macros::datetime;

const NEVER: OffsetDateTime = datetime!(9999-12-31 23:59:59 UTC);

/// The earliest time at which an account of a pack is due, for all packs. Clones share the times.
#[derive(Clone, Debug, Default)]
pub(crate) struct DueTimes(Arc<Mutex<HashMap<PackId, OffsetDateTime>>>);

impl DueTimes {
    /// Whether no account of the pack is due.
    pub(crate) fn is_idle(&self, pack: &PackId, now: OffsetDateTime) -> bool {
        self.times().get(pack).is_some_and(|due_at| now < *due_at)
    }

    /// Forgets what is known about a pack, because it is about to be read.
    pub(crate) fn reset(&self, pack: &PackId) {
        self.times().insert(pack.clone(), NEVER);
    }

    /// Records the accounts of a pack. One that cannot be read is due.
    pub(crate) fn record(
        &self,
        pack: &PackId,
        pages: &[Result<Page, VaultError>],
        now: OffsetDateTime,
        policy: &Policy,
    ) {
        for page in pages {
            match page {
                Ok(page) if page.unreadable.is_empty() => {
                    for Versioned { document, cohort, .. } in &page.accounts {
                        self.note(pack, due_at(document, cohort.as_ref(), now, policy));
                    }
                }
                _ => self.note(pack, now),
            }
        }
    }

    /// Records an account that was stored.
    pub(crate) fn note(&self, pack: &PackId, due_at: OffsetDateTime) {
        let mut times = self.times();
        let time = times.entry(pack.clone()).or_insert(NEVER);
        *time = due_at.min(*time);
    }

    fn times(&self) -> MutexGuard<'_, HashMap<PackId, OffsetDateTime>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When an account is due, or `now` if it is.
pub(crate) fn due_at(
    document: &Document,
    cohort: Option<&Cohort>,
    now: OffsetDateTime,
    policy: &Policy,
) -> OffsetDateTime {
    let policy = policy.of(cohort);
    if policy::decide(document, now, &policy).acts() {
        return now;
    }
    policy::next_attempt_at(document, now, &policy).unwrap_or(NEVER)
}
