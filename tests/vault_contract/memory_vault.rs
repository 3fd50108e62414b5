//! The in-memory vault.

use evertoken_core::vault::MemoryVault;
use evertoken_tests::contract::fixture::VaultFixture;

#[derive(Default)]
struct MemoryVaultFixture(MemoryVault);

impl VaultFixture for MemoryVaultFixture {
    type Vault = MemoryVault;

    fn vault(&self) -> MemoryVault {
        self.0.clone()
    }
}

evertoken_tests::vault_contract!(MemoryVaultFixture::default());
