//! A report that notifies an observer.

use std::ops::{Deref, DerefMut};

use super::outcome::RefreshOutcome;
use super::report::Report;
use super::run_observer::RunObserver;
use crate::document::Document;

/// A report under construction, with its observer.
#[derive(Debug)]
pub(super) struct ObservedReport<'a, L> {
    report: Report,
    pub(super) observer: &'a L,
}

impl<'a, L: RunObserver> ObservedReport<'a, L> {
    pub(super) fn new(observer: &'a L) -> Self {
        Self { report: Report::default(), observer }
    }

    /// Counts one account and notifies the observer.
    pub(super) fn count(&mut self, outcome: RefreshOutcome, document: Option<&Document>) {
        self.report.count(outcome, document);
        if let Some(document) = document {
            self.observer.finished(outcome, document);
        }
    }

    pub(super) fn into_report(self) -> Report {
        self.report
    }
}

impl<L> Deref for ObservedReport<'_, L> {
    type Target = Report;

    fn deref(&self) -> &Report {
        &self.report
    }
}

impl<L> DerefMut for ObservedReport<'_, L> {
    fn deref_mut(&mut self) -> &mut Report {
        &mut self.report
    }
}
