//! The models of Secrets Manager and DynamoDB, and vaults of several processes over them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::document::{Document, Versioned};
use evertoken_core::group::Group;
use evertoken_core::sample;
use evertoken_core::secrets::AccessToken;
use evertoken_core::vault::{AccountStore, Page};
use futures_util::TryStreamExt;
use time::OffsetDateTime;
use time::macros::datetime;

use crate::ids::{PackId, PackSecret, PackSize};
use crate::memory_index::MemoryIndex;
use crate::memory_secrets::MemorySecrets;
use crate::pack::Pack;
use crate::pack_secrets::PackValue;
use crate::packed_vault::{PackSettings, PackedVault};
use crate::process::Process;
use crate::seeded_entropy::SeededEntropy;

pub(super) type TestVault = PackedVault<MemorySecrets, MemoryIndex>;

#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) secrets: MemorySecrets,
    pub(super) index: MemoryIndex,
    pub(super) clock: TestClock,
}

impl World {
    pub(super) fn new() -> Self {
        let clock = TestClock(Arc::new(Mutex::new(NOW)));
        Self { secrets: MemorySecrets::default(), index: MemoryIndex::default(), clock }
    }

    /// A copy, which changes on its own.
    pub(super) fn fork(&self) -> Self {
        Self { secrets: self.secrets.fork(), index: self.index.fork(), clock: self.clock.clone() }
    }

    /// The vault of another process.
    pub(super) fn vault_of(&self, process: &Process, seed: u64, settings: PackSettings) -> TestVault {
        let entropy = SeededEntropy::new(seed);
        let (secrets, index) = (self.secrets.used_by(process), self.index.used_by(process));
        PackedVault::new(secrets, index, Arc::new(self.clock.clone()), Arc::new(entropy), settings)
    }

    /// The vault of a process whose requests always succeed.
    pub(super) fn vault(&self) -> TestVault {
        self.vault_of(&Process::default(), self.secrets.writes().try_into().unwrap(), settings())
    }

    /// The present pack, as stored.
    pub(super) fn pack(&self, id: &PackId) -> Pack {
        let secret = id.at(self.index.all_packs()[id].generation);
        Pack::decode(&secret, &self.secrets.current_values()[&secret]).unwrap()
    }

    /// The packs that hold an account in any version of any secret.
    pub(super) fn traces(&self, name: &AccountName) -> Vec<PackSecret> {
        let all = self.secrets.everything().into_iter();
        let holds = |(secret, value): (PackSecret, PackValue)| {
            let pack = Pack::decode(&secret, &value).unwrap();
            (pack.holds(name) || pack.parked(name).unwrap().is_some()).then_some(secret)
        };
        all.filter_map(holds).collect()
    }
}

pub(super) const NOW: OffsetDateTime = datetime!(2026-11-26 05:00 UTC);

pub(super) fn settings() -> PackSettings {
    PackSettings { size: PackSize::new(16).unwrap(), commit_window: Duration::ZERO, ..PackSettings::default() }
}

pub(super) fn pack_id(number: u32) -> PackId {
    PackId::new(Group::main(), number)
}

pub(super) fn name(text: &str) -> AccountName {
    text.parse().unwrap()
}

/// A document with ids of its own.
pub(super) fn document(text: &str, token: &str) -> Document {
    let number = text.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)) % 1_000_000);
    Document {
        access_token: AccessToken::new(token),
        account_id: format!("1784140{number:010}").parse().unwrap(),
        app_scoped_id: format!("2784140{number:010}").parse().unwrap(),
        ..sample::document(text, NOW)
    }
}

pub(super) fn with_token(document: &Document, token: &str) -> Document {
    Document { access_token: AccessToken::new(token), ..document.clone() }
}

pub(super) async fn list(vault: &TestVault) -> (BTreeMap<String, Versioned>, BTreeMap<String, String>) {
    let pages: Vec<Page> = vault.list().try_collect().await.unwrap();
    let mut accounts = BTreeMap::new();
    let mut unreadable = BTreeMap::new();
    for page in pages {
        for account in page.accounts {
            let twice = accounts.insert(account.document.name.to_string(), account);
            assert!(twice.is_none(), "listed twice: {twice:?}");
        }
        unreadable.extend(page.unreadable.into_iter().map(|found| (found.name, found.reason.to_string())));
    }
    (accounts, unreadable)
}

/// A clock that tests move.
#[derive(Clone, Debug)]
pub(super) struct TestClock(Arc<Mutex<OffsetDateTime>>);

impl TestClock {
    pub(super) fn advance(&self, by: time::Duration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap()
    }
}
