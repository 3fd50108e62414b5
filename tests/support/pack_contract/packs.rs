//! Packs, their groups and their generations.

use std::collections::{BTreeMap, BTreeSet};

use evertoken_core::group::Group;
use evertoken_core::vault::VaultError;
use evertoken_packed_vault::{BATCH, FoundPack, Generation, GroupState, PackId, PackIndex, PackState};
use time::Duration;

use super::fixture::{NOW, PackIndexFixture, name, names_of, pack, place, placed, reservation, state, with_two_packs};

pub async fn an_empty_index_knows_nothing(fixture: &impl PackIndexFixture) {
    let index = fixture.index();
    assert_eq!(place(&index, "shop-de").await, None);
    assert_eq!(index.places(&[name("shop-de")]).await, Ok(BTreeMap::new()));
    assert_eq!(index.places(&[]).await, Ok(BTreeMap::new()));
    assert_eq!(names_of(&index, "17841405793187218").await, BTreeSet::new());
    assert_eq!(index.pack(&pack(1)).await, Ok(None));
    assert_eq!(index.packs(&[pack(1), pack(2)]).await, Ok(BTreeMap::new()));
    assert_eq!(index.packs(&[]).await, Ok(BTreeMap::new()));
    assert_eq!(index.groups().await, Ok(BTreeSet::new()));
    assert_eq!(index.group(&Group::main()).await, Ok(GroupState::default()));
}

pub async fn packs_are_added_in_order(fixture: &impl PackIndexFixture) {
    let index = fixture.index();
    for number in 1..=3 {
        for wrong in [0, number - 1, number + 1] {
            assert_eq!(index.add_pack(&pack(wrong)).await, Err(VaultError::Conflict));
        }
        index.add_pack(&pack(number)).await.unwrap();
        let expected = GroupState { packs: number, open: (1..=number).collect() };
        assert_eq!(index.group(&Group::main()).await, Ok(expected));
        assert_eq!(state(&index, number).await, PackState::new());
        assert_eq!(index.pack(&pack(number + 1)).await, Ok(None));
    }
    assert_eq!(index.pack(&pack(0)).await, Ok(None));
}

pub async fn each_group_counts_its_own_packs(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let client: Group = "client-a".parse().unwrap();
    let packs = |number| PackId::new(client.clone(), number);
    assert_eq!(index.add_pack(&packs(3)).await, Err(VaultError::Conflict));
    assert_eq!(index.groups().await, Ok([Group::main()].into()));
    index.add_pack(&packs(1)).await.unwrap();
    assert_eq!(index.groups().await, Ok([Group::main(), client.clone()].into()));
    assert_eq!(index.group(&client).await, Ok(GroupState { packs: 1, open: [1].into() }));
    assert_eq!(index.group(&Group::main()).await, Ok(GroupState { packs: 2, open: [1, 2].into() }));
}

pub async fn a_closed_pack_can_be_opened_again(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let open = async || index.group(&Group::main()).await.unwrap().open;
    // Twice, because nothing happens if it is closed.
    for _ in 0..2 {
        index.close(&pack(1)).await.unwrap();
        assert_eq!(open().await, [2].into());
    }
    index.close(&pack(2)).await.unwrap();
    assert_eq!(index.group(&Group::main()).await, Ok(GroupState { packs: 2, open: [].into() }));
    for _ in 0..2 {
        index.reopen(&pack(1)).await.unwrap();
        assert_eq!(open().await, [1].into());
    }
    assert_eq!(state(&index, 1).await, PackState::new());
}

pub async fn only_packs_that_exist_can_be_opened(fixture: &impl PackIndexFixture) {
    let index = fixture.index();
    assert_eq!(index.reopen(&pack(1)).await, Err(VaultError::Conflict));
    index.close(&pack(1)).await.unwrap();
    assert_eq!(index.group(&Group::main()).await, Ok(GroupState::default()));
    index.add_pack(&pack(1)).await.unwrap();
    assert_eq!(index.reopen(&pack(2)).await, Err(VaultError::Conflict));
    index.close(&pack(2)).await.unwrap();
    assert_eq!(index.group(&Group::main()).await, Ok(GroupState { packs: 1, open: [1].into() }));
}

pub async fn a_batch_leaves_out_unknown_packs(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    index.advance(&pack(2), Generation::FIRST).await.unwrap();
    let batch: Vec<PackId> = (1..).take(BATCH).map(pack).collect();
    let expected: BTreeMap<PackId, PackState> =
        [(pack(1), state(&index, 1).await), (pack(2), state(&index, 2).await)].into();
    assert_eq!(index.packs(&batch).await, Ok(expected.clone()));
    // The same pack twice is the same as once.
    assert_eq!(index.packs(&[pack(2), pack(1), pack(2)]).await, Ok(expected));
}

pub async fn a_pack_advances_by_one_generation_at_a_time(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let (first, second, third) = (Generation::FIRST, Generation::new(2), Generation::new(3));
    assert_eq!(index.advance(&pack(1), second).await, Err(VaultError::Conflict));
    index.advance(&pack(1), first).await.unwrap();
    let advanced = PackState { generation: second, retiring: Some(first), ..PackState::new() };
    assert_eq!(state(&index, 1).await, advanced);
    // The first one was left, and its secret must be deleted before the second one is left.
    for from in [first, second] {
        assert_eq!(index.advance(&pack(1), from).await, Err(VaultError::Conflict));
    }
    assert_eq!(state(&index, 1).await, advanced);
    index.retired(&pack(1), first).await.unwrap();
    index.advance(&pack(1), second).await.unwrap();
    let advanced = PackState { generation: third, retiring: Some(second), ..PackState::new() };
    assert_eq!(state(&index, 1).await, advanced);
    assert_eq!(state(&index, 2).await, PackState::new());
    assert_eq!(index.advance(&pack(3), first).await, Err(VaultError::Conflict));
    assert_eq!(index.pack(&pack(3)).await, Ok(None));
}

pub async fn a_retired_generation_is_forgotten_once(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    index.retired(&pack(1), Generation::FIRST).await.unwrap();
    assert_eq!(state(&index, 1).await, PackState::new());
    index.advance(&pack(1), Generation::FIRST).await.unwrap();
    index.retired(&pack(1), Generation::new(2)).await.unwrap();
    assert_eq!(state(&index, 1).await.retiring, Some(Generation::FIRST));
    for _ in 0..2 {
        index.retired(&pack(1), Generation::FIRST).await.unwrap();
        assert_eq!(state(&index, 1).await, PackState { generation: Generation::new(2), ..PackState::new() });
    }
    index.retired(&pack(3), Generation::FIRST).await.unwrap();
    assert_eq!(index.pack(&pack(3)).await, Ok(None));
}

pub async fn a_purge_is_over_when_all_its_accounts_are_forgotten(fixture: &impl PackIndexFixture) {
    let index = with_two_packs(fixture).await;
    let due = NOW + Duration::days(7);
    for account in ["shop-de", "shop-fr"] {
        let read = placed(&index, account).await;
        index.mark_removed(&name(account), &read, due).await.unwrap();
    }
    for account in ["shop-de", "shop-fr"] {
        // Others are to be purged, too.
        index.purged(&pack(1), due).await.unwrap();
        assert_eq!(state(&index, 1).await.purge_after, Some(due));
        let read = place(&index, account).await.unwrap();
        index.release(&name(account), &read).await.unwrap();
    }
    // Another purge is meant.
    index.purged(&pack(1), due + Duration::days(1)).await.unwrap();
    assert_eq!(state(&index, 1).await, PackState { purge_after: Some(due), ..PackState::new() });
    for _ in 0..2 {
        index.purged(&pack(1), due).await.unwrap();
        assert_eq!(state(&index, 1).await, PackState::new());
    }
    index.purged(&pack(3), due).await.unwrap();
    assert_eq!(index.pack(&pack(3)).await, Ok(None));
}

/// An index that was lost is rebuilt from the secrets.
pub async fn a_found_pack_is_recorded(fixture: &impl PackIndexFixture) {
    let index = fixture.index();
    let (third, due) = (Generation::new(3), NOW + Duration::days(7));
    let found = FoundPack { generation: third, retiring: third.previous(), purge_after: due };
    index.record_pack(&pack(4), None, &found).await.unwrap();
    let expected =
        PackState { generation: third, retiring: third.previous(), purge_after: Some(due), ..PackState::new() };
    assert_eq!(index.pack(&pack(4)).await, Ok(Some(expected.clone())));
    // Only if the index is as it was read.
    for known in [None, Some(Generation::FIRST)] {
        assert_eq!(index.record_pack(&pack(4), known, &found).await, Err(VaultError::Conflict));
    }
    assert_eq!(index.record_pack(&pack(5), Some(third), &found).await, Err(VaultError::Conflict));
    assert_eq!(index.pack(&pack(5)).await, Ok(None));
    // It has places, and keeps them.
    index.reserve(&reservation("shop-de", pack(4))).await.unwrap();
    let later = FoundPack { generation: Generation::new(4), retiring: None, purge_after: due + Duration::days(1) };
    index.record_pack(&pack(4), Some(third), &later).await.unwrap();
    let expected = PackState { generation: later.generation, retiring: None, used: 1, ..expected };
    assert_eq!(index.pack(&pack(4)).await, Ok(Some(expected)));
}

pub async fn a_group_has_at_least_the_packs_that_were_recorded(fixture: &impl PackIndexFixture) {
    let index = fixture.index();
    for (recorded, packs) in [(2, 2), (2, 2), (1, 2), (3, 3)] {
        index.record_group(&Group::main(), recorded).await.unwrap();
        assert_eq!(index.group(&Group::main()).await, Ok(GroupState { packs, open: [].into() }));
        assert_eq!(index.groups().await, Ok([Group::main()].into()));
    }
    index.reopen(&pack(2)).await.unwrap();
    index.add_pack(&pack(4)).await.unwrap();
    assert_eq!(index.group(&Group::main()).await, Ok(GroupState { packs: 4, open: [2, 4].into() }));
}
