//! Removes accounts, whichever layout they are in, and what is left of replaced ones.

use evertoken_core::account::AccountName;
use evertoken_core::vault::{AccountStore, OutageCause, ParkedDocuments, Removal, Vault, VaultError};

use super::LayeredVault;
use super::sealed::seal;
use crate::pack_index::PackIndex;
use crate::pack_secrets::PackSecrets;
use crate::revision::AccountVersion;

impl<S: PackSecrets, I: PackIndex, V: Vault> LayeredVault<S, I, V> {
    /// Removes an account from both layouts.
    ///
    /// The secret goes first: an account that is being packed is then refused by its pack, because the pack expects it no more.
    /// It goes once more at the end, because an account that was being unpacked may have got it in the meantime.
    pub(super) async fn remove_account(&self, name: &AccountName, removal: Removal) -> Result<(), VaultError> {
        if removal == Removal::Recoverable {
            self.keep_restorable(name).await?;
        }
        self.singles.remove(name, removal).await?;
        self.packed.remove(name, removal).await?;
        self.singles.remove(name, removal).await
    }

    /// Copies an account of a pack to a secret, which is then scheduled for deletion. An operator can restore that secret, as
    /// one of any other account, also when the earlier versions of the pack are deleted sooner.
    async fn keep_restorable(&self, name: &AccountName) -> Result<(), VaultError> {
        let Some(present) = self.get(name).await? else { return Ok(()) };
        let copied = async {
            match self.singles.get(name).await? {
                Some(single) if single.document == present.document => Ok(()),
                Some(single) => {
                    self.label_account(&present.document).await?;
                    self.singles.replace(&single.version, &present.document).await.map(drop)
                }
                None => self.singles.create(&present.document).await.map(drop),
            }
        };
        let copied: Result<(), VaultError> = copied.await;
        if let Err(error) = copied {
            tracing::warn!(account.name = %name, reason = %error, "a removed account can be restored from its pack only");
        }
        Ok(())
    }

    /// Deletes the secret that an account in a pack had before. It can be restored for some days. Returns `false` if the account
    /// is in no pack.
    pub async fn delete_copy(&self, name: &AccountName) -> Result<bool, VaultError> {
        let Some(copy) = self.singles.get(name).await?.filter(|single| single.document.moved_to().is_some()) else {
            return Ok(false);
        };
        if self.packed.leaving(name).await?.is_none() {
            return Ok(false);
        }
        self.packed.acquire_write().await;
        if let Err(error) = self.singles.remove(name, Removal::Recoverable).await {
            // Only a read after the day of the last change counts as one of an application. This one must not.
            self.label_copy(&copy.document).await;
            return Err(error);
        }
        if self.packed.leaving(name).await?.is_some() {
            return Ok(true);
        }
        let code =
            "the account was moved at the same time, and its secret is scheduled for deletion; restore the secret"
                .to_owned();
        Err(VaultError::Unavailable { cause: OutageCause::Other, code })
    }

    /// Deletes what is left of the account that had this name before. A copy of it becomes one of the present account.
    pub(super) async fn forget_former(&self, name: &AccountName) -> Result<(), VaultError> {
        self.packed.forget_earlier(name).await?;
        let packed = self.packed.get(name).await?;
        if packed.is_none() && self.packed.transit(name).await?.is_none() {
            // The present account has a secret of its own, and what a pack still has is that of the former one.
            self.packed.remove(name, Removal::ForGood).await?;
        }
        if let Some(packed) = packed
            && let Some(version) = AccountVersion::parse(&packed.version)
            && let Some(single) = self.singles.get(name).await?
        {
            let copy = seal(&packed.document, &version.pack, &self.packed.new_use()?);
            self.singles.replace(&single.version, &copy).await?;
            self.label_copy(&copy).await;
        }
        self.singles.forget_earlier(name).await
    }
}
