//! A process that only reads.

use evertoken_core::vault::{AccountStore, Removal};

use super::fixture::{World, document, name, settings};
use crate::packed_vault::{Access, NewAccounts, PackSettings};
use crate::process::Process;

/// Everything that a process could change.
fn stored(world: &World) -> String {
    let secrets: Vec<_> = world.secrets.current_values().into_keys().collect();
    let index = (world.index.all_packs(), world.index.all_places(), world.index.all_ids());
    format!("{} values, {secrets:?}, {index:?}", world.secrets.writes())
}

/// A deletion for good moves the pack to another secret. The process that does it crashes at each of its requests.
#[tokio::test(start_paused = true)]
async fn an_account_can_be_read_at_every_point_of_a_rollover_without_a_write() {
    let start = World::new();
    for (account, token) in [("shop-de", "IGAA-gone"), ("shop-fr", "IGAA-stays")] {
        start.vault().create(&document(account, token)).await.unwrap();
    }
    for point in 0.. {
        let world = start.fork();
        let process = Process::default().crashing_at(point);
        let vault = world.vault_of(&process, 1, settings());
        let mut removal = tokio::spawn(async move { vault.remove(&name("shop-de"), Removal::ForGood).await });
        let has_crashed = tokio::select! {
            () = process.crashed() => true,
            removed = &mut removal => {
                removed.unwrap().unwrap();
                false
            }
        };
        let before = stored(&world);
        let reader = world.vault_of(&Process::default(), 2, PackSettings { access: Access::Read, ..settings() });
        let read = reader.get(&name("shop-fr")).await.unwrap().unwrap();
        assert_eq!(read.document.access_token.expose(), "IGAA-stays", "{point}");
        assert_eq!(stored(&world), before, "{point}");
        if !has_crashed {
            assert!(point > 5, "the rollover had only {point} requests");
            assert_eq!(reader.get(&name("shop-de")).await, Ok(None));
            return;
        }
        removal.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn more_accounts_than_a_batch_of_the_index_are_read_at_once() {
    let world = World::new();
    let settings = PackSettings { new_accounts: NewAccounts::Together, ..settings() };
    let vault = world.vault_of(&Process::default(), 1, settings);
    let names: Vec<_> = (0..vault.most_at_once()).map(|number| name(&format!("shop-{number}"))).collect();
    for name in &names {
        vault.create(&document(name.as_str(), "IGAA-first")).await.unwrap();
    }
    let page = world.vault().get_many(&names).await.unwrap();
    assert_eq!((page.accounts.len(), page.unreadable.len()), (names.len(), 0));
}
