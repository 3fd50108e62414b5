//! Finding accounts by id.

use evertoken_core::account::AccountId;
use evertoken_core::document::Document;
use evertoken_core::vault::{AccountIndex, AccountStore, ParkedDocuments, Removal};

use super::fixture::VaultFixture;
use crate::sample::{document, name};

pub async fn find_returns_all_accounts_with_either_id(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
    let mut other = document("other");
    (other.account_id, other.app_scoped_id) = ("17841405793187".parse().unwrap(), "2897867183840".parse().unwrap());
    for document in [document("shop-de"), document("shop-fr"), other] {
        vault.create(&document).await.unwrap();
    }
    let named = async |id: &str| {
        let found = vault.find(&id.parse().unwrap()).await.unwrap();
        let mut names: Vec<_> = found.accounts.iter().map(|account| account.document.name.to_string()).collect();
        names.sort();
        names
    };
    for id in ["17841405793187218", "28978671838402975"] {
        assert_eq!(named(id).await, ["shop-de", "shop-fr"], "{id}");
    }
    // A prefix of another account's id is a different id.
    assert_eq!(named("17841405793187").await, ["other"]);
    assert!(named("1").await.is_empty());

    vault.remove(&name("shop-de"), Removal::Recoverable).await.unwrap();
    assert_eq!(named("17841405793187218").await, ["shop-fr"]);
}

pub async fn find_returns_the_replacement_of_an_account(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
    let first = document("shop-de");
    let version = vault.create(&first).await.unwrap();
    let other = Document { account_id: "17841400000000001".parse().unwrap(), ..first.clone() };
    vault.replace(&version, &other).await.unwrap();
    vault.label(&other, None).await.unwrap();
    let found = async |id: &AccountId| vault.find(id).await.unwrap().accounts.len();
    assert_eq!((found(&other.account_id).await, found(&first.account_id).await), (1, 0));
}

pub async fn a_replaced_account_is_found_until_it_is_forgotten(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
    let first = document("shop-de");
    let version = vault.create(&first).await.unwrap();
    vault.park(&version, &first).await.unwrap();
    let mut other = document("shop-de");
    (other.account_id, other.app_scoped_id) = ("17841400000000001".parse().unwrap(), "2800000000001".parse().unwrap());
    vault.replace(&version, &other).await.unwrap();
    let found = async |id: &AccountId| {
        let found = vault.find(id).await.unwrap();
        (found.accounts.len(), found.former)
    };
    let both = [&first.account_id, &first.app_scoped_id];
    // With the index entry of the first account, and with the entry that an interrupted replacement leaves.
    for interrupted in [false, true] {
        if interrupted {
            vault.label(&other, Some(&first)).await.unwrap();
        }
        for id in both {
            assert_eq!(found(id).await, (0, vec![name("shop-de")]), "{interrupted} {id}");
        }
    }
    vault.forget_earlier(&name("shop-de")).await.unwrap();
    for id in both {
        assert_eq!(found(id).await, (0, Vec::new()), "{id}");
    }
    assert_eq!(vault.parked(&name("shop-de")).await.unwrap(), None);
    assert_eq!(found(&other.account_id).await, (1, Vec::new()));
    vault.forget_earlier(&name("unknown")).await.unwrap();
}
