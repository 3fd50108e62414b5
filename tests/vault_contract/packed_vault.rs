//! The vault over packs, with models of Secrets Manager and DynamoDB.

use std::sync::Arc;
use std::time::Duration;

use evertoken_core::entropy::SystemEntropy;
use evertoken_packed_vault::{MemoryIndex, MemorySecrets, PackSecrets, PackSettings, PackSize, PackedVault};
use evertoken_tests::contract::fixture::VaultFixture;
use evertoken_tests::fixed_clock::FixedClock;
use evertoken_tests::sample::ISSUED_AT;

#[derive(Default)]
pub(crate) struct PackedVaultFixture {
    secrets: MemorySecrets,
    index: MemoryIndex,
}

impl PackedVaultFixture {
    /// Most reads of AWSCURRENT return an older version.
    fn with_stale_reads() -> Self {
        let fixture = Self::default();
        fixture.secrets.make_stale(1, 700);
        fixture
    }
}

impl VaultFixture for PackedVaultFixture {
    type Vault = PackedVault<MemorySecrets, MemoryIndex>;

    fn vault(&self) -> Self::Vault {
        packed_vault(self.secrets.clone(), &self.index)
    }
}

/// A vault whose packs take 16 accounts, so that tests need several.
pub(crate) fn packed_vault<S: PackSecrets>(secrets: S, index: &MemoryIndex) -> PackedVault<S, MemoryIndex> {
    let settings = PackSettings {
        size: PackSize::new(16).unwrap(),
        commit_window: Duration::from_millis(1),
        ..PackSettings::default()
    };
    PackedVault::new(secrets, index.clone(), Arc::new(FixedClock(ISSUED_AT)), Arc::new(SystemEntropy), settings)
}

evertoken_tests::vault_contract!(PackedVaultFixture::default());

mod stale_reads {
    use super::PackedVaultFixture;

    evertoken_tests::vault_contract!(PackedVaultFixture::with_stale_reads());
}
