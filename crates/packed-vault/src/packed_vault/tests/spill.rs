//! Packs that become too large.

use std::time::Duration;

use evertoken_core::account::AccountName;
use evertoken_core::document::Document;
use evertoken_core::group::Group;
use evertoken_core::vault::{AccountIndex, AccountStore, ParkedDocuments, Removal, VaultError};

use super::fixture::{TestVault, World, document, list, name, pack_id, settings, with_token};
use super::places::{no_place_is_empty, one_place};
use crate::ids::Generation;
use crate::pack::{Change, Pack};
use crate::pack_index::PackIndex;
use crate::pack_secrets::PackSecrets;
use crate::process::Process;

/// A token that does not compress.
fn token(characters: usize, seed: u64) -> String {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..characters).map(|_| random.alphanumeric()).collect()
}

/// Sixteen accounts with parked documents, whose tokens grow until they no longer fit into one pack.
async fn grown() -> (World, Vec<Document>) {
    let world = World::new();
    let vault = world.vault();
    let mut documents = Vec::new();
    for seed in 0..16 {
        let document = document(&format!("shop-{seed:02}"), &token(200, seed));
        let version = vault.create(&document).await.unwrap();
        vault.park(&version, &with_token(&document, "IGAA-parked")).await.unwrap();
        documents.push(document);
    }
    for (seed, document) in (16..).zip(&mut documents) {
        *document = with_token(document, &token(6_000, seed));
        let version = vault.get(&document.name).await.unwrap().unwrap().version;
        vault.replace(&version, document).await.unwrap();
    }
    (world, documents)
}

#[tokio::test(start_paused = true)]
async fn the_largest_accounts_of_a_pack_that_becomes_too_large_move_to_another_one() {
    let (world, documents) = grown().await;
    let vault = world.vault();
    let (accounts, unreadable) = list(&vault).await;
    assert_eq!((accounts.len(), unreadable.len()), (16, 0));
    for document in documents {
        assert_eq!(accounts[document.name.as_str()].document, document);
        let parked = vault.parked(&document.name).await.unwrap().unwrap();
        assert_eq!(parked.access_token.expose(), "IGAA-parked", "{}", document.name);
        assert_eq!(vault.find(&document.account_id).await.unwrap().accounts.len(), 1);
    }
    let packs = world.index.all_packs();
    assert!(packs.len() >= 2, "{packs:?}");
    for (id, state) in packs {
        let pack = world.pack(&id);
        assert_eq!((pack.len(), pack.moves().count()), (usize::try_from(state.used).unwrap(), 0), "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_pack_of_40_kib_takes_no_new_accounts() {
    let (world, _) = grown().await;
    let vault = world.vault();
    let open = world.index.group(&Group::main()).await.unwrap().open;
    assert!(!open.contains(&1), "{open:?}");
    vault.create(&document("shop-new", "IGAA")).await.unwrap();
    assert!(!world.pack(&pack_id(1)).holds(&name("shop-new")));
}

/// Otherwise there would be no room to note which accounts move, and the pack could never become smaller.
#[tokio::test(start_paused = true)]
async fn accounts_move_before_the_secret_of_their_pack_is_full_to_the_last_byte() {
    let world = World::new();
    let vault = world.vault();
    let documents: Vec<_> = (0..16).map(|number| document(&format!("shop-{number:02}"), "IGAA-first")).collect();
    for document in &documents {
        vault.create(document).await.unwrap();
    }
    for (seed, document) in (0..).zip(&documents[1..]) {
        let version = vault.get(&document.name).await.unwrap().unwrap().version;
        vault.replace(&version, &with_token(document, &token(5_300, seed))).await.unwrap();
    }
    let pack = world.pack(&pack_id(1));
    let first = vault.get(&documents[0].name).await.unwrap().unwrap();
    let size_with = |document: &Document| {
        let mut pack = pack.clone();
        let expected = pack.revision(&document.name);
        pack.apply(&Change::Replace { expected, document: Box::new(document.clone()) }).unwrap();
        pack.encode().map_or(usize::MAX, |value| value.expose().len())
    };
    // A secret takes 65,536 bytes.
    let nearly_full = (1..36)
        .map(|step| with_token(&first.document, &token(200 * step, 99)))
        .find(|document| (64_800..=65_536).contains(&size_with(document)))
        .unwrap();
    vault.replace(&first.version, &nearly_full).await.unwrap();
    assert_eq!(world.index.all_packs().len(), 2);
    assert_eq!(list(&vault).await.0.len(), 16);
    assert_eq!(vault.get(&nearly_full.name).await.unwrap().unwrap().document, nearly_full);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_for_good_also_cleans_the_pack_that_the_account_was_in_before() {
    let (world, _) = grown().await;
    let vault = world.vault();
    let places = world.index.all_places();
    let (moved, place) = places.iter().find(|(_, place)| !place.earlier.is_empty()).unwrap();
    assert!(world.traces(moved).iter().any(|secret| secret.pack != place.pack));
    vault.remove(moved, Removal::ForGood).await.unwrap();
    assert_eq!(world.traces(moved), []);
}

/// The account that had the name before may have been another person's.
#[tokio::test(start_paused = true)]
async fn earlier_documents_are_also_forgotten_in_the_pack_that_the_account_was_in_before() {
    let (world, _) = grown().await;
    let vault = world.vault();
    let places = world.index.all_places();
    let (moved, place) = places.iter().find(|(_, place)| !place.earlier.is_empty()).unwrap();
    assert!(world.traces(moved).iter().any(|secret| secret.pack != place.pack));
    vault.forget_earlier(moved).await.unwrap();
    assert_eq!(world.traces(moved), [world.pack(&place.pack).secret()]);
}

/// Writes longer tokens to accounts, one after the other.
async fn grow(vault: &TestVault, names: &[AccountName], seed: u64) {
    for (seed, name) in (seed..).zip(names) {
        for _ in 0..8 {
            let present = vault.get(name).await.unwrap().unwrap();
            match vault.replace(&present.version, &with_token(&present.document, &token(6_000, seed))).await {
                Ok(_) => break,
                Err(VaultError::Conflict | VaultError::Unavailable { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// Two full packs with short tokens, and the names in each of them.
async fn two_packs() -> (World, [Vec<AccountName>; 2]) {
    let world = World::new();
    let vault = world.vault();
    for number in 0..32 {
        vault.create(&document(&format!("shop-{number:02}"), "IGAA-first")).await.unwrap();
    }
    let places = world.index.all_places();
    let names = [1, 2].map(|number| {
        let here = places.iter().filter(|(_, place)| place.pack == pack_id(number));
        here.map(|(name, _)| name.clone()).collect()
    });
    (world, names)
}

/// Tokens that become longer make many packs too large in the same run.
#[tokio::test(start_paused = true)]
async fn two_packs_that_become_too_large_at_the_same_time_lose_no_account() {
    let (start, [one, two]) = two_packs().await;
    for seed in 0..2 {
        for is_same_process in [true, false] {
            let world = start.fork();
            let vault = |seed| world.vault_of(&Process::new(seed, Duration::from_millis(20)), seed, settings());
            let first = vault(seed);
            let second = if is_same_process { first.clone() } else { vault(seed + 100) };
            tokio::join!(grow(&first, &one, 100), grow(&second, &two, 200));
            let vault = world.vault();
            list(&vault).await;
            let (accounts, unreadable) = list(&vault).await;
            assert_eq!((accounts.len(), unreadable.len()), (32, 0), "{seed} {is_same_process}: {unreadable:?}");
            one_place(&world);
            no_place_is_empty(&world, &seed.to_string());
        }
    }
}

/// It was created for other accounts. So it would not take those that move there.
#[tokio::test(start_paused = true)]
async fn an_account_is_not_dropped_if_the_other_pack_does_not_expect_it() {
    let world = World::new();
    let vault = world.vault();
    let here = document("shop-de", "IGAA-de");
    vault.create(&here).await.unwrap();
    vault.add_pack(&pack_id(2), None).await.unwrap();
    let fence = Change::Fence { name: here.name.clone(), to: pack_id(2) };
    vault.commit_one(&pack_id(1), fence).await.unwrap();
    assert!(vault.finish_moves(&pack_id(1)).await.is_err());
    assert!(vault.finish_move(&pack_id(1), &here.name, &pack_id(2)).await.is_err());
    assert_eq!(list(&vault).await.0["shop-de"].document, here);
    assert_eq!(world.index.all_places()[&here.name].pack, pack_id(1));
}

/// Transactions on one item conflict if they arrive at the same time.
#[tokio::test(start_paused = true)]
async fn a_transaction_conflict_during_a_move_loses_no_account() {
    let (start, [one, _]) = two_packs().await;
    for transaction in 0..10 {
        let world = start.fork();
        world.index.conflict_at(transaction);
        let vault = world.vault();
        grow(&vault, &one, 100).await;
        let (accounts, unreadable) = list(&vault).await;
        assert_eq!((accounts.len(), unreadable.len()), (32, 0), "{transaction}: {unreadable:?}");
        one_place(&world);
        no_place_is_empty(&world, &transaction.to_string());
    }
}

/// The process has created the secret, and has stopped before it told the index.
#[tokio::test(start_paused = true)]
async fn a_pack_that_was_created_for_a_move_that_stopped_takes_new_accounts() {
    let (world, [one, _]) = two_packs().await;
    let secret = pack_id(3).at(Generation::FIRST);
    let left = Pack::receiving(&secret, &one, &pack_id(1));
    world.secrets.create(&secret, &left.encode().unwrap()).await.unwrap();
    let vault = world.vault();
    vault.create(&document("shop-new", "IGAA-new")).await.unwrap();
    grow(&vault, &one, 100).await;
    let (accounts, unreadable) = list(&vault).await;
    assert_eq!((accounts.len(), unreadable.len()), (33, 0), "{unreadable:?}");
    one_place(&world);
}

#[tokio::test(start_paused = true)]
async fn a_removed_account_is_also_purged_from_the_pack_that_it_was_in_before() {
    let (world, _) = grown().await;
    let vault = world.vault();
    let places = world.index.all_places();
    let (moved, _) = places.iter().find(|(_, place)| !place.earlier.is_empty()).unwrap();
    vault.remove(moved, Removal::Recoverable).await.unwrap();
    world.clock.advance(time::Duration::days(7));
    list(&vault).await;
    assert_eq!(world.traces(moved), []);
}

/// A login may give the account a place in that pack again.
#[tokio::test(start_paused = true)]
async fn a_login_during_the_purge_of_the_pack_that_the_account_was_in_before_is_kept() {
    let (start, _) = grown().await;
    let places = start.index.all_places();
    let (moved, place) = places.iter().find(|(_, place)| !place.earlier.is_empty()).unwrap();
    start.vault().remove(moved, Removal::Recoverable).await.unwrap();
    start.index.close(&place.pack).await.unwrap();
    start.index.reopen(&pack_id(1)).await.unwrap();
    start.clock.advance(time::Duration::days(7));
    let again = document(moved.as_str(), "IGAA-again");
    for point in 0.. {
        let world = start.fork();
        let process = Process::default().pausing_at(point);
        let purging = world.vault_of(&process, 1, settings());
        let purge = tokio::spawn(async move { list(&purging).await });
        let has_stopped = process.stops(&purge).await;
        world.vault().create(&again).await.unwrap();
        process.resume();
        purge.await.unwrap();
        let vault = world.vault();
        assert_eq!(vault.get(moved).await.unwrap().unwrap().document, again, "{point}");
        if !has_stopped {
            return;
        }
    }
}
