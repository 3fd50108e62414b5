//! Reads of AWSCURRENT that return an older version, in a process that has seen no newer one.

use evertoken_core::vault::{AccountStore, ParkedDocuments, Removal, VaultError};

use super::fixture::{World, document, list, with_token};

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
