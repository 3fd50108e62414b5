//! Restores a whole document of another vault as it is, without calling Instagram.

use evertoken_core::document::Document;
use evertoken_core::vault::{AccountIndex, AccountStore, VaultError, store_account};

/// A document was not restored.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The name belongs to another account.
    #[error("the name already belongs to @{0}; use --replace to overwrite that account")]
    OtherAccount(String),
    /// A login or a refresh came after the export.
    #[error("the vault has a newer token of this account; use --replace to go back to the older one")]
    Newer,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Stores the document with its dates, health and unknown keys. A failure to update the account's index entry is logged
/// and does not fail the restore.
pub(super) async fn restore<V: AccountStore + AccountIndex>(
    vault: &V,
    document: &Document,
    replace: bool,
) -> Result<(), Refusal> {
    let next = |present: Option<&Document>| match present {
        _ if replace => Ok(document.clone()),
        Some(present) if present == document => Ok(document.clone()),
        Some(present) if present.account_id != document.account_id => {
            Err(Refusal::OtherAccount(present.username.clone()))
        }
        Some(present) if present.issued_at > document.issued_at => Err(Refusal::Newer),
        _ => Ok(document.clone()),
    };
    store_account(vault, &document.name, None, next).await.map(|_| ())
}
