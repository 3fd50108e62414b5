//! Creating, reading, listing and removing accounts.

use evertoken_core::vault::{AccountIndex, AccountStore, PAGE_SIZE, Removal};
use serde_json::json;

use super::fixture::{VaultFixture, is_conflict, list_names, list_pages};
use crate::sample::{document, name, with_token};

pub async fn a_created_account_can_be_read(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
    assert_eq!(vault.get(&name("shop-de")).await, Ok(None));
    let version = vault.create(&document("shop-de")).await.unwrap();
    let read = vault.get(&name("shop-de")).await.unwrap().unwrap();
    assert_eq!(read.document, document("shop-de"));
    assert_eq!(vault.cohort_of(&version), read.cohort);
    assert_eq!(read.version, version);
}

pub async fn list_returns_all_accounts_in_pages(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
    assert!(list_names(&vault).await.is_empty());
    let expected: Vec<String> = (10..55).map(|number| format!("shop-{number}")).collect();
    for name in &expected {
        vault.create(&document(name)).await.unwrap();
    }
    assert_eq!(list_names(&vault).await, expected);
    let pages = list_pages(&vault).await;
    assert!(pages.iter().all(|page| page.accounts.len() <= PAGE_SIZE && page.unreadable.is_empty()));
    assert!(pages.len() >= 3, "{} pages", pages.len());
    for account in pages.iter().flat_map(|page| &page.accounts) {
        assert_eq!(vault.get(&account.document.name).await.unwrap().as_ref(), Some(account));
    }
}

pub async fn get_many_omits_missing_accounts(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
    assert!(vault.get_many(&[]).await.unwrap().accounts.is_empty());
    vault.create(&document("shop-de")).await.unwrap();
    vault.create(&document("shop-fr")).await.unwrap();
    let page = vault.get_many(&[name("shop-fr"), name("shop-it"), name("shop-de")]).await.unwrap();
    let mut found: Vec<_> = page.accounts.iter().map(|account| account.document.name.as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, ["shop-de", "shop-fr"]);
    assert!(page.unreadable.is_empty());
    for account in &page.accounts {
        assert_eq!(vault.get(&account.document.name).await.unwrap().as_ref(), Some(account));
    }
}

pub async fn creating_an_existing_account_is_a_conflict(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
    let first = document("shop-de");
    vault.create(&first).await.unwrap();
    assert!(is_conflict(&vault.create(&with_token("IGAA-second", &first)).await));
    assert!(is_conflict(&vault.create(&first).await));
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().document, first);
}

pub async fn a_removed_account_can_be_created_again(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
    let first = document("shop-de");
    vault.remove(&first.name, Removal::Recoverable).await.unwrap();
    vault.remove(&first.name, Removal::ForGood).await.unwrap();
    let stale = vault.create(&first).await.unwrap();
    vault.remove(&first.name, Removal::Recoverable).await.unwrap();
    vault.remove(&first.name, Removal::Recoverable).await.unwrap();
    assert_eq!(vault.get(&first.name).await, Ok(None));
    assert!(vault.get_many(std::slice::from_ref(&first.name)).await.unwrap().accounts.is_empty());
    assert!(list_names(&vault).await.is_empty());

    let again = with_token("IGAA-again", &first);
    let version = vault.create(&again).await.unwrap();
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().document, again);
    assert!(is_conflict(&vault.create(&first).await));
    assert!(is_conflict(&vault.replace(&stale, &with_token("IGAA-from-before", &first)).await));
    vault.replace(&version, &with_token("IGAA-next", &again)).await.unwrap();
    assert_eq!(list_names(&vault).await, ["shop-de"]);
}

pub async fn an_account_removed_for_good_can_be_created_again(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
    let first = document("shop-de");
    for before in [None, Some(Removal::Recoverable)] {
        vault.create(&first).await.unwrap();
        if let Some(removal) = before {
            vault.remove(&first.name, removal).await.unwrap();
        }
        vault.remove(&first.name, Removal::ForGood).await.unwrap();
        vault.remove(&first.name, Removal::ForGood).await.unwrap();
        assert_eq!(vault.get(&first.name).await, Ok(None));
        let found = vault.find(&first.account_id).await.unwrap();
        assert!(found.accounts.is_empty() && found.removed.is_empty(), "{found:?}");
    }
    let version = vault.create(&first).await.unwrap();
    vault.replace(&version, &with_token("IGAA-next", &first)).await.unwrap();
}

pub async fn unknown_fields_survive_a_replace(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
    let mut first = document("shop-de");
    first.unknown.insert("note".to_owned(), json!({"of": "the operator", "big": 9_007_199_254_740_993_u64}));
    first.health.unknown.insert("seen_by".to_owned(), json!("anna"));
    vault.create(&first).await.unwrap();
    let read = vault.get(&first.name).await.unwrap().unwrap();
    vault.replace(&read.version, &with_token("IGAA-second", &read.document)).await.unwrap();
    let again = vault.get(&first.name).await.unwrap().unwrap().document;
    assert_eq!(again, with_token("IGAA-second", &first));
}
