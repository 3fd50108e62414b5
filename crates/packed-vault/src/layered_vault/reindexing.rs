//! Rebuilds the index, and settles what logins have left behind while it was lost.

use evertoken_core::vault::{Vault, VaultError};
use futures_util::TryStreamExt;

use super::LayeredVault;
use crate::pack_index::PackIndex;
use crate::pack_secrets::PackSecrets;
use crate::packed_vault::{IndexProblem, Reindexed};

impl<S: PackSecrets, I: PackIndex, V: Vault> LayeredVault<S, I, V> {
    /// Rebuilds the index from the packs. Calls `progress` with the packs that are done, and their total number.
    ///
    /// A login that did not find its account, because the index was lost, has given it a secret of its own. If it is later than
    /// the login in the pack, its document replaces that one.
    pub async fn reindex(&self, progress: impl Fn(usize, usize) + Send + Sync) -> Result<Reindexed, VaultError> {
        let mut report = self.packed.reindex(progress).await?;
        let mut singles = std::pin::pin!(self.singles.list());
        while let Some(page) = singles.try_next().await? {
            let accounts: Vec<_> =
                page.accounts.into_iter().filter(|single| single.document.moved_to().is_none()).collect();
            for name in self.placed(&accounts).await? {
                match self.packed.leaving(&name).await {
                    Ok(Some(_)) => {
                        let problem = "the account had a secret of its own besides its pack";
                        let problem = match self.pack(&name).await {
                            Ok(_) => format!("{problem}; the later login counts"),
                            Err(error) => format!("{problem}, and still has: {error}; run the command again"),
                        };
                        report.problems.push(IndexProblem { name: name.to_string(), problem });
                    }
                    // Its pack does not hold it, or is unreadable and was reported.
                    Ok(None) | Err(VaultError::Unreadable(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(report)
    }
}
