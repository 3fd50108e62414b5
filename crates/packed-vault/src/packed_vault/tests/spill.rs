//! Packs that become too large.

use evertoken_core::document::Document;
use evertoken_core::group::Group;
use evertoken_core::vault::{AccountIndex, AccountStore, ParkedDocuments, Removal};

use super::fixture::{World, document, list, name, pack_id, with_token};

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
    let open = crate::pack_index::PackIndex::group(&world.index, &Group::main()).await.unwrap().open;
    assert!(!open.contains(&1), "{open:?}");
    vault.create(&document("shop-new", "IGAA")).await.unwrap();
    assert!(!world.pack(&pack_id(1)).holds(&name("shop-new")));
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
