//! What cannot be moved is named, nothing is overwritten, and all others are moved.

use evertoken_core::document::MovedTo;
use evertoken_core::group::Group;
use evertoken_core::vault::{AccountIndex, AccountStore, VaultError};
use futures_util::StreamExt;

use super::fixture::{World, document, list, name, with_token};
use crate::PackValue;
use crate::ids::PackId;
use crate::layered_vault::Moved;
use crate::pack_index::PackIndex;

fn pack(number: u32) -> PackId {
    PackId::new(Group::main(), number)
}

#[tokio::test(start_paused = true)]
async fn a_document_that_is_too_large_for_a_pack_stays_and_is_named() {
    let world = World::new();
    let mut large = document("large");
    large.unknown.insert("note".to_owned(), "n".repeat(20_000).into());
    let version = world.singles.create(&large).await.unwrap();
    world.singles.create(&document("shop-de")).await.unwrap();
    let vault = world.vault();
    let error = vault.pack(&large.name).await.unwrap_err();
    assert_eq!(error.to_string(), "the vault is unavailable (the document is too large for a pack)");
    assert_eq!(vault.pack(&name("shop-de")).await, Ok(Moved::Now));
    assert_eq!(world.singles.get(&large.name).await.unwrap().unwrap().version, version);
    assert_eq!(world.index.place(&large.name).await, Ok(None));
    assert_eq!(list(&vault).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_broken_pack_is_named_and_takes_no_more_accounts() {
    let world = World::new();
    for number in 0..4 {
        world.singles.create(&document(&format!("shop-{number}"))).await.unwrap();
    }
    let vault = world.vault();
    assert_eq!(vault.pack(&name("shop-0")).await, Ok(Moved::Now));
    let secret = pack(1).at(crate::Generation::FIRST);
    let intact = world.secrets.current_values()[&secret].clone();
    world.secrets.overwrite(&secret, PackValue::new(b"\x1f\x8b\x08 broken".to_vec()));
    let vault = world.vault();
    let broken = "the account's document is unreadable: the secret packs/main-00001/1 is unreadable: the value is not gzip, or \
                  is damaged";
    assert_eq!(vault.pack(&name("shop-1")).await.unwrap_err().to_string(), broken);
    // It is still where it was, and the next one goes to another pack.
    assert_eq!(vault.get(&name("shop-1")).await.unwrap().unwrap().document, document("shop-1"));
    for number in 1..4 {
        assert_eq!(vault.pack(&name(&format!("shop-{number}"))).await, Ok(Moved::Now));
    }
    assert_eq!(world.pack(&pack(2)).len(), 3);
    for moved in [vault.pack(&name("shop-0")).await, vault.unpack(&name("shop-0")).await] {
        assert_eq!(moved.unwrap_err().to_string(), broken);
    }
    assert_eq!(world.secrets.current_values()[&secret].expose(), b"\x1f\x8b\x08 broken");
    // An operator restores the version before.
    world.secrets.overwrite(&secret, intact);
    assert_eq!(world.vault().unpack(&name("shop-0")).await, Ok(Moved::Now));
}

#[tokio::test(start_paused = true)]
async fn a_login_that_meets_a_broken_pack_can_be_read_and_the_next_one_goes_to_another_pack() {
    let world = World::new();
    world.vault().create(&document("shop-0")).await.unwrap();
    world.secrets.overwrite(&pack(1).at(crate::Generation::FIRST), PackValue::new(b"broken".to_vec()));
    let vault = world.vault();
    for number in 1..3 {
        let login = document(&format!("shop-{number}"));
        vault.create(&login).await.unwrap();
        assert_eq!(vault.get(&login.name).await.unwrap().unwrap().document, login);
    }
    assert!(world.singles.get(&name("shop-1")).await.unwrap().is_some());
    assert!(world.pack(&pack(2)).holds(&name("shop-2")));
}

#[tokio::test(start_paused = true)]
async fn a_lost_table_does_not_undo_a_login_that_came_before_the_rebuild() {
    let world = World::new();
    let vault = world.vault();
    for number in 0..3 {
        vault.create(&document(&format!("shop-{number}"))).await.unwrap();
    }
    world.index.clear();
    let vault = world.vault();
    let mut login = with_token(&document("shop-1"), "IGAA-login");
    login.connected_at += time::Duration::hours(1);
    // No pack takes it, because the index does not know them.
    vault.create(&login).await.unwrap();
    assert_eq!(world.singles.get(&login.name).await.unwrap().unwrap().document, login);
    let report = vault.reindex(|_, _| {}).await.unwrap();
    let problem = "the account had a secret of its own besides its pack; the later login counts";
    assert_eq!(
        report.problems.iter().map(|one| (one.name.as_str(), one.problem.as_str())).collect::<Vec<_>>(),
        [("shop-1", problem)]
    );
    assert_eq!(vault.packed().get(&login.name).await.unwrap().unwrap().document, login);
    assert_eq!(list(&vault).await.len(), 3);
    assert_eq!(vault.reindex(|_, _| {}).await.unwrap().problems, []);
}

/// A run that refreshes only the accounts outside of packs would look complete.
#[tokio::test(start_paused = true)]
async fn without_its_table_a_vault_lists_nothing() {
    let world = World::new();
    world.vault().create(&document("in-a-pack")).await.unwrap();
    world.singles.create(&document("alone")).await.unwrap();
    world.index.clear();
    let pages: Vec<_> = world.vault().list().collect().await;
    assert!(matches!(pages.as_slice(), [Err(VaultError::Unavailable { .. })]), "{pages:?}");
}

#[tokio::test(start_paused = true)]
async fn a_copy_of_a_removed_account_is_no_account_and_is_named() {
    let world = World::new();
    let vault = world.vault();
    world.singles.create(&document("shop-de")).await.unwrap();
    vault.pack(&name("shop-de")).await.unwrap();
    // The move has stopped before it labeled the copy, and somebody empties the pack.
    world.singles.label(&document("shop-de").with_moved_to(&MovedTo::nowhere()), None).await.unwrap();
    vault.packed().remove(&name("shop-de"), evertoken_core::vault::Removal::Recoverable).await.unwrap();
    assert_eq!(vault.get(&name("shop-de")).await, Ok(None));
    for moved in [vault.pack(&name("shop-de")).await, vault.unpack(&name("shop-de")).await] {
        assert_eq!(moved, Ok(Moved::Absent));
    }
    let pages: Vec<_> = futures_util::TryStreamExt::try_collect(vault.list()).await.unwrap();
    let unreadable: Vec<_> = pages.iter().flat_map(|page: &evertoken_core::vault::Page| &page.unreadable).collect();
    assert_eq!((unreadable.len(), unreadable[0].name.as_str()), (1, "shop-de"));
    // The next login is not held up.
    vault.create(&with_token(&document("shop-de"), "IGAA-next")).await.unwrap();
    assert_eq!(list(&vault).await.len(), 1);
    assert_eq!(vault.create(&document("shop-de")).await, Err(VaultError::Conflict));
}

#[tokio::test(start_paused = true)]
async fn a_moved_document_keeps_keys_that_this_release_does_not_know() {
    let world = World::new();
    let mut known = document("shop-de");
    known.unknown.insert("moved_to".to_owned(), "Berlin".into());
    known.unknown.insert("note".to_owned(), serde_json::json!({"a": [1, 2]}));
    world.singles.create(&known).await.unwrap();
    let vault = world.vault();
    vault.pack(&known.name).await.unwrap();
    vault.unpack(&known.name).await.unwrap();
    assert_eq!(world.singles.get(&known.name).await.unwrap().unwrap().document, known);
}
