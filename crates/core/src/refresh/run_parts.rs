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
use crate::vault::{AccountStore, Page, ParkedDocuments, Part, VaultError, VaultParts};

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
        let read = async |part: Part| {
            let pages: Vec<Result<Page, VaultError>> = self.vault.scan_part(part.clone(), &acts_on).collect().await;
            (part, pages)
        };
        let mut parts = stream::iter(parts.to_vec()).map(read).buffered(PARTS_AT_ONCE);
        while let Some((part, pages)) = parts.next().await {
            for page in pages {
                match page {
                    Ok(page) => self.classify(page, &shared, &mut report, &mut due),
                    Err(error) => {
                        unread(&error, &mut report);
                        failed.push(part.clone());
                    }
                }
            }
        }
        drop(parts);
        failed.dedup();
        PartsReport { report: self.finish(due, &shared, report).await, failed }
    }
}
