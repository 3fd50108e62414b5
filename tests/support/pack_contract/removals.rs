//! Accounts that are removed, return or are forgotten.

use std::collections::BTreeSet;

use evertoken_core::vault::VaultError;
use evertoken_packed_vault::{PackIndex, PackState, Place, Reservation, ReserveError};
use time::{Duration, OffsetDateTime};

use super::fixture::{
    NOW, PackIndexFixture, ids, name, names, names_of, pack, place, placed, reservation, state, use_id, with_two_packs,
};

/// Until when a removed account can be restored.
const UNTIL: OffsetDateTime = NOW.saturating_add(Duration::days(7));

/// Removes an account that is in the first pack, and returns its place.
async fn removed(index: &impl PackIndex, account: &str) -> Place {
    let before = placed(index, account).await;
    index.mark_removed(&name(account), &before, UNTIL).await.unwrap();
    place(index, account).await.unwrap()
}

pub async fn a_removed_account_keeps_its_place_until_it_is_released(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    placed(&index, "shop-fr").await;
    let before = placed(&index, "shop-de").await;
    index.register(&name("shop-de"), &ids(["1"])).await.unwrap();
    index.mark_removed(&name("shop-de"), &before, UNTIL).await.unwrap();
    let expected = Place { ids: ids(["1"]), removed_until: Some(UNTIL), ..before };
    assert_eq!(place(&index, "shop-de").await, Some(expected));
    assert_eq!(names_of(&index, "1").await, names(["shop-de"]));
    let expected = PackState { used: 1, purge_after: Some(UNTIL), removed: names(["shop-de"]), ..PackState::new() };
    assert_eq!(state(&index, 1).await, expected);
}

pub async fn an_account_is_removed_once(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let before = placed(&index, "shop-de").await;
    index.mark_removed(&name("shop-de"), &before, UNTIL).await.unwrap();
    let after = place(&index, "shop-de").await.unwrap();
    let later = UNTIL + Duration::days(1);
    for read in [&before, &after] {
        assert_eq!(index.mark_removed(&name("shop-de"), read, later).await, Err(VaultError::Conflict));
    }
    assert_eq!(index.add_use(&name("shop-de"), &pack(1), &use_id(2)).await, Err(VaultError::Conflict));
    assert_eq!(index.mark_removed(&name("shop-fr"), &before, later).await, Err(VaultError::Conflict));
    assert_eq!(place(&index, "shop-de").await, Some(after));
    assert_eq!((state(&index, 1).await.used, state(&index, 1).await.removed), (0, names(["shop-de"])));
}

pub async fn a_removal_does_not_postpone_the_purge_of_an_earlier_one(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    removed(&index, "shop-de").await;
    let other = placed(&index, "shop-fr").await;
    index.mark_removed(&name("shop-fr"), &other, UNTIL + Duration::days(1)).await.unwrap();
    let expected = PackState { purge_after: Some(UNTIL), removed: names(["shop-de", "shop-fr"]), ..PackState::new() };
    assert_eq!(state(&index, 1).await, expected);
    // It stays until the accounts are forgotten, also in the next generation.
    let first = expected.generation;
    index.advance(&pack(1), first).await.unwrap();
    let expected = PackState { generation: first.next(), retiring: Some(first), ..expected };
    assert_eq!(state(&index, 1).await, expected);
}

pub async fn a_removed_account_can_return_to_its_pack(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let before = removed(&index, "shop-de").await;
    index.register(&name("shop-de"), &ids(["1"])).await.unwrap();
    let wanted = Reservation {
        ids: ids(["2"]),
        used_by: use_id(2),
        replaces: Some(before.clone()),
        ..reservation("shop-de", pack(1))
    };
    index.reserve(&wanted).await.unwrap();
    let expected = Place { uses: [use_id(2)].into(), ids: ids(["1", "2"]), removed_until: None, ..before };
    assert_eq!(place(&index, "shop-de").await, Some(expected));
    assert_eq!(names_of(&index, "2").await, names(["shop-de"]));
    assert_eq!(state(&index, 1).await, PackState { used: 1, purge_after: Some(UNTIL), ..PackState::new() });
    // Its place is taken again.
    assert_eq!(index.reserve(&wanted).await, Err(ReserveError::Taken));
    assert_eq!(state(&index, 1).await.used, 1);
}

pub async fn a_removed_account_can_return_to_another_pack(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let before = removed(&index, "shop-de").await;
    let wanted = Reservation { used_by: use_id(2), replaces: Some(before.clone()), ..reservation("shop-de", pack(2)) };
    index.reserve(&wanted).await.unwrap();
    let expected =
        Place { pack: pack(2), uses: [use_id(2)].into(), earlier: [pack(1)].into(), removed_until: None, ..before };
    assert_eq!(place(&index, "shop-de").await, Some(expected));
    assert_eq!(state(&index, 1).await, PackState { purge_after: Some(UNTIL), ..PackState::new() });
    assert_eq!(state(&index, 2).await, PackState { used: 1, ..PackState::new() });
}

pub async fn a_reservation_replaces_only_the_place_it_names(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let before = removed(&index, "shop-de").await;
    let elsewhere = Place { pack: pack(2), ..before.clone() };
    let later = Place { removed_until: Some(UNTIL + Duration::days(1)), ..before.clone() };
    let present = Place { removed_until: None, ..before.clone() };
    for replaces in [None, Some(elsewhere), Some(later), Some(present)] {
        let wanted = Reservation { used_by: use_id(2), replaces, ..reservation("shop-de", pack(2)) };
        assert_eq!(index.reserve(&wanted).await, Err(ReserveError::Taken));
    }
    // A full pack leaves the replaced place as it is, too.
    let full =
        Reservation { replaces: Some(before.clone()), size: 0, used_by: use_id(2), ..reservation("shop-de", pack(2)) };
    assert_eq!(index.reserve(&full).await, Err(ReserveError::Full));
    assert_eq!(place(&index, "shop-de").await, Some(before));
    assert_eq!((state(&index, 1).await.removed, state(&index, 2).await.used), (names(["shop-de"]), 0));
}

pub async fn a_place_that_is_gone_cannot_be_replaced(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let before = removed(&index, "shop-de").await;
    index.release(&name("shop-de"), &before).await.unwrap();
    let wanted = Reservation { used_by: use_id(2), replaces: Some(before), ..reservation("shop-de", pack(2)) };
    assert_eq!(index.reserve(&wanted).await, Err(ReserveError::Taken));
    assert_eq!((place(&index, "shop-de").await, state(&index, 2).await.used), (None, 0));
    index.reserve(&Reservation { replaces: None, ..wanted }).await.unwrap();
}

pub async fn a_released_name_is_forgotten(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    for account in ["shop-de", "shop-fr"] {
        placed(&index, account).await;
        index.register(&name(account), &ids(["1"])).await.unwrap();
    }
    let last = place(&index, "shop-de").await.unwrap();
    index.release(&name("shop-de"), &last).await.unwrap();
    assert_eq!(place(&index, "shop-de").await, None);
    assert_eq!(names_of(&index, "1").await, names(["shop-fr"]));
    assert_eq!(state(&index, 1).await, PackState { used: 1, ..PackState::new() });
    assert_eq!(index.release(&name("shop-de"), &last).await, Err(VaultError::Conflict));
    assert_eq!(state(&index, 1).await.used, 1);
    let other = place(&index, "shop-fr").await.unwrap();
    index.release(&name("shop-fr"), &other).await.unwrap();
    assert_eq!((names_of(&index, "1").await, state(&index, 1).await), (BTreeSet::new(), PackState::new()));
    // The name can be used again.
    placed(&index, "shop-de").await;
}

pub async fn releasing_a_removed_account_does_not_count_it_twice(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    placed(&index, "shop-fr").await;
    let last = removed(&index, "shop-de").await;
    index.release(&name("shop-de"), &last).await.unwrap();
    assert_eq!(place(&index, "shop-de").await, None);
    assert_eq!(state(&index, 1).await, PackState { used: 1, purge_after: Some(UNTIL), ..PackState::new() });
}

pub async fn a_place_is_released_only_as_it_was_read(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let before = placed(&index, "shop-de").await;
    let marked = Place { removed_until: Some(UNTIL), ..before.clone() };
    assert_eq!(index.release(&name("shop-de"), &marked).await, Err(VaultError::Conflict));
    index.mark_removed(&name("shop-de"), &before, UNTIL).await.unwrap();
    let later = Place { removed_until: Some(UNTIL + Duration::days(1)), ..before.clone() };
    for read in [&before, &later] {
        assert_eq!(index.release(&name("shop-de"), read).await, Err(VaultError::Conflict));
    }
    assert_eq!(place(&index, "shop-de").await, Some(marked));
    assert_eq!((state(&index, 1).await.used, state(&index, 1).await.removed), (0, names(["shop-de"])));
}
