//! The vault of two layouts: packs, and a secret for each account.

use evertoken_core::document::VersionId;
use evertoken_core::vault::{MemoryVault, OutageCause, VaultError};
use evertoken_packed_vault::{
    CreateError, LayeredVault, MemoryIndex, MemorySecrets, PackDeletion, PackId, PackSecret, PackSecrets, PackValue,
    PutError, RequestToken, SecretPage, StoredPack,
};
use evertoken_tests::contract::fixture::VaultFixture;

use crate::packed_vault::{PackedVaultFixture, packed_vault};

#[derive(Default)]
struct LayeredVaultFixture {
    packs: PackedVaultFixture,
    singles: MemoryVault,
}

impl VaultFixture for LayeredVaultFixture {
    type Vault = LayeredVault<MemorySecrets, MemoryIndex, MemoryVault>;

    fn vault(&self) -> Self::Vault {
        LayeredVault::new(self.packs.vault(), self.singles.clone())
    }
}

evertoken_tests::vault_contract!(LayeredVaultFixture::default());

/// Each account gets a secret of its own.
mod without_writable_packs {
    use super::*;

    #[derive(Default)]
    struct Fixture {
        secrets: MemorySecrets,
        index: MemoryIndex,
        singles: MemoryVault,
    }

    impl VaultFixture for Fixture {
        type Vault = LayeredVault<ReadOnly, MemoryIndex, MemoryVault>;

        fn vault(&self) -> Self::Vault {
            LayeredVault::new(packed_vault(ReadOnly(self.secrets.clone()), &self.index), self.singles.clone())
        }
    }

    evertoken_tests::vault_contract!(Fixture::default());
}

/// Secrets whose quota of writes is used up.
struct ReadOnly(MemorySecrets);

fn refused() -> VaultError {
    VaultError::Unavailable { cause: OutageCause::Throttled, code: "LimitExceededException".to_owned() }
}

impl PackSecrets for ReadOnly {
    async fn current(&self, secret: &PackSecret) -> Result<Option<StoredPack>, VaultError> {
        self.0.current(secret).await
    }

    async fn version(&self, secret: &PackSecret, version: &VersionId) -> Result<Option<StoredPack>, VaultError> {
        self.0.version(secret, version).await
    }

    async fn put(&self, _: &PackSecret, _: &RequestToken, _: &PackValue) -> Result<(), PutError> {
        Err(refused().into())
    }

    async fn create(&self, _: &PackSecret, _: &PackValue) -> Result<VersionId, CreateError> {
        Err(refused().into())
    }

    async fn delete(&self, secret: &PackSecret, deletion: PackDeletion) -> Result<(), VaultError> {
        self.0.delete(secret, deletion).await
    }

    async fn list(&self, pack: Option<&PackId>, page: Option<String>) -> Result<SecretPage, VaultError> {
        self.0.list(pack, page).await
    }
}
