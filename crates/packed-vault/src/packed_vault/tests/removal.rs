//! Removed accounts, and what is left of them.

use evertoken_core::vault::{AccountIndex, AccountStore, ParkedDocuments, Removal};
use time::Duration;

use super::fixture::{World, document, list, name, pack_id, settings, with_token};
use super::places::no_place_is_empty;
use crate::process::Process;

#[tokio::test(start_paused = true)]
async fn a_deletion_for_good_leaves_no_version_of_any_secret_that_holds_the_account() {
    let world = World::new();
    let vault = world.vault();
    let (gone, stays) = (document("shop-de", "IGAA-gone"), document("shop-fr", "IGAA-stays"));
    let version = vault.create(&gone).await.unwrap();
    let other = vault.create(&stays).await.unwrap();
    let version = vault.replace(&version, &with_token(&gone, "IGAA-gone-2")).await.unwrap();
    vault.park(&version, &with_token(&gone, "IGAA-gone-3")).await.unwrap();
    assert!(!world.traces(&gone.name).is_empty());
    vault.remove(&gone.name, Removal::ForGood).await.unwrap();
    assert_eq!(world.traces(&gone.name), []);
    assert!(!world.index.all_places().contains_key(&gone.name));
    assert_eq!(world.index.all_ids().values().flatten().filter(|name| **name == gone.name).count(), 0);
    // The other account keeps its version, in the next generation.
    vault.replace(&other, &with_token(&stays, "IGAA-stays-2")).await.unwrap();
    assert_eq!(world.pack(&pack_id(1)).secret().to_string(), "packs/main-00001/2");
    assert_eq!(world.secrets.current_values().len(), 1);
    assert_eq!(world.index.all_packs()[&pack_id(1)].used, 1);
}

/// Meta sends the request for deletion after the removal of the app.
#[tokio::test(start_paused = true)]
async fn a_removed_account_can_still_be_deleted_for_good() {
    let world = World::new();
    let vault = world.vault();
    let gone = document("shop-de", "IGAA-gone");
    vault.create(&gone).await.unwrap();
    vault.remove(&gone.name, Removal::Recoverable).await.unwrap();
    assert_eq!(vault.get(&gone.name).await, Ok(None));
    let found = vault.find(&gone.account_id).await.unwrap();
    assert_eq!((found.accounts.len(), found.removed), (0, vec![gone.name.clone()]));
    assert!(!world.traces(&gone.name).is_empty());
    vault.remove(&gone.name, Removal::ForGood).await.unwrap();
    assert_eq!(world.traces(&gone.name), []);
    assert_eq!(vault.find(&gone.account_id).await.unwrap().removed, []);
}

#[tokio::test(start_paused = true)]
async fn a_removed_account_is_purged_after_seven_days() {
    let world = World::new();
    let vault = world.vault();
    let gone = document("shop-de", "IGAA-gone");
    vault.create(&gone).await.unwrap();
    vault.create(&document("shop-fr", "IGAA-stays")).await.unwrap();
    vault.remove(&gone.name, Removal::Recoverable).await.unwrap();
    world.clock.advance(Duration::days(6));
    list(&vault).await;
    assert!(!world.traces(&gone.name).is_empty());
    world.clock.advance(Duration::days(1));
    assert_eq!(list(&vault).await.0.into_keys().collect::<Vec<_>>(), ["shop-fr"]);
    assert_eq!(world.traces(&gone.name), []);
    assert!(!world.index.all_places().contains_key(&gone.name));
    assert!(!world.index.all_ids().contains_key(&gone.account_id));
    let state = &world.index.all_packs()[&pack_id(1)];
    assert_eq!((state.used, state.purge_after, state.retiring), (1, None, None));
}

/// Another account's deletion has replaced the secret in the meantime.
#[tokio::test(start_paused = true)]
async fn the_ids_of_a_removed_account_are_forgotten_although_no_version_holds_it() {
    let world = World::new();
    let vault = world.vault();
    let (gone, other) = (document("shop-de", "IGAA-gone"), document("shop-fr", "IGAA-other"));
    vault.create(&gone).await.unwrap();
    vault.create(&other).await.unwrap();
    vault.remove(&gone.name, Removal::Recoverable).await.unwrap();
    vault.remove(&other.name, Removal::ForGood).await.unwrap();
    assert_eq!(world.traces(&gone.name), []);
    assert!(world.index.all_ids().contains_key(&gone.account_id));
    world.clock.advance(Duration::days(7));
    list(&vault).await;
    assert!(world.index.all_ids().is_empty() && world.index.all_places().is_empty());
    assert_eq!(world.index.all_packs()[&pack_id(1)].purge_after, None);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_connected_again_is_not_purged() {
    let world = World::new();
    let vault = world.vault();
    let first = document("shop-de", "IGAA-first");
    vault.create(&first).await.unwrap();
    vault.remove(&first.name, Removal::Recoverable).await.unwrap();
    let again = with_token(&first, "IGAA-again");
    vault.create(&again).await.unwrap();
    world.clock.advance(Duration::days(8));
    assert_eq!(list(&vault).await.0["shop-de"].document, again);
    assert_eq!(list(&vault).await.0["shop-de"].document, again);
    assert_eq!(vault.find(&first.account_id).await.unwrap().accounts.len(), 1);
    assert_eq!(world.index.all_packs()[&pack_id(1)].used, 1);
}

#[tokio::test(start_paused = true)]
async fn a_replaced_account_leaves_no_trace_once_it_is_forgotten() {
    let world = World::new();
    let vault = world.vault();
    let first = document("shop-de", "IGAA-first");
    let version = vault.create(&first).await.unwrap();
    vault.park(&version, &with_token(&first, "IGAA-parked")).await.unwrap();
    let mut other = with_token(&document("other", "IGAA-other"), "IGAA-other");
    other.name = name("shop-de");
    vault.replace(&version, &other).await.unwrap();
    assert_eq!(vault.find(&first.account_id).await.unwrap().former, [name("shop-de")]);
    vault.forget_earlier(&other.name).await.unwrap();
    assert!(world.secrets.everything().iter().all(|(secret, value)| {
        let pack = crate::Pack::decode(secret, value).unwrap();
        pack.account(&other.name).unwrap().unwrap().document == other && pack.parked(&other.name).unwrap().is_none()
    }));
    assert_eq!(vault.find(&first.account_id).await.unwrap().former, []);
    assert_eq!(vault.find(&other.account_id).await.unwrap().accounts.len(), 1);
}

/// The account has left its pack, and the index could not be told.
#[tokio::test(start_paused = true)]
async fn a_removal_that_failed_halfway_is_purged_after_seven_days_once_it_was_repeated() {
    for point in 0..20 {
        let world = World::new();
        let gone = document("shop-de", "IGAA-gone");
        world.vault().create(&gone).await.unwrap();
        let vault = world.vault_of(&Process::default().failing_at(point), 1, settings());
        if vault.remove(&gone.name, Removal::Recoverable).await.is_err() {
            world.vault().remove(&gone.name, Removal::Recoverable).await.unwrap();
        }
        world.clock.advance(Duration::days(7));
        list(&world.vault()).await;
        assert_eq!(world.traces(&gone.name), [], "{point}");
    }
}

/// Transactions on one item conflict if they arrive at the same time. That is no login.
#[tokio::test(start_paused = true)]
async fn a_removal_whose_transaction_conflicts_with_another_one_leaves_no_place() {
    for transaction in 0..3 {
        for removals in [
            [Removal::Recoverable].as_slice(),
            [Removal::ForGood].as_slice(),
            [Removal::Recoverable, Removal::ForGood].as_slice(),
        ] {
            let world = World::new();
            let vault = world.vault();
            let gone = document("shop-de", "IGAA-gone");
            vault.create(&gone).await.unwrap();
            world.index.conflict_at(transaction);
            for removal in removals {
                vault.remove(&gone.name, *removal).await.unwrap();
            }
            no_place_is_empty(&world, &format!("{transaction} {removals:?}"));
            let is_known = world.index.all_places().contains_key(&gone.name);
            assert_eq!(is_known, removals == [Removal::Recoverable], "{transaction} {removals:?}");
        }
    }
}

/// The account has a secret of its own, and a process that unpacks it again finds nothing left to do.
#[tokio::test(start_paused = true)]
async fn an_account_that_has_left_its_pack_is_purged_from_it_although_the_process_stopped() {
    for point in 0..20 {
        let world = World::new();
        let vault = world.vault();
        let account = document("shop-de", "IGAA-first");
        vault.create(&account).await.unwrap();
        let (leaving, by) = (vault.leaving(&account.name).await.unwrap().unwrap(), vault.new_use().unwrap());
        vault.leave(&leaving, &by).await.unwrap();
        let stopping = world.vault_of(&Process::default().failing_at(point), 1, settings());
        let settled = stopping.settle(&pack_id(1), &account.name, &by).await;
        if settled.is_err() && world.pack(&pack_id(1)).in_transit(&account.name).is_some() {
            vault.settle(&pack_id(1), &account.name, &by).await.unwrap();
        }
        world.clock.advance(Duration::days(7));
        list(&vault).await;
        assert_eq!(world.traces(&account.name), [], "{point}");
    }
}
