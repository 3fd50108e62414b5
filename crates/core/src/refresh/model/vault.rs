//! The vault in memory, made as unreliable as the network.

use futures_util::Stream;

use super::instagram::Instagram;
use crate::account::{AccountId, AccountName};
use crate::document::{Document, VersionId, Versioned};
use crate::invite::InviteId;
use crate::login_state::LoginId;
use crate::memory::MemoryVault;
use crate::ports::{Found, Page, Removal, Vault, VaultError};

/// Fails as often as Instagram does, before or after the work. A clone is the same.
#[derive(Clone, Debug)]
pub(super) struct FlakyVault {
    pub(super) vault: MemoryVault,
    pub(super) world: Instagram,
}

impl FlakyVault {
    async fn call<T>(&self, work: impl Future<Output = Result<T, VaultError>>) -> Result<T, VaultError> {
        self.world.takes_time().await;
        self.weather()?;
        let done = work.await;
        self.weather()?;
        done
    }

    fn weather(&self) -> Result<(), VaultError> {
        let mut state = self.world.state();
        let chance = u64::from(state.faults);
        if state.dice.roll(200) < chance {
            return Err(VaultError::Unavailable { code: "ThrottlingException".to_owned() });
        }
        Ok(())
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
        self.vault.list()
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
