//! Accounts that move to another pack.

use std::collections::BTreeSet;

use evertoken_core::vault::VaultError;
use evertoken_packed_vault::{Departure, Generation, PackIndex, PackState, Place};

use super::fixture::{
    NOW, PackIndexFixture, ids, name, names, names_of, pack, place, placed, state, use_id, with_two_packs,
};

pub async fn a_moved_account_is_in_the_other_pack(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    placed(&index, "shop-fr").await;
    placed(&index, "shop-de").await;
    index.register(&name("shop-de"), &ids(["1"])).await.unwrap();
    let before = place(&index, "shop-de").await.unwrap();
    index.move_to(&name("shop-de"), &pack(1), &pack(2)).await.unwrap();
    let expected = Place { pack: pack(2), earlier: [pack(1)].into(), ..before };
    assert_eq!(place(&index, "shop-de").await, Some(expected));
    assert_eq!(names_of(&index, "1").await, names(["shop-de"]));
    let used = PackState { used: 1, ..PackState::new() };
    assert_eq!((state(&index, 1).await, state(&index, 2).await), (used.clone(), used));
}

pub async fn an_account_is_moved_once(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    index.add_pack(&pack(3)).await.unwrap();
    let before = placed(&index, "shop-de").await;
    index.move_to(&name("shop-de"), &pack(1), &pack(2)).await.unwrap();
    for to in [2, 3] {
        assert_eq!(index.move_to(&name("shop-de"), &pack(1), &pack(to)).await, Err(VaultError::Conflict));
    }
    assert_eq!(index.move_to(&name("shop-fr"), &pack(1), &pack(2)).await, Err(VaultError::Conflict));
    index.move_to(&name("shop-de"), &pack(2), &pack(3)).await.unwrap();
    let expected = Place { pack: pack(3), earlier: [pack(1), pack(2)].into(), ..before };
    assert_eq!(place(&index, "shop-de").await, Some(expected));
    let used = [state(&index, 1).await.used, state(&index, 2).await.used, state(&index, 3).await.used];
    assert_eq!(used, [0, 0, 1]);
}

pub async fn a_removed_account_is_not_moved(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let before = placed(&index, "shop-de").await;
    index.mark_removed(&name("shop-de"), &before, NOW).await.unwrap();
    let removed = place(&index, "shop-de").await.unwrap();
    assert_eq!(index.move_to(&name("shop-de"), &pack(1), &pack(2)).await, Err(VaultError::Conflict));
    assert_eq!(place(&index, "shop-de").await, Some(removed));
    assert_eq!((state(&index, 1).await.used, state(&index, 2).await.used), (0, 0));
}

/// A move does not change the uses. If only they were compared, the removal would be counted in the pack that the account has
/// left.
pub async fn a_place_read_before_a_move_changes_nothing(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let account = name("shop-de");
    let before = placed(&index, "shop-de").await;
    index.move_to(&account, &pack(1), &pack(2)).await.unwrap();
    let moved = place(&index, "shop-de").await.unwrap();
    for result in [
        index.mark_removed(&account, &before, NOW).await,
        index.release(&account, &before).await,
        index.add_use(&account, &before.pack, &use_id(2)).await,
    ] {
        assert_eq!(result, Err(VaultError::Conflict));
    }
    assert_eq!(place(&index, "shop-de").await, Some(moved));
    let used = PackState { used: 1, ..PackState::new() };
    assert_eq!((state(&index, 1).await, state(&index, 2).await), (PackState::new(), used));
}

fn departure(account: &str, number: usize) -> Departure {
    Departure { name: name(account), from: use_id(number), by: use_id(number + 1) }
}

pub async fn departures_are_recorded_until_they_are_forgotten(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let all = [departure("shop-de", 1), departure("shop-de", 2), departure("shop-fr", 1)];
    for departure in &all {
        for _ in 0..2 {
            index.depart(&pack(1), departure).await.unwrap();
        }
    }
    let expected = PackState { departures: all.iter().cloned().collect(), ..PackState::new() };
    assert_eq!((state(&index, 1).await, state(&index, 2).await), (expected.clone(), PackState::new()));
    assert_eq!(index.packs(&[pack(1)]).await, Ok([(pack(1), expected)].into()));
    // The pack moves to the secret of its next generation.
    index.advance(&pack(1), Generation::FIRST).await.unwrap();
    let [first, second, third] = all;
    for _ in 0..2 {
        index.forget_departures(&pack(1), &[first.clone(), third.clone()].into()).await.unwrap();
    }
    assert_eq!(state(&index, 1).await.departures, BTreeSet::from([second.clone()]));
    index.forget_departures(&pack(1), &BTreeSet::new()).await.unwrap();
    index.forget_departures(&pack(1), &[second].into()).await.unwrap();
    assert_eq!(state(&index, 1).await.departures, BTreeSet::new());
}

pub async fn only_a_pack_that_exists_has_departures(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let departure = departure("shop-de", 1);
    assert_eq!(index.depart(&pack(3), &departure).await, Err(VaultError::Conflict));
    index.forget_departures(&pack(3), &[departure].into()).await.unwrap();
    assert_eq!(index.pack(&pack(3)).await, Ok(None));
}
