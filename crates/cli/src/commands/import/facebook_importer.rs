//! Imports a token of Facebook Login that was issued elsewhere: the token of a page or of a system user.

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::document::{Document, ProviderName};
use evertoken_core::login::new_document;
use evertoken_core::provider::GrantedAccount;
use evertoken_core::scopes::Scopes;
use evertoken_core::secrets::AccessToken;
use evertoken_core::vault::{AccountStore, store_account};
use evertoken_instagram::FacebookLogin;
use time::OffsetDateTime;

use super::import_error::ImportError;
use super::restore::{Overwrite, check_name};
use crate::credentials::any_credentials::AnyApp;
use crate::vault::any_vault::AnyVault;

pub(super) struct FacebookImporter<'a> {
    pub(super) facebook: &'a FacebookLogin<AnyApp>,
    pub(super) vault: &'a AnyVault,
    pub(super) overwrite: Overwrite,
    pub(super) now: OffsetDateTime,
}

impl FacebookImporter<'_> {
    /// Proves the token and stores its account. Returns the document, and whether the name existed before.
    pub(super) async fn import(
        &self,
        name: &AccountName,
        token: &AccessToken,
        account: Option<&AccountId>,
    ) -> Result<(Document, bool), ImportError> {
        let account = select(self.facebook.adopt(token).await?, account)?;
        check_name(name, &account.profile.account_id)?;
        let present = self.vault.get(name).await?;
        let replaced = present.is_some();
        // Proven by the token debugger.
        let scopes: Scopes = std::iter::once("instagram_basic").collect();
        let document = new_document(ProviderName::Facebook, name, scopes, account, self.now);
        let next = |present: Option<&Document>| match present {
            Some(present) if present.account_id != document.account_id && self.overwrite == Overwrite::Never => {
                Err(ImportError::NameTaken {
                    name: name.clone(),
                    username: document.username.clone(),
                    present: present.username.clone(),
                })
            }
            Some(present) => Ok(Document { unknown: present.unknown.clone(), ..document.clone() }),
            None => Ok(document.clone()),
        };
        let stored = store_account(self.vault, name, Some(present), next).await?;
        Ok((stored.current, replaced))
    }
}

/// The account to import: the only one, or the one that was asked for.
fn select(accounts: Vec<GrantedAccount>, wanted: Option<&AccountId>) -> Result<GrantedAccount, ImportError> {
    let known: Vec<String> = accounts
        .iter()
        .map(|account| format!("@{} ({})", account.profile.username, account.profile.account_id))
        .collect();
    let mut matching: Vec<_> = accounts
        .into_iter()
        .filter(|account| wanted.is_none_or(|wanted| *wanted == account.profile.account_id))
        .collect();
    match (matching.pop(), matching.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => Err(ImportError::SeveralAccounts(known.join(", "))),
        (None, _) => Err(ImportError::NotAmongAccounts(known.join(", "))),
    }
}
