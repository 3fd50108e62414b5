//! Keeps a document next to the current one, as a version with a staging label of its own.

use evertoken_core::account::AccountName;
use evertoken_core::document::{Document, VersionId};
use evertoken_core::vault::{ParkedDocuments, VaultError};

use super::SecretsManagerVault;
use super::write::{SecretState, send};

/// The staging label of a parked document. AWS deletes only versions without a label (AWS, `UpdateSecretVersionStage`).
pub(super) const PARKED: &str = "EVERTOKEN_PARKED";

impl ParkedDocuments for SecretsManagerVault {
    /// Checks the version first, but takes no lock. A login can store a newer document in between; readers of the parked
    /// document compare `issued_at`.
    async fn park(&self, base: &VersionId, document: &Document) -> Result<(), VaultError> {
        match self.secret_state(&self.settings.account_secret(&document.name)).await? {
            SecretState::Current(version) if version == *base => {}
            _ => return Err(VaultError::Conflict),
        }
        send(self.put(document).version_stages(PARKED)).await?;
        Ok(())
    }

    async fn parked(&self, name: &AccountName) -> Result<Option<Document>, VaultError> {
        Ok(self.read(name, PARKED).await?.map(|parked| parked.document))
    }

    async fn forget_earlier(&self, name: &AccountName) -> Result<(), VaultError> {
        self.remove_earlier_labels(name).await
    }
}
