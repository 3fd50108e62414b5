//! Many accounts move into packs and back, as with `evertoken pack --all` and `evertoken unpack --all`.

use std::sync::Arc;

use evertoken_core::account::AccountName;
use evertoken_core::document::Document;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::vault::{AccountStore, VaultError};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::fixture::{FixedClock, Singles, World, document, name};
use crate::layered_vault::{LayeredVault, Moved};
use crate::memory_index::MemoryIndex;
use crate::memory_secrets::MemorySecrets;
use crate::packed_vault::{PackSettings, PackedVault};
use crate::process::Process;

const ACCOUNTS: usize = 1_000;

fn vault(world: &World, settings: PackSettings) -> LayeredVault<MemorySecrets, MemoryIndex, Singles> {
    let (secrets, index) = (world.secrets.clone(), world.index.clone());
    let packed = PackedVault::new(secrets, index, Arc::new(FixedClock), Arc::new(SystemEntropy), settings);
    LayeredVault::new(packed, world.singles_of(&Process::default()))
}

async fn move_all(names: &[AccountName], move_one: impl AsyncFn(&AccountName) -> Result<Moved, VaultError>) {
    let results = stream::iter(names).map(|name| move_one(name)).buffer_unordered(128);
    let moved: Result<Vec<Moved>, VaultError> = results.try_collect().await;
    assert_eq!(moved.unwrap(), vec![Moved::Now; names.len()]);
}

/// Accounts that move at the same time share a write, because they are in few packs. Spread over all packs they would not, and
/// each write is a version: AWS deletes none in its first day, and a secret has 100 at most.
#[tokio::test(start_paused = true)]
async fn a_thousand_accounts_move_there_and_back_without_using_up_the_versions_of_a_pack() {
    let world = World::new();
    // Twenty packs are open.
    let logins = vault(&world, PackSettings { logins_per_day: 1, ..PackSettings::default() });
    for number in 0..20 {
        logins.create(&document(&format!("login-{number}"))).await.unwrap();
    }
    // Not in the order of their names.
    let names: Vec<_> = (0..ACCOUNTS).map(|number| name(&format!("shop-{:04}", number * 7 % ACCOUNTS))).collect();
    for (number, name) in names.iter().enumerate() {
        let account_id = (17_841_400_000_000_000 + number).to_string().parse().unwrap();
        world.singles.create(&Document { account_id, ..document(name.as_str()) }).await.unwrap();
    }
    let vault = vault(&world, PackSettings { writes_per_second: Some(10), ..PackSettings::default() });
    move_all(&names, async |name| vault.pack(name).await).await;
    let packed = world.secrets.most_versions_in_a_day();
    let (names, unreadable) = vault.packed_names().await.unwrap();
    assert_eq!((names.len(), unreadable.len()), (ACCOUNTS + 20, 0));
    move_all(&names, async |name| vault.unpack(name).await).await;
    let unpacked = world.secrets.most_versions_in_a_day();
    assert!(packed <= 20 && unpacked <= 40, "{packed}, {unpacked}");
}

/// Otherwise `evertoken unpack --all` would leave them in packs, where nothing renews them with `Layout=single`.
#[tokio::test(start_paused = true)]
async fn accounts_that_were_stored_a_moment_ago_are_moved_back_too() {
    let world = World::new();
    for number in 0..3 {
        world.vault().create(&document(&format!("shop-{number}"))).await.unwrap();
    }
    world.secrets.make_stale(1, 1_000);
    let (names, unreadable) = world.vault().packed_names().await.unwrap();
    assert_eq!((names.len(), unreadable.len()), (3, 0));
}
