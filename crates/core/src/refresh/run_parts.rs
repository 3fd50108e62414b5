//! A run over some parts of the vault, so that several workers can share the work.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt};
use time::OffsetDateTime;

use super::observed_report::ObservedReport;
use super::report::Report;
use super::request::Request;
use super::run::{Refresher, unread};
use crate::events::Events;
use crate::provider::TokenApi;
use crate::vault::{AccountStore, ParkedDocuments, Part, VaultParts};

/// How many parts are read at the same time.
pub const PARTS_AT_ONCE: usize = 8;

/// The result of a run over some parts.
#[derive(Clone, Debug, Default)]
pub struct PartsReport {
    /// What the run did.
    pub report: Report,
    /// The parts that could not be read completely. Their other accounts were refreshed.
    pub failed: Vec<Part>,
}

impl<P, V, N> Refresher<P, V, N>
where
    P: TokenApi,
    V: AccountStore + ParkedDocuments + VaultParts,
    N: Events,
{
    /// Refreshes the accounts of these parts that are due, like [`run`](Self::run) those of the whole vault.
    ///
    /// Never fails as a whole: parts that could not be read are in the result.
    pub async fn run_parts(self: &Arc<Self>, parts: &[Part], deadline: Option<OffsetDateTime>) -> PartsReport {
        let shared = self.begin(&Request::default(), deadline);
        let mut report = ObservedReport::new(&());
        let (mut due, mut failed) = (Vec::new(), Vec::new());
        let acts_on = self.acts_on(&shared);
        // Page by page, because a part may not fit into memory.
        let scan = |part: &Part| {
            let part = part.clone();
            Box::pin(self.vault.scan_part(part.clone(), &acts_on).map(move |page| (part.clone(), page)))
        };
        let mut pages = stream::iter(parts).map(scan).flatten_unordered(PARTS_AT_ONCE);
        while let Some((part, page)) = pages.next().await {
            match page {
                Ok(page) => self.classify(page, &shared, &mut report, &mut due),
                Err(error) => {
                    unread(&error, &mut report);
                    if !failed.contains(&part) {
                        failed.push(part);
                    }
                }
            }
        }
        drop(pages);
        PartsReport { report: self.finish(due, &shared, report).await, failed }
    }
}
