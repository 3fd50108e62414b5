//! Nobody overwrites what they have not read.

use evertoken_core::vault::AccountStore;
use evertoken_core::vault::ParkedDocuments;
use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::{Place, is_conflict};
use crate::sample::{document, name, with_token};

pub async fn a_replace_from_the_current_version_makes_a_new_one(place: &impl Place) {
    let vault = place.vault();
    let first = document("shop-de");
    let one = vault.create(&first).await.unwrap();
    let two = vault.replace(&one, &with_token("IGAA-second", &first)).await.unwrap();
    let three = vault.replace(&two, &with_token("IGAA-third", &first)).await.unwrap();
    assert!(one != two && two != three && one != three);
    let read = vault.get(&first.name).await.unwrap().unwrap();
    assert_eq!(read.version, three);
    assert_eq!(read.document, with_token("IGAA-third", &first));
}

pub async fn a_stale_replace_is_a_conflict_and_the_newer_stands(place: &impl Place) {
    let vault = place.vault();
    let first = document("shop-de");
    let base = vault.create(&first).await.unwrap();
    let mut version = base.clone();
    // Stale by one, then by several: the version that was read bears no label any more.
    for token in ["IGAA-second", "IGAA-third", "IGAA-fourth", "IGAA-fifth"] {
        let newer = with_token(token, &first);
        version = vault.replace(&version, &newer).await.unwrap();
        assert!(is_conflict(&vault.replace(&base, &with_token("IGAA-stale", &first)).await));
        let read = vault.get(&first.name).await.unwrap().unwrap();
        assert_eq!((read.version, read.document), (version.clone(), newer));
    }
}

pub async fn the_same_replace_again_is_a_no_op(place: &impl Place) {
    let vault = place.vault();
    let first = document("shop-de");
    let base = vault.create(&first).await.unwrap();
    let second = with_token("IGAA-second", &first);
    let version = vault.replace(&base, &second).await.unwrap();
    assert_eq!(vault.replace(&base, &second).await, Ok(version.clone()));
    let read = vault.get(&first.name).await.unwrap().unwrap();
    assert_eq!((read.version, read.document), (version, second));
}

pub async fn nothing_can_be_written_over_an_absent_account(place: &impl Place) {
    let vault = place.vault();
    let other = vault.create(&document("shop-fr")).await.unwrap();
    assert!(is_conflict(&vault.replace(&other, &document("shop-de")).await));
    assert!(is_conflict(&vault.park(&other, &document("shop-de")).await));
    assert_eq!(vault.get(&name("shop-de")).await, Ok(None));
}

pub async fn of_sixteen_writers_from_one_version_one_wins(place: &impl Place) {
    let vault = place.vault();
    let first = document("shop-de");
    let base = vault.create(&first).await.unwrap();
    let start = Arc::new(Barrier::new(16));
    let mut writers = JoinSet::new();
    for number in 0..16 {
        let (vault, base, start) = (vault.clone(), base.clone(), Arc::clone(&start));
        let next = with_token(&format!("IGAA-{number}"), &first);
        writers.spawn(async move {
            start.wait().await;
            (vault.replace(&base, &next).await, next)
        });
    }
    let (won, lost): (Vec<_>, Vec<_>) = writers.join_all().await.into_iter().partition(|(written, _)| written.is_ok());
    assert!(lost.iter().all(|(written, _)| is_conflict(written)), "{lost:?}");
    let [(version, document)] = won.as_slice() else { panic!("{} writers won", won.len()) };
    let read = vault.get(&first.name).await.unwrap().unwrap();
    assert_eq!((Ok(read.version), read.document), (version.clone(), document.clone()));
}

pub async fn a_parked_document_leaves_the_current_one_alone(place: &impl Place) {
    let vault = place.vault();
    let first = document("shop-de");
    assert_eq!(vault.parked(&first.name).await, Ok(None));
    let version = vault.create(&first).await.unwrap();
    assert_eq!(vault.parked(&first.name).await, Ok(None));
    for token in ["IGAA-refused", "IGAA-refused-too"] {
        let refused = with_token(token, &first);
        vault.park(&version, &refused).await.unwrap();
        assert_eq!(vault.parked(&first.name).await, Ok(Some(refused)));
    }
    let read = vault.get(&first.name).await.unwrap().unwrap();
    assert_eq!((&read.version, read.document), (&version, first.clone()));
    // And it does not stand in the next one's way.
    vault.replace(&version, &with_token("IGAA-second", &first)).await.unwrap();
    assert_eq!(vault.parked(&first.name).await, Ok(Some(with_token("IGAA-refused-too", &first))));
    assert_eq!(super::names(&vault).await, ["shop-de"]);
}

pub async fn parking_from_a_stale_version_is_a_conflict(place: &impl Place) {
    let vault = place.vault();
    let first = document("shop-de");
    let base = vault.create(&first).await.unwrap();
    vault.replace(&base, &with_token("IGAA-second", &first)).await.unwrap();
    assert!(is_conflict(&vault.park(&base, &with_token("IGAA-stale", &first)).await));
    assert_eq!(vault.parked(&first.name).await, Ok(None));
}
