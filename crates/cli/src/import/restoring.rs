//! A whole document of another vault: stored as it is, without a word to Instagram.

use evertoken_core::document::{Document, Versioned};
use evertoken_core::ports::{Vault, VaultError};

/// Why a document was not stored.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The name belongs to somebody else.
    #[error("the name is @{0}'s already; say --replace to overwrite that account")]
    OtherAccount(String),
    /// A login or a refresh came after the export.
    #[error("the vault has a newer token of this account; say --replace to go back to the older one")]
    Newer,
    /// The vault did not take it.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Stores it: dates, health and unknown keys as they are.
pub(super) async fn restore<V: Vault>(vault: &V, document: &Document, replace: bool) -> Result<(), Refusal> {
    let Some(Versioned { version, document: present }) = vault.get(&document.name).await? else {
        vault.create(document).await?;
        return Ok(());
    };
    if present == *document {
        return Ok(());
    }
    let is_same = present.account_id == document.account_id;
    if !is_same && !replace {
        return Err(Refusal::OtherAccount(present.username));
    }
    if is_same && present.issued_at > document.issued_at && !replace {
        return Err(Refusal::Newer);
    }
    vault.replace(&version, document).await?;
    if !is_same {
        vault.label(document).await?;
    }
    Ok(())
}
