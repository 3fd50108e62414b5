//! Accounts come, are found, and go.

use evertoken_core::ports::{PAGE, Vault};
use serde_json::json;

use super::{Place, is_conflict, names, pages};
use crate::sample::{document, name, with_token};

pub async fn what_was_created_is_read_again(place: &impl Place) {
    let vault = place.vault();
    assert_eq!(vault.get(&name("shop-de")).await, Ok(None));
    let version = vault.create(&document("shop-de")).await.unwrap();
    let read = vault.get(&name("shop-de")).await.unwrap().unwrap();
    assert_eq!(read.document, document("shop-de"));
    assert_eq!(read.version, version);
    assert!(vault.locate(&name("shop-de")).contains("shop-de"));
}

pub async fn forty_five_accounts_come_in_pages(place: &impl Place) {
    let vault = place.vault();
    assert!(names(&vault).await.is_empty());
    let expected: Vec<String> = (10..55).map(|number| format!("shop-{number}")).collect();
    for name in &expected {
        vault.create(&document(name)).await.unwrap();
    }
    assert_eq!(names(&vault).await, expected);
    let pages = pages(&vault).await;
    assert!(pages.iter().all(|page| page.accounts.len() <= PAGE && page.unreadable.is_empty()));
    assert!(pages.len() >= 3, "{} pages", pages.len());
    for account in pages.iter().flat_map(|page| &page.accounts) {
        assert_eq!(vault.get(&account.document.name).await.unwrap().as_ref(), Some(account));
    }
}

pub async fn a_page_of_names_leaves_out_who_is_absent(place: &impl Place) {
    let vault = place.vault();
    assert!(vault.get_page(&[]).await.unwrap().accounts.is_empty());
    vault.create(&document("shop-de")).await.unwrap();
    vault.create(&document("shop-fr")).await.unwrap();
    let page = vault.get_page(&[name("shop-fr"), name("shop-it"), name("shop-de")]).await.unwrap();
    let mut found: Vec<_> = page.accounts.iter().map(|account| account.document.name.as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, ["shop-de", "shop-fr"]);
    assert!(page.unreadable.is_empty());
    for account in &page.accounts {
        assert_eq!(vault.get(&account.document.name).await.unwrap().as_ref(), Some(account));
    }
}

pub async fn creating_twice_is_a_conflict(place: &impl Place) {
    let vault = place.vault();
    let first = document("shop-de");
    vault.create(&first).await.unwrap();
    assert!(is_conflict(&vault.create(&with_token("IGAA-second", &first)).await));
    assert!(is_conflict(&vault.create(&first).await));
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().document, first);
}

pub async fn a_removed_account_is_gone_and_can_come_again(place: &impl Place) {
    let vault = place.vault();
    let first = document("shop-de");
    vault.remove(&first.name).await.unwrap();
    let stale = vault.create(&first).await.unwrap();
    vault.remove(&first.name).await.unwrap();
    vault.remove(&first.name).await.unwrap();
    assert_eq!(vault.get(&first.name).await, Ok(None));
    assert!(vault.get_page(std::slice::from_ref(&first.name)).await.unwrap().accounts.is_empty());
    assert!(names(&vault).await.is_empty());

    let again = with_token("IGAA-again", &first);
    let version = vault.create(&again).await.unwrap();
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().document, again);
    assert!(is_conflict(&vault.create(&first).await));
    assert!(is_conflict(&vault.replace(&stale, &with_token("IGAA-from-before", &first)).await));
    vault.replace(&version, &with_token("IGAA-next", &again)).await.unwrap();
    assert_eq!(names(&vault).await, ["shop-de"]);
}

pub async fn keys_that_are_not_ours_survive(place: &impl Place) {
    let vault = place.vault();
    let mut first = document("shop-de");
    first.unknown.insert("note".to_owned(), json!({"of": "the operator", "big": 9_007_199_254_740_993_u64}));
    first.health.unknown.insert("seen_by".to_owned(), json!("anna"));
    vault.create(&first).await.unwrap();
    let read = vault.get(&first.name).await.unwrap().unwrap();
    vault.replace(&read.version, &with_token("IGAA-second", &read.document)).await.unwrap();
    let again = vault.get(&first.name).await.unwrap().unwrap().document;
    assert_eq!(again, with_token("IGAA-second", &first));
}
