//! Runs over some parts of the vault.

use futures_util::Stream;
use time::Duration;

use super::fixture::{DUE, FlakyVault};
use super::one_run::fixture_with;
use crate::refresh::PartsReport;
use crate::vault::{AccountStore, Page, Part, Selection, VaultError, VaultParts};

/// All accounts belong to one part.
impl VaultParts for FlakyVault {
    async fn parts(&self) -> Result<Vec<Part>, VaultError> {
        Ok(vec![Part::Alone])
    }

    fn scan_part<'a>(&'a self, _: Part, _: Selection<'a>) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        self.list()
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_over_parts_starts_no_account_close_to_the_deadline() {
    let fixture = fixture_with(3).await;
    let PartsReport { report, failed } = fixture.refresher.run_parts(&[Part::Alone], Some(DUE)).await;
    assert_eq!((report.left_for_next_run, report.refreshed, fixture.calls().len()), (3, 0, 0));
    assert!(failed.is_empty(), "{failed:?}");
    let in_15_minutes = Some(DUE + Duration::minutes(15));
    assert_eq!(fixture.refresher.run_parts(&[Part::Alone], in_15_minutes).await.report.refreshed, 3);
}

#[tokio::test(start_paused = true)]
async fn a_part_that_cannot_be_read_completely_has_failed_and_its_other_accounts_are_refreshed() {
    let fixture = fixture_with(45).await;
    *fixture.vault.rejected_listings.lock().unwrap() = 1;
    *fixture.vault.first_rejected.lock().unwrap() = 1;
    let PartsReport { report, failed } = fixture.refresher.run_parts(&[Part::Alone], None).await;
    assert_eq!((report.refreshed, report.incomplete, failed), (25, true, vec![Part::Alone]));
}
