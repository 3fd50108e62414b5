//! Stores a login in a secret of the account's own if its pack takes no further version, so that no login is lost to a quota.
//!
//! 1. The document is copied to the account's secret, marked as a copy. The pack still counts.
//! 2. The index records that the account has left its pack. From now on it is in transit, so the sealed secret counts.
//! 3. The secret is written once more by compare-and-swap, because another process may have copied the earlier document to it
//!    in the meantime.
//!
//! The next write to the account completes its way back into the pack, if the pack can be written by then.

use evertoken_core::document::{Document, Outcome, VersionId};
use evertoken_core::vault::{AccountStore, Vault, VaultError};

use super::LayeredVault;
use super::sealed::{seal, version_of_sealed};
use crate::pack_index::{Departure, PackIndex};
use crate::pack_secrets::{PackSecrets, VERSIONS_USED_UP};

impl<S: PackSecrets, I: PackIndex, V: Vault> LayeredVault<S, I, V> {
    /// Replaces the document of an account in a pack. If the pack takes no further version, a login is stored in a secret, and
    /// everything else fails: it can be tried again later.
    pub(super) async fn replace_packed(
        &self,
        expected: &VersionId,
        document: &Document,
    ) -> Result<VersionId, VaultError> {
        match self.packed.replace(expected, document).await {
            Err(error) if are_versions_used_up(&error) => {
                Box::pin(self.leave_with_login(expected, document, error)).await
            }
            result => result,
        }
    }

    async fn leave_with_login(
        &self,
        expected: &VersionId,
        document: &Document,
        error: VaultError,
    ) -> Result<VersionId, VaultError> {
        let name = &document.name;
        // Read before the pack, so that what is copied is never older than what is replaced.
        let single = self.singles.get(name).await?;
        let Some(leaving) = self.packed.leaving(name).await? else { return Err(VaultError::Conflict) };
        if leaving.version() != *expected {
            // The response of the write may have been lost.
            let is_stored = leaving.document == *document;
            return if is_stored { Ok(leaving.version()) } else { Err(VaultError::Conflict) };
        }
        let Some(from) = leaving.used_by.clone().filter(|_| is_login(document, &leaving.document)) else {
            return Err(error);
        };
        tracing::warn!(account.name = %name, reason = %error, "the pack takes no further version today, so the login is stored in a secret of its own");
        let departure = Departure { name: name.clone(), from, by: self.packed.new_use()? };
        let copy = seal(document, &leaving.pack, &departure.by);
        self.packed.acquire_write().await;
        let copied = match single {
            Some(single) => self.singles.replace(&single.version, &copy).await?,
            None => self.singles.create(&copy).await?,
        };
        self.label_account(document).await?;
        if !self.packed.depart(&leaving.pack, &departure).await? {
            self.discard_copy(&leaving, &copied).await?;
            return Err(VaultError::Conflict);
        }
        self.replace_sealed(&copied, &copy).await
    }

    /// Replaces the document of an account in transit, which stays so, because its pack takes no further version.
    pub(super) async fn stay_in_transit(
        &self,
        base: &VersionId,
        document: &Document,
        error: VaultError,
    ) -> Result<VersionId, VaultError> {
        let name = &document.name;
        if let Some(present) = self.get(name).await?
            && present.document == *document
        {
            // What the move has written to the secret.
            return Ok(present.version);
        }
        let Some((pack, from)) = self.packed.transit(name).await? else { return Err(error) };
        let departure = Departure { name: name.clone(), from, by: self.packed.new_use()? };
        if !self.packed.depart(&pack, &departure).await? {
            return Err(VaultError::Conflict);
        }
        self.replace_sealed(base, &seal(document, &pack, &departure.by)).await
    }

    /// Replaces the sealed document of an account in transit, if `base` is the version of its secret.
    async fn replace_sealed(&self, base: &VersionId, copy: &Document) -> Result<VersionId, VaultError> {
        self.packed.acquire_write().await;
        self.singles.replace(base, copy).await.map(|version| version_of_sealed(&version))
    }
}

/// Whether a pack takes no further version today. After any other error, the pack may be written at once, also by others.
pub(crate) fn are_versions_used_up(error: &VaultError) -> bool {
    matches!(error, VaultError::Unavailable { code, .. } if code == VERSIONS_USED_UP)
}

/// Whether a document is that of a login, and not a change of the account as it was.
fn is_login(document: &Document, present: &Document) -> bool {
    let is_new = document.last_attempt != present.last_attempt || document.access_token != present.access_token;
    document.last_attempt.outcome == Outcome::Connected && is_new
}
