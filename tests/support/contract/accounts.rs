//! Accounts come, are found, and go.

use evertoken_core::vault::AccountIndex;
use evertoken_core::vault::AccountStore;
use evertoken_core::vault::InviteClaims;
use evertoken_core::vault::LoginRecords;
use std::sync::Arc;

use evertoken_core::account::AccountId;
use evertoken_core::document::Document;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginState;
use evertoken_core::vault::{PAGE_SIZE, Removal};
use serde_json::json;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::{Place, is_conflict, names, pages};
use crate::sample::{ISSUED_AT, document, name, with_token};

pub async fn what_was_created_is_read_again(place: &impl Place) {
    let vault = place.vault();
    assert_eq!(vault.get(&name("shop-de")).await, Ok(None));
    let version = vault.create(&document("shop-de")).await.unwrap();
    let read = vault.get(&name("shop-de")).await.unwrap().unwrap();
    assert_eq!(read.document, document("shop-de"));
    assert_eq!(read.version, version);
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
    assert!(pages.iter().all(|page| page.accounts.len() <= PAGE_SIZE && page.unreadable.is_empty()));
    assert!(pages.len() >= 3, "{} pages", pages.len());
    for account in pages.iter().flat_map(|page| &page.accounts) {
        assert_eq!(vault.get(&account.document.name).await.unwrap().as_ref(), Some(account));
    }
}

pub async fn a_page_of_names_leaves_out_who_is_absent(place: &impl Place) {
    let vault = place.vault();
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
    vault.remove(&first.name, Removal::Recoverable).await.unwrap();
    vault.remove(&first.name, Removal::ForGood).await.unwrap();
    let stale = vault.create(&first).await.unwrap();
    vault.remove(&first.name, Removal::Recoverable).await.unwrap();
    vault.remove(&first.name, Removal::Recoverable).await.unwrap();
    assert_eq!(vault.get(&first.name).await, Ok(None));
    assert!(vault.get_many(std::slice::from_ref(&first.name)).await.unwrap().accounts.is_empty());
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

pub async fn an_account_removed_for_good_is_gone_and_can_come_again(place: &impl Place) {
    let vault = place.vault();
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

pub async fn an_account_is_found_by_either_id_under_each_of_its_names(place: &impl Place) {
    let vault = place.vault();
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
    // The beginning of another's id is an id of its own.
    assert_eq!(named("17841405793187").await, ["other"]);
    assert!(named("1").await.is_empty());

    vault.remove(&name("shop-de"), Removal::Recoverable).await.unwrap();
    assert_eq!(named("17841405793187218").await, ["shop-fr"]);
}

pub async fn an_account_that_took_anothers_place_is_found_and_the_other_is_not(place: &impl Place) {
    let vault = place.vault();
    let first = document("shop-de");
    let version = vault.create(&first).await.unwrap();
    let other = Document { account_id: "17841400000000001".parse().unwrap(), ..first.clone() };
    vault.replace(&version, &other).await.unwrap();
    vault.label(&other).await.unwrap();
    let found = async |id: &AccountId| vault.find(id).await.unwrap().accounts.len();
    assert_eq!((found(&other.account_id).await, found(&first.account_id).await), (1, 0));
}

pub async fn what_a_login_stored_is_known_at_once(place: &impl Place) {
    let vault = place.vault();
    let login = || LoginState::start(None, ISSUED_AT, &SystemEntropy).unwrap().login_id();
    let (one, two) = (login(), login());
    assert_eq!(vault.recall(&one).await, Ok(None));
    vault.remember(&one, &name("shop-de")).await.unwrap();
    vault.remember(&one, &name("shop-de")).await.unwrap();
    assert_eq!(vault.recall(&one).await, Ok(Some(name("shop-de"))));
    assert_eq!(vault.recall(&two).await, Ok(None));
    vault.remember(&two, &name("shop-de")).await.unwrap();
    assert_eq!(vault.recall(&two).await, Ok(Some(name("shop-de"))));
    assert!(names(&vault).await.is_empty(), "a note is no account");
}

pub async fn of_sixteen_claims_of_one_invite_one_wins_until_it_is_released(place: &impl Place) {
    let vault = place.vault();
    let invite = InviteId::generate(&SystemEntropy).unwrap();
    for _ in 0..2 {
        let start = Arc::new(Barrier::new(16));
        let mut claims = JoinSet::new();
        for _ in 0..16 {
            let (vault, invite, start) = (vault.clone(), invite.clone(), Arc::clone(&start));
            claims.spawn(async move {
                start.wait().await;
                vault.claim(&invite).await
            });
        }
        let (won, lost): (Vec<_>, Vec<_>) = claims.join_all().await.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        assert!(lost.iter().all(is_conflict), "{lost:?}");
        vault.release(&invite).await.unwrap();
    }
    vault.release(&invite).await.unwrap();
    vault.claim(&InviteId::generate(&SystemEntropy).unwrap()).await.unwrap();
    assert!(names(&vault).await.is_empty(), "a claim is no account");
}
