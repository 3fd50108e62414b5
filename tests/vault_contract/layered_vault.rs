//! The vault of two layouts: packs, and a secret for each account.

use std::time::Duration;

use evertoken_core::vault::MemoryVault;
use evertoken_packed_vault::{LayeredVault, MemoryIndex, MemorySecrets, Process};
use evertoken_tests::contract::fixture::VaultFixture;

use crate::packed_vault::PackedVaultFixture;

#[derive(Default)]
struct LayeredVaultFixture {
    packs: PackedVaultFixture,
    singles: MemoryVault,
}

impl LayeredVaultFixture {
    /// No pack can be written, so each account gets a secret of its own.
    fn without_packs() -> Self {
        let process = Process::new(1, Duration::ZERO).failing(2_000);
        let packs = PackedVaultFixture::default();
        let secrets = packs.secrets.used_by(&process);
        Self { packs: PackedVaultFixture { secrets, ..packs }, singles: MemoryVault::default() }
    }
}

impl VaultFixture for LayeredVaultFixture {
    type Vault = LayeredVault<MemorySecrets, MemoryIndex, MemoryVault>;

    fn vault(&self) -> Self::Vault {
        LayeredVault::new(self.packs.vault(), self.singles.clone())
    }
}

evertoken_tests::vault_contract!(LayeredVaultFixture::default());

mod without_packs {
    use super::LayeredVaultFixture;

    evertoken_tests::vault_contract!(LayeredVaultFixture::without_packs());
}
