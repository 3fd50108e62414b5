//! The models of Secrets Manager and of the index.

use evertoken_packed_vault::{MemoryIndex, MemorySecrets};
use evertoken_tests::pack_contract::fixture::{PackIndexFixture, PackSecretsFixture};

struct Secrets(MemorySecrets);

impl PackSecretsFixture for Secrets {
    type Secrets = MemorySecrets;

    fn secrets(&self) -> MemorySecrets {
        self.0.clone()
    }
}

struct Index(MemoryIndex);

impl PackIndexFixture for Index {
    type Index = MemoryIndex;

    fn index(&self) -> MemoryIndex {
        self.0.clone()
    }
}

evertoken_tests::pack_secrets_contract!(Secrets(MemorySecrets::default()));
evertoken_tests::pack_index_contract!(Index(MemoryIndex::default()));
