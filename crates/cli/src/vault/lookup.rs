//! Accounts by name, with a suggestion if there is none of that name.

use evertoken_core::account::AccountName;
use evertoken_core::document::Versioned;
use evertoken_core::vault::{AccountStore, PAGE_SIZE};
use futures_util::{StreamExt, pin_mut};

use crate::error::{CliError, Result, Suggestion};

/// How many pages are searched for a similar name. A vault may contain a million accounts.
const SEARCHED_PAGES: usize = 100;

/// The lowest similarity of a suggestion (Jaro-Winkler, 0 to 1), as in clap's own suggestions.
const MIN_SIMILARITY: f64 = 0.7;

/// The account with this name.
pub(crate) async fn account(vault: &impl AccountStore, name: &AccountName) -> Result<Versioned> {
    match vault.get(name).await? {
        Some(account) => Ok(account),
        None => Err(unknown(vault, name).await),
    }
}

/// Checks that an account, readable or not, exists for each of these names.
pub(crate) async fn require_all(vault: &impl AccountStore, names: &[AccountName]) -> Result<()> {
    for names in names.chunks(PAGE_SIZE) {
        let page = vault.get_many(names).await?;
        let exists = |name: &AccountName| {
            page.accounts.iter().any(|account| account.document.name == *name)
                || page.unreadable.iter().any(|unreadable| unreadable.name == name.as_str())
        };
        if let Some(missing) = names.iter().find(|name| !exists(name)) {
            return Err(unknown(vault, missing).await);
        }
    }
    Ok(())
}

async fn unknown(vault: &impl AccountStore, name: &AccountName) -> CliError {
    let mut names = Vec::new();
    // Without a list there is no suggestion, but still an error.
    let mut is_listed = true;
    {
        let pages = vault.list().take(SEARCHED_PAGES);
        pin_mut!(pages);
        while let Some(page) = pages.next().await {
            let Ok(page) = page else {
                is_listed = false;
                break;
            };
            names.extend(page.accounts.into_iter().map(|account| account.document.name.to_string()));
            names.extend(page.unreadable.into_iter().map(|unreadable| unreadable.name));
        }
    }
    let suggestion = match most_similar(name.as_str(), &names) {
        Some(similar) => Suggestion::Similar(similar.to_owned()),
        None if names.is_empty() && is_listed => Suggestion::FirstInvite,
        None => Suggestion::List,
    };
    CliError::UnknownAccount { name: name.clone(), suggestion }
}

fn most_similar<'a>(name: &str, names: &'a [String]) -> Option<&'a str> {
    let similarity = |other: &str| strsim::jaro_winkler(name, other);
    let rated = names.iter().map(|other| (similarity(other), other.as_str()));
    let similar = rated.filter(|(similarity, _)| *similarity > MIN_SIMILARITY);
    similar.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use evertoken_core::vault::{DenialCause, FaultyVault, MemoryVault, VaultError, VaultFaults};

    use super::*;

    #[test]
    fn suggests_the_most_similar_name_if_any_is_similar() {
        let names = ["shop-de", "shop-fr", "cafe"].map(str::to_owned);
        assert_eq!(most_similar("shop-ed", &names), Some("shop-de"));
        assert_eq!(most_similar("caffe", &names), Some("cafe"));
        assert_eq!(most_similar("zzz", &names), None);
    }

    struct NoList;

    impl VaultFaults for NoList {
        async fn pass<T: Send>(
            &self,
            work: impl Future<Output = Result<T, VaultError>> + Send,
        ) -> Result<T, VaultError> {
            work.await
        }

        async fn before_list(&self) -> Result<(), VaultError> {
            Err(VaultError::Denied { cause: DenialCause::PermissionMissing, code: "AccessDeniedException".to_owned() })
        }
    }

    #[tokio::test]
    async fn only_an_empty_vault_needs_its_first_invite() {
        let name: AccountName = "shop-de".parse().unwrap();
        let suggestion = |error| match error {
            CliError::UnknownAccount { suggestion, .. } => suggestion,
            other => panic!("{other}"),
        };
        let empty = unknown(&MemoryVault::default(), &name).await;
        assert!(matches!(suggestion(empty), Suggestion::FirstInvite));
        let unlisted = unknown(&FaultyVault { vault: MemoryVault::default(), faults: NoList }, &name).await;
        assert!(matches!(suggestion(unlisted), Suggestion::List));
    }
}
