//! Where accounts are placed.

use std::time::Duration as StdDuration;

use evertoken_core::group::Group;
use evertoken_core::invite::InviteId;
use evertoken_core::vault::{AccountIndex, AccountStore, InviteClaims, Removal, VaultError};
use time::Duration;

use super::fixture::{World, document, list, name, pack_id, settings, with_token};
use crate::pack_index::PackIndex;
use crate::packed_vault::{Expectation, PackSettings};
use crate::process::Process;
use crate::seeded_entropy::SeededEntropy;

#[tokio::test(start_paused = true)]
async fn a_pack_that_is_full_is_closed_and_another_one_is_added() {
    let world = World::new();
    let vault = world.vault();
    for number in 0..40 {
        vault.create(&document(&format!("shop-{number}"), "IGAA")).await.unwrap();
    }
    let packs = world.index.all_packs();
    assert_eq!(packs.values().map(|state| state.used).collect::<Vec<_>>(), [16, 16, 8]);
    assert_eq!(world.pack(&pack_id(1)).len(), 16);
    let open = world.index.group(&Group::main()).await.unwrap().open;
    assert_eq!(open.into_iter().collect::<Vec<_>>(), [3]);
    assert_eq!(list(&vault).await.0.len(), 40);
}

/// Transactions on one item conflict if they arrive at the same time.
#[tokio::test(start_paused = true)]
async fn a_login_adds_the_first_pack_although_a_transaction_conflicts_with_another_one() {
    for transaction in 0..3 {
        let world = World::new();
        world.index.conflict_at(transaction);
        let vault = world.vault();
        vault.create(&document("shop-de", "IGAA")).await.unwrap();
        assert_eq!(list(&vault).await.0.len(), 1, "{transaction}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_pack_takes_a_limited_number_of_logins_a_day() {
    let world = World::new();
    let settings = PackSettings { logins_per_day: 3, ..settings() };
    let vault = world.vault_of(&Process::default(), 1, settings);
    let create = async |from: usize, to: usize| {
        for number in from..to {
            vault.create(&document(&format!("shop-{number}"), "IGAA")).await.unwrap();
        }
        world.index.all_packs().values().map(|state| state.used).collect::<Vec<_>>()
    };
    assert_eq!(create(0, 7).await, [3, 3, 1]);
    world.clock.advance(Duration::days(2));
    let used = create(7, 16).await;
    assert_eq!((used.len(), used.iter().sum::<u32>()), (3, 16));
}

/// The versions of an evening and of the next morning count together.
#[tokio::test(start_paused = true)]
async fn a_pack_that_has_taken_many_logins_in_a_day_takes_none_in_the_next() {
    let world = World::new();
    let settings = PackSettings { logins_per_day: 8, ..settings() };
    let vault = world.vault_of(&Process::default(), 1, settings);
    let create = async |from: usize, to: usize| {
        for number in from..to {
            vault.create(&document(&format!("shop-{number}"), "IGAA")).await.unwrap();
        }
        world.index.all_packs().values().map(|state| state.used).collect::<Vec<_>>()
    };
    assert_eq!(create(0, 10).await, [8, 2]);
    world.clock.advance(Duration::days(1));
    assert_eq!(create(10, 18).await, [8, 10]);
    assert_eq!(create(18, 19).await, [8, 10, 1]);
}

/// Otherwise a move of many accounts would leave each pack half empty, and a pack costs the same however much it holds.
#[tokio::test(start_paused = true)]
async fn accounts_that_an_operator_moves_do_not_count_as_logins() {
    let world = World::new();
    let settings = PackSettings { logins_per_day: 3, ..settings() };
    let vault = world.vault_of(&Process::default(), 1, settings);
    for number in 0..16 {
        let moved = document(&format!("shop-{number}"), "IGAA");
        let expected = vault.expect(&moved, &vault.new_use().unwrap()).await;
        assert_eq!(expected, Ok(Expectation::In(pack_id(1))), "{number}");
    }
    let state = &world.index.all_packs()[&pack_id(1)];
    assert_eq!((state.used, state.day_logins), (16, 0));
}

#[tokio::test(start_paused = true)]
async fn a_pack_is_opened_again_when_accounts_leave() {
    let world = World::new();
    let vault = world.vault();
    for number in 0..17 {
        vault.create(&document(&format!("shop-{number}"), "IGAA")).await.unwrap();
    }
    let in_first: Vec<_> = world.index.all_places().into_iter().filter(|(_, place)| place.pack == pack_id(1)).collect();
    for (name, _) in in_first.iter().take(5) {
        vault.remove(name, Removal::Recoverable).await.unwrap();
    }
    let open = world.index.group(&Group::main()).await.unwrap().open;
    assert_eq!(open.into_iter().collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_version_of_another_vault_is_a_conflict() {
    let world = World::new();
    let vault = world.vault();
    let first = document("shop-de", "IGAA");
    vault.create(&first).await.unwrap();
    for version in ["0a1b2c3d-0a1b-2c3d-0a1b-2c3d0a1b2c3d", "main-00001:999"] {
        let version = evertoken_core::document::VersionId::new(version);
        assert_eq!(vault.replace(&version, &with_token(&first, "IGAA-x")).await, Err(VaultError::Conflict));
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_is_found_at_once_by_each_of_its_ids() {
    let world = World::new();
    let vault = world.vault();
    let mut first = document("shop-de", "IGAA");
    first.meta_user_id = Some("42".parse().unwrap());
    vault.create(&first).await.unwrap();
    for id in [&first.account_id, &first.app_scoped_id, first.meta_user_id.as_ref().unwrap()] {
        let found = vault.find(id).await.unwrap();
        assert_eq!((found.accounts.len(), found.may_miss_recent), (1, false), "{id}");
    }
}

/// The longest that a link to use once is valid.
#[tokio::test(start_paused = true)]
async fn a_used_invite_stays_used_for_thirty_days() {
    let world = World::new();
    let vault = world.vault();
    let invite = InviteId::generate(&SeededEntropy::new(1)).unwrap();
    vault.claim(&invite).await.unwrap();
    world.clock.advance(Duration::days(30));
    assert_eq!(vault.claim(&invite).await, Err(VaultError::Conflict));
}

/// Each of them would otherwise list and create secrets, which AWS limits.
#[tokio::test(start_paused = true)]
async fn one_of_many_logins_adds_the_next_pack() {
    let world = World::new();
    let vault = world.vault_of(&Process::new(1, StdDuration::from_millis(10)), 1, settings());
    let logins = (0..40).map(|number| {
        let vault = vault.clone();
        async move { vault.create(&document(&format!("shop-{number}"), "IGAA")).await.map(|_| ()) }
    });
    let stored: Result<Vec<_>, _> = futures_util::future::try_join_all(logins).await;
    assert_eq!(stored.map(|stored| stored.len()), Ok(40));
    let packs = world.index.all_packs();
    assert_eq!(packs.values().map(|state| state.used).collect::<Vec<_>>(), [16, 16, 8]);
}

/// The table was restored to an earlier state, or emptied.
#[tokio::test(start_paused = true)]
async fn an_empty_index_over_existing_packs_is_a_clear_error_and_nothing_is_overwritten() {
    let world = World::new();
    world.vault().create(&document("shop-de", "IGAA")).await.unwrap();
    let before = world.secrets.current_values().len();
    world.index.clear();
    let vault = world.vault();
    let lost = |error: VaultError| {
        let text = error.to_string();
        assert!(text.contains("the index does not know the secret packs/main-00001/"), "{text}");
    };
    lost(vault.create(&document("shop-fr", "IGAA")).await.unwrap_err());
    let pages: Result<Vec<_>, _> = futures_util::TryStreamExt::try_collect(vault.list()).await;
    lost(pages.unwrap_err());
    assert_eq!(world.secrets.current_values().len(), before);
    assert_eq!(vault.get(&name("shop-fr")).await, Ok(None));
}

/// Also if the pack is in a later generation, whose first secret is gone.
#[tokio::test(start_paused = true)]
async fn a_pack_of_a_later_generation_is_not_created_again() {
    let world = World::new();
    let vault = world.vault();
    vault.create(&document("shop-de", "IGAA")).await.unwrap();
    vault.create(&document("shop-fr", "IGAA")).await.unwrap();
    vault.remove(&name("shop-fr"), Removal::ForGood).await.unwrap();
    world.index.clear();
    let error = world.vault().create(&document("shop-it", "IGAA")).await.unwrap_err().to_string();
    assert!(error.contains("the index does not know the secret packs/main-00001/2"), "{error}");
}
