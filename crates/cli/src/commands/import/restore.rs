//! Restores an exported document as it is, without calling Instagram.

use evertoken_core::document::Document;
use evertoken_core::vault::{AccountIndex, AccountStore, store_account};

use super::import_error::ImportError;

/// Whether an import may overwrite another account, or a newer token of the same account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overwrite {
    Never,
    Allowed,
}

/// Stores the document with its dates, its health and its unknown keys.
///
/// The account counts as restored even if its index entry cannot be updated: that is logged as a warning.
pub(super) async fn restore<V: AccountStore + AccountIndex>(
    vault: &V,
    document: &Document,
    overwrite: Overwrite,
) -> Result<(), ImportError> {
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
    store_account(vault, &document.name, None, next).await.map(|_| ())
}
