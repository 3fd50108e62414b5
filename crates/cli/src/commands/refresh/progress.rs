//! A bar that grows with a run, and an ear for Ctrl-C.

use std::sync::{Mutex, PoisonError};

use evertoken_core::clock::Clock;
use evertoken_core::clock::SystemClock;
use evertoken_core::document::Document;
use evertoken_core::policy::Policy;
use evertoken_core::refresh::{RefreshOutcome, RunObserver};
use indicatif::{ProgressBar, ProgressStyle};

use crate::server::shutdown::Shutdown;
use crate::vault::account_summary::AccountSummary;

/// Looks on for the person at the terminal.
#[derive(Debug)]
pub(super) struct Progress {
    policy: Policy,
    asked: Shutdown,
    /// On standard error, and only where that is a terminal.
    bar: ProgressBar,
    accounts: Mutex<Vec<(RefreshOutcome, AccountSummary)>>,
}

impl Progress {
    pub(super) fn new(policy: Policy, asked: Shutdown) -> Self {
        Self { policy, asked, bar: ProgressBar::hidden(), accounts: Mutex::default() }
    }

    /// What was heard, by name.
    pub(super) fn into_accounts(self) -> Vec<(RefreshOutcome, AccountSummary)> {
        self.bar.finish_and_clear();
        let mut accounts = self.accounts.into_inner().unwrap_or_else(PoisonError::into_inner);
        accounts.sort_by(|one, other| one.1.name.cmp(&other.1.name));
        accounts
    }
}

impl RunObserver for Progress {
    fn due(&self, accounts: usize) {
        self.bar.set_length(u64::try_from(accounts).unwrap_or(u64::MAX));
        // A wrong template is this line's own mistake; the default bar does then.
        let style = ProgressStyle::with_template("{bar:40} {pos} of {len} due accounts, {eta} left");
        self.bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
        if accounts > 1 {
            self.bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
        }
    }

    fn finished(&self, end: RefreshOutcome, document: &Document) {
        // Those that are not due were counted before the bar had a length.
        if self.bar.length().is_some_and(|due| due > 0) {
            self.bar.inc(1);
        }
        let summary = AccountSummary::of(document, SystemClock.now(), &self.policy);
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner).push((end, summary));
    }

    fn should_continue(&self) -> bool {
        !self.asked.is_asked()
    }
}
