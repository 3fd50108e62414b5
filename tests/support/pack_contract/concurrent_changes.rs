//! Concurrent changes of the index are decided one after the other.

use std::collections::BTreeSet;

use evertoken_core::group::Group;
use evertoken_core::vault::VaultError;
use evertoken_packed_vault::{
    DayBudget, Generation, GroupState, PackIndex, PackState, Reservation, ReserveError, UseId,
};
use time::Duration;

use super::fixture::{
    NOW, PackIndexFixture, assert_one_wins, concurrently, name, pack, place, placed, reservation, reserve_in_the_end,
    state, today, use_id, with_two_packs,
};
use super::invites_and_logins::invite;

pub async fn fifty_reservations_share_the_last_places(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    for number in 0..12 {
        placed(&index, &format!("shop-{number}")).await;
    }
    let results = concurrently(50, |number| {
        let wanted = Reservation { used_by: use_id(number), ..reservation(&format!("new-{number}"), pack(1)) };
        let index = index.clone();
        async move { (wanted.name.clone(), reserve_in_the_end(index, wanted).await) }
    })
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(|(_, reserved)| reserved.is_ok());
    assert!(lost.iter().all(|(_, reserved)| *reserved == Err(ReserveError::Full)), "{lost:?}");
    let names: Vec<_> = (0..50).map(|number| name(&format!("new-{number}"))).collect();
    let found: BTreeSet<_> = index.places(&names).await.unwrap().into_keys().collect();
    assert_eq!(found, won.into_iter().map(|(name, _)| name).collect());
    assert_eq!((found.len(), state(&index, 1).await.used), (4, 16));
}

pub async fn one_of_fifty_logins_starts_the_day(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let results = concurrently(50, |number| {
        let budget = DayBudget::Start { day: today() };
        let wanted = Reservation { budget, ..reservation(&format!("new-{number}"), pack(1)) };
        reserve_in_the_end(index.clone(), wanted)
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    assert!(results.iter().all(|result| matches!(result, Ok(()) | Err(ReserveError::Full))), "{results:?}");
    let expected = PackState { used: 1, day: Some(today()), day_logins: 1, ..PackState::new() };
    assert_eq!(state(&index, 1).await, expected);
}

pub async fn one_of_sixteen_reservations_of_a_name_wins(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let results = concurrently(16, |number| {
        // Half of them in another pack.
        let pack = pack(if number.is_multiple_of(2) { 1 } else { 2 });
        let wanted = Reservation { used_by: use_id(number), ..reservation("shop-de", pack) };
        let index = index.clone();
        async move { (reserve_in_the_end(index, wanted.clone()).await, wanted) }
    })
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(|(reserved, _)| reserved.is_ok());
    assert!(lost.iter().all(|(reserved, _)| *reserved == Err(ReserveError::Taken)), "{lost:?}");
    let [(_, winner)] = won.as_slice() else { panic!("{} won", won.len()) };
    let found = place(&index, "shop-de").await.unwrap();
    assert_eq!((found.uses, &found.pack), ([winner.used_by.clone()].into(), &winner.pack));
    assert_eq!(state(&index, 1).await.used + state(&index, 2).await.used, 1);
}

pub async fn one_of_sixteen_claims_wins(fixture: &impl PackIndexFixture) {
    let (index, invite) = (fixture.index(), invite());
    let results = concurrently(16, |_| {
        let (index, invite) = (index.clone(), invite.clone());
        async move { index.claim(&invite, NOW, NOW + Duration::days(1)).await }
    })
    .await;
    assert_one_wins(&results);
}

pub async fn one_of_sixteen_writers_adds_a_pack(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let results = concurrently(16, |_| {
        let index = index.clone();
        async move { index.add_pack(&pack(3)).await }
    })
    .await;
    assert_one_wins(&results);
    let expected = GroupState { packs: 3, open: [1, 2, 3].into() };
    assert_eq!(index.group(&Group::main()).await, Ok(expected));
}

pub async fn one_of_sixteen_writers_advances_a_pack(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let results = concurrently(16, |_| {
        let index = index.clone();
        async move { index.advance(&pack(1), Generation::FIRST).await }
    })
    .await;
    assert_one_wins(&results);
    assert_eq!(state(&index, 1).await.generation, Generation::new(2));
}

/// Either some logins have added their uses, or the place is gone.
pub async fn either_logins_or_a_removal_win(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    for round in 0..4 {
        let account = name(&format!("shop-{round}"));
        let read = placed(&index, account.as_str()).await;
        let results = concurrently(16, |number| {
            let (index, read, account) = (index.clone(), read.clone(), account.clone());
            async move {
                if number.is_multiple_of(2) {
                    let use_id = use_id(100 + number);
                    index.add_use(&account, &read.pack, &use_id).await.map(|()| Some(use_id))
                } else {
                    index.release(&account, &read).await.map(|()| None)
                }
            }
        })
        .await;
        assert!(results.iter().all(|result| matches!(result, Ok(_) | Err(VaultError::Conflict))), "{results:?}");
        let removals = results.iter().filter(|result| **result == Ok(None)).count();
        let logins: BTreeSet<UseId> = results.into_iter().filter_map(Result::ok).flatten().collect();
        match index.place(&account).await.unwrap() {
            None => assert_eq!((removals, logins.len()), (1, 0)),
            Some(place) => {
                let uses: BTreeSet<UseId> = logins.into_iter().chain([use_id(1)]).collect();
                assert_eq!((removals, &place.uses), (0, &uses));
                index.release(&account, &place).await.unwrap();
            }
        }
        assert_eq!(state(&index, 1).await.used, 0);
    }
}
