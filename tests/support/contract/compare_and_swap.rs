//! A writer can replace only the version that it has read.

use std::sync::Arc;

use evertoken_core::vault::{AccountStore, ParkedDocuments};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::fixture::{VaultFixture, is_conflict};
use crate::sample::{document, name, with_token};

pub async fn replacing_the_current_version_creates_a_new_one(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
    let first = document("shop-de");
    let one = vault.create(&first).await.unwrap();
    let two = vault.replace(&one, &with_token("IGAA-second", &first)).await.unwrap();
    let three = vault.replace(&two, &with_token("IGAA-third", &first)).await.unwrap();
    assert!(one != two && two != three && one != three);
    let read = vault.get(&first.name).await.unwrap().unwrap();
    assert_eq!(read.version, three);
    assert_eq!(read.document, with_token("IGAA-third", &first));
}

pub async fn replacing_a_stale_version_is_a_conflict(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
    let first = document("shop-de");
    let base = vault.create(&first).await.unwrap();
    let mut version = base.clone();
    // The base is stale by one version and then by several; after that, no staging label points to it.
    for token in ["IGAA-second", "IGAA-third", "IGAA-fourth", "IGAA-fifth"] {
        let newer = with_token(token, &first);
        version = vault.replace(&version, &newer).await.unwrap();
        assert!(is_conflict(&vault.replace(&base, &with_token("IGAA-stale", &first)).await));
        let read = vault.get(&first.name).await.unwrap().unwrap();
        assert_eq!((read.version, read.document), (version.clone(), newer));
    }
}

pub async fn repeating_a_replace_is_idempotent(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
    let first = document("shop-de");
    let base = vault.create(&first).await.unwrap();
    let second = with_token("IGAA-second", &first);
    let version = vault.replace(&base, &second).await.unwrap();
    assert_eq!(vault.replace(&base, &second).await, Ok(version.clone()));
    let read = vault.get(&first.name).await.unwrap().unwrap();
    assert_eq!((read.version, read.document), (version, second));
}

pub async fn replacing_or_parking_a_missing_account_is_a_conflict(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
    let other = vault.create(&document("shop-fr")).await.unwrap();
    assert!(is_conflict(&vault.replace(&other, &document("shop-de")).await));
    assert!(is_conflict(&vault.park(&other, &document("shop-de")).await));
    assert_eq!(vault.get(&name("shop-de")).await, Ok(None));
}

pub async fn one_of_sixteen_concurrent_writers_wins(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
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
