//! A progress bar for a refresh run, and Ctrl-C.

use std::sync::{Mutex, PoisonError};

use evertoken_core::clock::Clock;
use evertoken_core::document::Document;
use evertoken_core::policy::Policy;
use evertoken_core::refresh::{RefreshOutcome, RunObserver};
use indicatif::ProgressBar;

use crate::sandbox_vault::offset_clock::OffsetClock;
use crate::server::shutdown::Shutdown;
use crate::terminal::progress_bar;
use crate::vault::account_summary::AccountSummary;

/// Shows the progress, collects the outcomes and stops the run after Ctrl-C.
#[derive(Debug)]
pub(super) struct TerminalObserver {
    policy: Policy,
    clock: OffsetClock,
    shutdown: Shutdown,
    /// Drawn on standard error if that is a terminal.
    bar: ProgressBar,
    accounts: Mutex<Vec<(RefreshOutcome, AccountSummary)>>,
}

impl TerminalObserver {
    pub(super) fn new(policy: Policy, clock: OffsetClock, shutdown: Shutdown) -> Self {
        Self { policy, clock, shutdown, bar: ProgressBar::hidden(), accounts: Mutex::default() }
    }

    /// The outcomes, sorted by name.
    pub(super) fn into_accounts(self) -> Vec<(RefreshOutcome, AccountSummary)> {
        self.bar.finish_and_clear();
        let mut accounts = self.accounts.into_inner().unwrap_or_else(PoisonError::into_inner);
        accounts.sort_by(|one, other| one.1.name.cmp(&other.1.name));
        accounts
    }
}

impl RunObserver for TerminalObserver {
    fn due(&self, accounts: usize) {
        progress_bar::show(&self.bar, accounts, "due accounts");
    }

    fn finished(&self, outcome: RefreshOutcome, document: &Document) {
        // Accounts that are not due are reported before the number of due accounts is known.
        if self.bar.length().is_some_and(|due| due > 0) {
            self.bar.inc(1);
        }
        let summary = AccountSummary::of_document(document, self.clock.now(), &self.policy);
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner).push((outcome, summary));
    }

    fn should_continue(&self) -> bool {
        !self.shutdown.is_requested()
    }
}
