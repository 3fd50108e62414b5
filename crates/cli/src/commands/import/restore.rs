//! Restores an exported document as it is, without calling Instagram.

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::document::Document;
use evertoken_core::vault::{AccountIndex, AccountStore, ParkedDocuments, store_account};

use super::import_error::ImportError;

/// Whether an import may overwrite another account, or a newer token of the same account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overwrite {
    Never,
    Allowed,
}

/// Stores the document with its dates, its health and its unknown keys. Returns whether the name existed before.
///
/// The account counts as restored even if its index entry cannot be updated: that is logged as a warning.
pub(super) async fn restore<V: AccountStore + ParkedDocuments + AccountIndex>(
    vault: &V,
    document: &Document,
    overwrite: Overwrite,
) -> Result<bool, ImportError> {
    let next = |present: Option<&Document>| match present {
        Some(present) if present != document && overwrite == Overwrite::Never => {
            if present.account_id != document.account_id {
                return Err(ImportError::NameTaken {
                    name: document.name.clone(),
                    present: present.username.clone(),
                    username: document.username.clone(),
                });
            }
            if present.issued_at > document.issued_at {
                return Err(ImportError::NewerToken);
            }
            Ok(document.clone())
        }
        _ => Ok(document.clone()),
    };
    check_name(&document.name, &document.account_id)?;
    Ok(store_account(vault, &document.name, None, next).await?.previous.is_some())
}

/// Rejects a name that is the id of another account.
pub(super) fn check_name(name: &AccountName, account_id: &AccountId) -> Result<(), ImportError> {
    let is_reserved = name.reserved_for().is_some_and(|owner| owner != *account_id);
    if is_reserved { Err(ImportError::NameIsAnotherId(name.clone())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use evertoken_core::sample;
    use evertoken_core::vault::{FaultyVault, MemoryVault, OutageCause, VaultError, VaultFaults};
    use time::macros::datetime;

    use super::*;

    fn document(account_id: &str) -> Document {
        let sample = sample::document("shop-de", datetime!(2026-11-22 05:00 UTC));
        Document { account_id: account_id.parse().unwrap(), ..sample }
    }

    /// Makes one call fail, counted from 1.
    struct FailedCall {
        number: usize,
        calls: AtomicUsize,
    }

    impl VaultFaults for FailedCall {
        async fn pass<T: Send>(
            &self,
            work: impl Future<Output = Result<T, VaultError>> + Send,
        ) -> Result<T, VaultError> {
            if self.calls.fetch_add(1, Ordering::Relaxed) + 1 == self.number {
                return Err(VaultError::Unavailable { cause: OutageCause::Other, code: "injected".to_owned() });
            }
            work.await
        }
    }

    #[tokio::test]
    async fn succeeds_if_only_the_old_documents_or_the_labels_cannot_be_updated() {
        // The calls are get, replace, forget_earlier and label.
        for number in [3, 4] {
            let faults = Arc::new(FailedCall { number, calls: AtomicUsize::new(0) });
            let vault = FaultyVault { vault: MemoryVault::default(), faults: Arc::clone(&faults) };
            vault.vault.create(&document("1")).await.unwrap();
            let exported = document("2");
            assert_eq!(restore(&vault, &exported, Overwrite::Allowed).await, Ok(true));
            assert_eq!(faults.calls.load(Ordering::Relaxed), 4);
            assert_eq!(vault.vault.get(&exported.name).await.unwrap().unwrap().document, exported);
        }
    }

    #[tokio::test]
    async fn never_overwrites_another_account_or_a_newer_token_unless_allowed() {
        let vault = MemoryVault::default();
        vault.create(&document("1")).await.unwrap();
        let refused = restore(&vault, &document("2"), Overwrite::Never).await;
        assert!(matches!(refused, Err(ImportError::NameTaken { .. })), "{refused:?}");
        let older = Document { issued_at: datetime!(2026-11-01 05:00 UTC), ..document("1") };
        assert_eq!(restore(&vault, &older, Overwrite::Never).await, Err(ImportError::NewerToken));
        assert_eq!(restore(&vault, &older, Overwrite::Allowed).await, Ok(true));
    }

    #[tokio::test]
    async fn never_stores_an_account_under_the_id_of_another_one() {
        let vault = MemoryVault::default();
        let name: AccountName = "17841405793187218".parse().unwrap();
        let other = Document { name: name.clone(), ..document("17841405793187219") };
        for overwrite in [Overwrite::Never, Overwrite::Allowed] {
            let refused = restore(&vault, &other, overwrite).await;
            assert_eq!(refused, Err(ImportError::NameIsAnotherId(name.clone())));
        }
        assert!(vault.get(&name).await.unwrap().is_none());
        let own = Document { name, ..document("17841405793187218") };
        assert_eq!(restore(&vault, &own, Overwrite::Never).await, Ok(false));
    }
}
