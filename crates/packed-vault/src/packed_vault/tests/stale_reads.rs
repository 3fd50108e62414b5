//! Reads of AWSCURRENT that return an older version, in a process that has seen no newer one.

use evertoken_core::vault::{AccountStore, ParkedDocuments, Removal, VaultError};

use super::fixture::{World, document, list, settings, with_token};
use crate::process::Process;

/// Two accounts. Every read of the pack returns a version in which the second one is missing or has its first document.
async fn stale() -> World {
    let world = World::new();
    world.vault().create(&document("shop-de", "IGAA-first")).await.unwrap();
    world.secrets.make_stale(1, 1_000);
    world
}

#[tokio::test(start_paused = true)]
async fn an_account_that_another_process_has_stored_is_found() {
    let world = stale().await;
    let created = document("shop-fr", "IGAA-new");
    world.vault().create(&created).await.unwrap();
    assert_eq!(world.vault().get(&created.name).await.unwrap().unwrap().document, created);
    assert_eq!(world.vault().create(&created).await, Err(VaultError::Conflict));
}

#[tokio::test(start_paused = true)]
async fn a_replacement_of_the_newest_version_succeeds() {
    let world = stale().await;
    let first = document("shop-de", "IGAA-first");
    let mut version = world.vault().get(&first.name).await.unwrap().unwrap().version;
    for token in ["IGAA-a", "IGAA-b", "IGAA-c"] {
        version = world.vault().replace(&version, &with_token(&first, token)).await.unwrap();
        world.vault().park(&version, &with_token(&first, "IGAA-parked")).await.unwrap();
    }
    let stale = world.vault().replace(&version, &with_token(&first, "IGAA-d")).await.unwrap();
    assert_eq!(world.vault().replace(&version, &with_token(&first, "IGAA-e")).await, Err(VaultError::Conflict));
    assert_ne!(stale, version);
}

#[tokio::test(start_paused = true)]
async fn a_removed_account_is_not_listed_and_its_siblings_are() {
    let world = stale().await;
    let gone = document("shop-fr", "IGAA-gone");
    world.vault().create(&gone).await.unwrap();
    world.vault().remove(&gone.name, Removal::Recoverable).await.unwrap();
    let (accounts, unreadable) = list(&world.vault()).await;
    assert_eq!((accounts.into_keys().collect::<Vec<_>>(), unreadable.len()), (vec!["shop-de".to_owned()], 0));
}

/// A read is stale, and the pack's secret is replaced before the next request.
#[tokio::test(start_paused = true)]
async fn a_secret_that_is_deleted_in_the_middle_of_a_read_does_not_hide_an_account() {
    for point in 0..24 {
        for removes in [false, true] {
            let world = stale().await;
            let second = document("shop-fr", "IGAA-second");
            world.vault().create(&second).await.unwrap();
            let process = Process::default().pausing_at(point);
            let vault = world.vault_of(&process, 1, settings());
            let name = second.name.clone();
            let work = tokio::spawn(async move {
                if removes {
                    vault.remove(&name, Removal::Recoverable).await.unwrap();
                }
                vault.get(&name).await.unwrap()
            });
            process.stops(&work).await;
            world.vault().forget_earlier(&document("shop-de", "").name).await.unwrap();
            process.resume();
            assert_eq!(work.await.unwrap().is_none(), removes, "{point}");
            assert_eq!(world.vault().get(&second.name).await.unwrap().is_none(), removes, "{point}");
        }
    }
}
