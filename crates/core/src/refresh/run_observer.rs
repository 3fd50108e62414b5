//! The observer of a run.

use super::outcome::RefreshOutcome;
use crate::document::Document;

/// Observes a run and can end it early, for example a terminal. `()` observes nothing.
pub trait RunObserver: Send + Sync {
    /// All accounts were read, and this many are due.
    fn due(&self, _accounts: usize) {}

    /// One account is finished, with its document as it is now. Accounts that could not be read are only in the report.
    fn finished(&self, _outcome: RefreshOutcome, _document: &Document) {}

    /// Whether to start another account. Accounts in progress are finished either way.
    fn should_continue(&self) -> bool {
        true
    }
}

impl RunObserver for () {}
