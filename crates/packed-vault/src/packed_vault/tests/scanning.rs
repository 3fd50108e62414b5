//! Runs that act on some accounts only.

use std::collections::BTreeSet;

use evertoken_core::document::Versioned;
use evertoken_core::vault::{AccountStore, Page, Removal};
use futures_util::TryStreamExt;

use super::fixture::{TestVault, World, document, with_token};
use crate::pack_index::PackIndex;

/// The accounts and the unreadable values of a scan that acts on the account with this name.
async fn scan(vault: &TestVault, acts_on: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let selection = |account: &Versioned| account.document.name.as_str() == acts_on;
    let pages: Vec<Page> = vault.scan(&selection).try_collect().await.unwrap();
    let accounts = pages.iter().flat_map(|page| &page.accounts).map(|account| account.document.name.to_string());
    let unreadable = pages.iter().flat_map(|page| &page.unreadable).map(|found| found.name.clone());
    (accounts.collect(), unreadable.collect())
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

/// Two accounts, of which one was removed. Each process first reads one of the two versions before the removal.
async fn one_removed() -> World {
    let world = World::new();
    let (stays, gone) = (document("shop-de", "IGAA-first"), document("shop-gone", "IGAA-first"));
    world.vault().create(&gone).await.unwrap();
    let version = world.vault().create(&stays).await.unwrap();
    world.vault().replace(&version, &with_token(&stays, "IGAA-second")).await.unwrap();
    world.vault().remove(&gone.name, Removal::Recoverable).await.unwrap();
    world.secrets.make_stale(1, 1_000);
    world
}

#[tokio::test(start_paused = true)]
async fn an_account_that_was_removed_a_moment_ago_is_not_acted_on() {
    let world = one_removed().await;
    assert_eq!(scan(&world.vault(), "shop-gone").await, (names(&["shop-de"]), names(&[])));
}

#[tokio::test(start_paused = true)]
async fn the_places_of_other_accounts_are_not_read() {
    let world = one_removed().await;
    // Only its place would tell that the second account is gone.
    assert_eq!(scan(&world.vault(), "shop-de").await, (names(&["shop-de", "shop-gone"]), names(&[])));
}

#[tokio::test(start_paused = true)]
async fn an_account_that_the_index_does_not_know_is_reported_when_it_is_due() {
    let world = World::new();
    for name in ["shop-de", "shop-lost"] {
        world.vault().create(&document(name, "IGAA-first")).await.unwrap();
    }
    let lost = document("shop-lost", "IGAA-first").name;
    let place = world.index.all_places()[&lost].clone();
    world.index.release(&lost, &place).await.unwrap();
    assert_eq!(scan(&world.vault(), "shop-de").await, (names(&["shop-de", "shop-lost"]), names(&[])));
    assert_eq!(scan(&world.vault(), "shop-lost").await, (names(&["shop-de"]), names(&["shop-lost"])));
}
