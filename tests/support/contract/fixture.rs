//! The fixtures of the contract tests, and queries that several of them share.

use evertoken_core::account::AccountName;
use evertoken_core::vault::{AccountStore, Page, Vault, VaultError};
use futures_util::{StreamExt, pin_mut};

/// Provides a vault that is empty at first. The vault's storage lives as long as the fixture.
pub trait VaultFixture: Send + Sync {
    /// The adapter under test. A clone accesses the same vault.
    type Vault: Vault + Clone;

    /// Returns the vault.
    fn vault(&self) -> Self::Vault;
}

/// Provides a vault together with direct access to its stored values, bypassing the adapter.
pub trait StoredValueFixture: VaultFixture {
    /// Writes the stored value of the account `name`.
    fn write_value(&self, name: &str, value: &str) -> impl Future<Output = ()>;

    /// Reads the stored value of the account `name`.
    fn read_value(&self, name: &str) -> impl Future<Output = String>;

    /// Reads the previous stored value of the account `name`.
    fn read_previous_value(&self, name: &AccountName) -> impl Future<Output = String>;
}

/// Lists all pages of a vault.
pub(crate) async fn list_pages(vault: &impl AccountStore) -> Vec<Page> {
    let list = vault.list();
    pin_mut!(list);
    let mut pages = Vec::new();
    while let Some(page) = list.next().await {
        pages.push(page.expect("the vault cannot be listed"));
    }
    pages
}

/// Lists the names of all accounts in a vault, sorted.
pub(crate) async fn list_names(vault: &impl AccountStore) -> Vec<String> {
    let pages = list_pages(vault).await;
    let mut names: Vec<String> =
        pages.iter().flat_map(|page| &page.accounts).map(|account| account.document.name.to_string()).collect();
    names.sort();
    names
}

/// Returns whether a write failed because another write came first.
pub(crate) fn is_conflict<T>(result: &Result<T, VaultError>) -> bool {
    matches!(result, Err(VaultError::Conflict))
}
