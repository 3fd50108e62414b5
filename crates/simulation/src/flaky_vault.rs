//! The vault in memory, behind the weather.

use std::sync::Arc;

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::document::{Document, VersionId, Versioned};
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginId;
use evertoken_core::memory::MemoryVault;
use evertoken_core::ports::{Found, Page, Removal, Vault, VaultError};
use futures_util::{Stream, StreamExt, stream};

use crate::weather::{VaultPassage, Weather};

/// Fails as often as Instagram does, before or after the work. A clone is the same.
#[derive(Clone, Debug)]
pub(crate) struct FlakyVault {
    pub(crate) vault: MemoryVault,
    pub(crate) weather: Arc<Weather>,
}

fn unavailable() -> VaultError {
    VaultError::Unavailable { code: "InternalServiceError".to_owned() }
}

impl FlakyVault {
    async fn call<T>(&self, work: impl Future<Output = Result<T, VaultError>>) -> Result<T, VaultError> {
        match self.weather.to_vault().await {
            VaultPassage::Clear => work.await,
            VaultPassage::FailsBefore => Err(unavailable()),
            VaultPassage::FailsAfter => {
                work.await?;
                Err(unavailable())
            }
        }
    }
}

impl Vault for FlakyVault {
    fn locate(&self, name: &AccountName) -> String {
        self.vault.locate(name)
    }

    fn read_command(&self, name: &AccountName) -> String {
        self.vault.read_command(name)
    }

    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        self.call(self.vault.get(name)).await
    }

    async fn get_page(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        self.call(self.vault.get_page(names)).await
    }

    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        let first = async {
            match self.weather.to_vault().await {
                VaultPassage::Clear => stream::empty().left_stream(),
                _ => stream::iter([Err(unavailable())]).right_stream(),
            }
        };
        // What fails ends the list, as an SDK's paginator does.
        let pages = stream::once(first).flatten().chain(self.vault.list());
        pages.scan(false, |ended, page| {
            let page = (!*ended).then_some(page);
            *ended |= matches!(page, Some(Err(_)));
            std::future::ready(page)
        })
    }

    async fn create(&self, document: &Document) -> Result<VersionId, VaultError> {
        self.call(self.vault.create(document)).await
    }

    async fn replace(&self, expected: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        self.call(self.vault.replace(expected, document)).await
    }

    async fn park(&self, base: &VersionId, document: &Document) -> Result<(), VaultError> {
        self.call(self.vault.park(base, document)).await
    }

    async fn parked(&self, name: &AccountName) -> Result<Option<Document>, VaultError> {
        self.call(self.vault.parked(name)).await
    }

    async fn remove(&self, name: &AccountName, removal: Removal) -> Result<(), VaultError> {
        self.call(self.vault.remove(name, removal)).await
    }

    async fn find(&self, id: &AccountId) -> Result<Found, VaultError> {
        self.call(self.vault.find(id)).await
    }

    async fn label(&self, document: &Document) -> Result<(), VaultError> {
        self.call(self.vault.label(document)).await
    }

    async fn remember(&self, login: &LoginId, name: &AccountName) -> Result<(), VaultError> {
        self.call(self.vault.remember(login, name)).await
    }

    async fn recall(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        self.call(self.vault.recall(login)).await
    }

    async fn claim(&self, invite: &InviteId) -> Result<(), VaultError> {
        self.call(self.vault.claim(invite)).await
    }

    async fn release(&self, invite: &InviteId) -> Result<(), VaultError> {
        self.call(self.vault.release(invite)).await
    }
}
