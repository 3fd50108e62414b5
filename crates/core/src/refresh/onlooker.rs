//! Somebody who looks on while a run is made.

use std::ops::{Deref, DerefMut};

use super::renewal::End;
use super::report::Report;
use crate::document::Document;

/// Hears of each account as it is done with, and may end a run early: a terminal, say. `()` looks away.
pub trait Onlooker: Send + Sync {
    /// All have been looked at, and so many are due.
    fn due(&self, _accounts: usize) {}

    /// One account is done with; its document as it stands now. What could not be read is in the report alone.
    fn ended(&self, _end: End, _document: &Document) {}

    /// Whether another account may be begun. Those under way are finished either way.
    fn goes_on(&self) -> bool {
        true
    }
}

impl Onlooker for () {}

/// A report that somebody watches grow.
#[derive(Debug)]
pub(super) struct Watched<'a, L> {
    report: Report,
    pub(super) onlooker: &'a L,
}

impl<'a, L: Onlooker> Watched<'a, L> {
    pub(super) fn by(onlooker: &'a L) -> Self {
        Self { report: Report::default(), onlooker }
    }

    /// Counts one, in exactly one place, and tells.
    pub(super) fn count(&mut self, end: End, document: Option<&Document>) {
        self.report.count(end, document);
        if let Some(document) = document {
            self.onlooker.ended(end, document);
        }
    }

    pub(super) fn into_report(self) -> Report {
        self.report
    }
}

impl<L> Deref for Watched<'_, L> {
    type Target = Report;

    fn deref(&self) -> &Report {
        &self.report
    }
}

impl<L> DerefMut for Watched<'_, L> {
    fn deref_mut(&mut self) -> &mut Report {
        &mut self.report
    }
}
