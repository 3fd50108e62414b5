//! Places of accounts in packs, and the ids that they are found by.

use std::collections::{BTreeMap, BTreeSet};

use evertoken_core::vault::VaultError;
use evertoken_packed_vault::{BATCH, DayBudget, PackIndex, PackState, Place, Reservation, ReserveError};

use super::fixture::{
    NOW, PackIndexFixture, ids, name, names, names_of, pack, place, placed, reservation, state, today, use_id,
    with_two_packs,
};

pub async fn a_reserved_place_can_be_found(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let wanted = Reservation {
        ids: ids(["17841405793187218", "28978671838402975"]),
        budget: DayBudget::Start { day: today() },
        ..reservation("shop-de", pack(2))
    };
    index.reserve(&wanted).await.unwrap();
    let expected = Place {
        pack: pack(2),
        uses: [wanted.used_by].into(),
        ids: wanted.ids.clone(),
        earlier: BTreeSet::new(),
        removed_until: None,
    };
    assert_eq!(place(&index, "shop-de").await, Some(expected.clone()));
    assert_eq!(index.places(&[name("shop-de")]).await, Ok([(name("shop-de"), expected)].into()));
    for id in &wanted.ids {
        assert_eq!(index.names(id).await, Ok(names(["shop-de"])));
    }
    let counted = PackState { used: 1, day: Some(today()), day_logins: 1, ..PackState::new() };
    assert_eq!((state(&index, 1).await, state(&index, 2).await), (PackState::new(), counted));
}

pub async fn a_batch_leaves_out_names_without_a_place(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let expected: BTreeMap<_, _> =
        [(name("shop-0"), placed(&index, "shop-0").await), (name("shop-99"), placed(&index, "shop-99").await)].into();
    let batch: Vec<_> = (0..BATCH).map(|number| name(&format!("shop-{number}"))).collect();
    assert_eq!(index.places(&batch).await, Ok(expected.clone()));
    // The same name twice is the same as once.
    assert_eq!(index.places(&[name("shop-99"), name("shop-0"), name("shop-99")]).await, Ok(expected));
}

pub async fn a_name_has_one_place(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let first = placed(&index, "shop-de").await;
    for number in 1..=2 {
        let again =
            Reservation { used_by: use_id(2), ids: ids(["17841405793187218"]), ..reservation("shop-de", pack(number)) };
        assert_eq!(index.reserve(&again).await, Err(ReserveError::Taken));
    }
    assert_eq!(place(&index, "shop-de").await, Some(first));
    assert_eq!(names_of(&index, "17841405793187218").await, BTreeSet::new());
    assert_eq!((state(&index, 1).await.used, state(&index, 2).await.used), (1, 0));
}

pub async fn a_pack_gives_away_no_more_places_than_it_has(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    for number in 0..16 {
        index.reserve(&reservation(&format!("shop-{number}"), pack(1))).await.unwrap();
    }
    let full = Reservation { ids: ids(["17841405793187218"]), ..reservation("shop-de", pack(1)) };
    assert_eq!(index.reserve(&full).await, Err(ReserveError::Full));
    assert_eq!((place(&index, "shop-de").await, state(&index, 1).await.used), (None, 16));
    assert_eq!(names_of(&index, "17841405793187218").await, BTreeSet::new());
    index.reserve(&Reservation { pack: pack(2), ..full.clone() }).await.unwrap();
    assert_eq!(names_of(&index, "17841405793187218").await, names(["shop-de"]));
}

pub async fn a_pack_gives_away_no_more_places_a_day_than_its_budget(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let reserve =
        async |account: &str, budget| index.reserve(&Reservation { budget, ..reservation(account, pack(1)) }).await;
    let (day, tomorrow) = (today(), today().next_day().unwrap());
    // No day has begun.
    assert_eq!(reserve("a", DayBudget::Continue { day, logins: 3 }).await, Err(ReserveError::Full));
    assert_eq!(reserve("a", DayBudget::Start { day }).await, Ok(()));
    assert_eq!(reserve("b", DayBudget::Start { day }).await, Err(ReserveError::Full));
    assert_eq!(reserve("b", DayBudget::Continue { day: tomorrow, logins: 3 }).await, Err(ReserveError::Full));
    assert_eq!(reserve("b", DayBudget::Continue { day, logins: 3 }).await, Ok(()));
    assert_eq!(reserve("c", DayBudget::Ignore).await, Ok(()));
    assert_eq!(reserve("d", DayBudget::Continue { day, logins: 3 }).await, Ok(()));
    assert_eq!(reserve("e", DayBudget::Continue { day, logins: 3 }).await, Err(ReserveError::Full));
    let counted = PackState { used: 4, day: Some(day), day_logins: 3, ..PackState::new() };
    assert_eq!(state(&index, 1).await, counted);
    assert_eq!(reserve("e", DayBudget::Start { day: tomorrow }).await, Ok(()));
    let counted = PackState { used: 5, day: Some(tomorrow), day_logins: 1, ..counted };
    assert_eq!(state(&index, 1).await, counted);
}

pub async fn an_unknown_pack_has_no_places(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    for budget in [DayBudget::Ignore, DayBudget::Start { day: today() }] {
        let wanted = Reservation { budget, ..reservation("shop-de", pack(3)) };
        assert_eq!(index.reserve(&wanted).await, Err(ReserveError::Full));
    }
    assert_eq!((place(&index, "shop-de").await, index.pack(&pack(3)).await), (None, Ok(None)));
}

pub async fn each_login_adds_a_use_to_the_place(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let before = placed(&index, "shop-de").await;
    // Twice, because nothing happens if the place has the use.
    for number in [3, 2, 3] {
        index.add_use(&name("shop-de"), &pack(1), &use_id(number)).await.unwrap();
    }
    let uses = [use_id(1), use_id(2), use_id(3)].into();
    assert_eq!(place(&index, "shop-de").await, Some(Place { uses, ..before }));
    assert_eq!(state(&index, 1).await, PackState { used: 1, ..PackState::new() });
}

/// A removal that has read the place before must not release the place of a login.
pub async fn a_place_with_another_use_is_not_as_read(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let account = name("shop-de");
    let first = placed(&index, "shop-de").await;
    index.add_use(&account, &pack(1), &use_id(2)).await.unwrap();
    let second = place(&index, "shop-de").await.unwrap();
    let none = Place { uses: [].into(), ..first.clone() };
    let other = Place { uses: [use_id(1), use_id(3)].into(), ..first.clone() };
    for stale in [&first, &none, &other] {
        assert_eq!(index.mark_removed(&account, stale, NOW).await, Err(VaultError::Conflict));
        assert_eq!(index.release(&account, stale).await, Err(VaultError::Conflict));
    }
    assert_eq!(place(&index, "shop-de").await, Some(second.clone()));
    assert_eq!(state(&index, 1).await, PackState { used: 1, ..PackState::new() });
    index.release(&account, &second).await.unwrap();
    assert_eq!(place(&index, "shop-de").await, None);
}

pub async fn a_use_can_be_taken_back(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let account = name("shop-de");
    let first = placed(&index, "shop-de").await;
    index.add_use(&account, &pack(1), &use_id(2)).await.unwrap();
    // Nothing happens if the name has no such place, or if the place has no such use.
    index.take_use_back(&account, &pack(2), &use_id(2)).await.unwrap();
    index.take_use_back(&name("shop-fr"), &pack(1), &use_id(2)).await.unwrap();
    index.take_use_back(&account, &pack(1), &use_id(3)).await.unwrap();
    assert_eq!(place(&index, "shop-fr").await, None);
    assert_eq!(place(&index, "shop-de").await.unwrap().uses, [use_id(1), use_id(2)].into());
    for _ in 0..2 {
        index.take_use_back(&account, &pack(1), &use_id(2)).await.unwrap();
        assert_eq!(place(&index, "shop-de").await, Some(first.clone()));
    }
    index.take_use_back(&account, &pack(1), &use_id(1)).await.unwrap();
    let unused = place(&index, "shop-de").await.unwrap();
    assert_eq!(unused, Place { uses: [].into(), ..first.clone() });
    assert_eq!(index.release(&account, &first).await, Err(VaultError::Conflict));
    index.release(&account, &unused).await.unwrap();
}

pub async fn only_a_place_in_that_pack_gets_a_use(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let first = placed(&index, "shop-de").await;
    assert_eq!(index.add_use(&name("shop-de"), &pack(2), &use_id(2)).await, Err(VaultError::Conflict));
    assert_eq!(index.add_use(&name("shop-fr"), &pack(1), &use_id(2)).await, Err(VaultError::Conflict));
    assert_eq!((place(&index, "shop-de").await, place(&index, "shop-fr").await), (Some(first), None));
}

pub async fn more_ids_can_be_registered(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let before = placed(&index, "shop-de").await;
    index.register(&name("shop-de"), &ids(["1", "2"])).await.unwrap();
    index.register(&name("shop-de"), &ids(["2", "3"])).await.unwrap();
    index.register(&name("shop-de"), &ids([])).await.unwrap();
    assert_eq!(place(&index, "shop-de").await, Some(Place { ids: ids(["1", "2", "3"]), ..before }));
    placed(&index, "shop-fr").await;
    index.register(&name("shop-fr"), &ids(["3"])).await.unwrap();
    assert_eq!(names_of(&index, "1").await, names(["shop-de"]));
    assert_eq!(names_of(&index, "3").await, names(["shop-de", "shop-fr"]));
}

pub async fn ids_can_be_unregistered(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    for account in ["shop-de", "shop-fr"] {
        placed(&index, account).await;
        index.register(&name(account), &ids(["1", "2"])).await.unwrap();
    }
    index.unregister(&name("shop-de"), &ids([])).await.unwrap();
    // Ids that the account does not have are ignored.
    index.unregister(&name("shop-de"), &ids(["2", "3"])).await.unwrap();
    assert_eq!(place(&index, "shop-de").await.unwrap().ids, ids(["1"]));
    assert_eq!(place(&index, "shop-fr").await.unwrap().ids, ids(["1", "2"]));
    assert_eq!(names_of(&index, "1").await, names(["shop-de", "shop-fr"]));
    assert_eq!(names_of(&index, "2").await, names(["shop-fr"]));
    index.unregister(&name("shop-fr"), &ids(["1", "2"])).await.unwrap();
    assert_eq!(place(&index, "shop-fr").await.unwrap().ids, BTreeSet::new());
    assert_eq!(names_of(&index, "2").await, BTreeSet::new());
}

pub async fn only_names_with_a_place_have_ids(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    for wanted in [ids(["1", "2"]), ids([])] {
        assert_eq!(index.register(&name("shop-de"), &wanted).await, Err(VaultError::Conflict));
        assert_eq!(index.unregister(&name("shop-de"), &wanted).await, Err(VaultError::Conflict));
    }
    assert_eq!((place(&index, "shop-de").await, names_of(&index, "1").await), (None, BTreeSet::new()));
}
