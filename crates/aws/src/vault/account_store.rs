//! Reads, writes and deletes account documents.

use evertoken_core::account::AccountName;
use evertoken_core::document::{Document, VersionId, Versioned};
use evertoken_core::vault::{AccountStore, Page, Part, Removal, Selection, VaultError, VaultParts};
use futures_util::{Stream, StreamExt, stream};

use super::delete::delete_if_exists;
use super::{CURRENT, SecretsManagerVault};

/// How long an operator can restore a deleted secret, in days. Secrets Manager's minimum.
pub const RECOVERY_WINDOW: i64 = 7;

impl AccountStore for SecretsManagerVault {
    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        self.read(name, CURRENT).await
    }

    async fn get_many(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        self.read_page(names).await
    }

    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        self.clone().read_all()
    }

    async fn create(&self, document: &Document) -> Result<VersionId, VaultError> {
        self.create_secret(document).await
    }

    async fn replace(&self, expected: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        self.compare_and_swap(expected, document).await
    }

    async fn remove(&self, name: &AccountName, removal: Removal) -> Result<(), VaultError> {
        let delete = self.client.delete_secret().secret_id(self.settings.account_secret(name));
        delete_if_exists(match removal {
            Removal::Recoverable => delete.recovery_window_in_days(RECOVERY_WINDOW),
            // Also deletes a secret that is already scheduled for deletion.
            Removal::ForGood => delete.force_delete_without_recovery(true),
        })
        .await
    }
}

/// All accounts are stored alone.
impl VaultParts for SecretsManagerVault {
    async fn parts(&self) -> Result<Vec<Part>, VaultError> {
        Ok(vec![Part::Alone])
    }

    fn scan_part<'a>(
        &'a self,
        part: Part,
        acts_on: Selection<'a>,
    ) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        match part {
            Part::Alone => self.scan(acts_on).left_stream(),
            Part::Cohort(_) => stream::empty().right_stream(),
        }
    }
}
