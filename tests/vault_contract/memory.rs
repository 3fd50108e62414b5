//! The vault in memory.

use evertoken_core::vault::MemoryVault;
use evertoken_tests::contract::Place;

#[derive(Default)]
struct Memory(MemoryVault);

impl Place for Memory {
    type Vault = MemoryVault;

    fn vault(&self) -> MemoryVault {
        self.0.clone()
    }
}

evertoken_tests::vault_contract!(Memory::default());
