//! The model of both layouts, and what each does beside the other.

mod bad_input;
mod departures;
mod fixture;
mod moves;
mod random_moves;
mod stale_singles;

use evertoken_core::document::Versioned;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::vault::{AccountIndex, AccountStore, InviteClaims, Removal, VaultError};

use self::fixture::{World, document, list};
use crate::process::Process;

#[tokio::test(start_paused = true)]
async fn existing_accounts_stay_where_they_are_and_new_ones_go_into_packs() {
    let world = World::new();
    world.singles.create(&document("old")).await.unwrap();
    let vault = world.vault();
    let new = vault.create(&document("new")).await.unwrap();
    assert_eq!(new.as_str(), "main-00001:1");
    assert_eq!(vault.cohort_of(&new).unwrap().as_str(), "main-00001");
    assert_eq!(vault.create(&document("old")).await, Err(VaultError::Conflict));
    let old = vault.get(&"old".parse().unwrap()).await.unwrap().unwrap();
    let old = vault.replace(&old.version, &old.document).await.unwrap();
    assert_eq!(world.singles.get(&"old".parse().unwrap()).await.unwrap().unwrap().version, old);
    assert_eq!(vault.cohort_of(&old), None);
    let names: Vec<_> = list(&vault).await.into_iter().map(|account| account.document.name.to_string()).collect();
    assert_eq!(names, ["new", "old"]);
    let page = vault.get_many(&["new", "gone", "old"].map(|name| name.parse().unwrap())).await.unwrap();
    assert_eq!(page.accounts.len(), 2);
    let found = vault.find(&document("old").account_id).await.unwrap();
    assert_eq!(found.accounts.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_no_pack_takes_gets_a_secret_of_its_own() {
    let world = World::new();
    let vault = world.with_packs_of(&Process::default().failing(2_000));
    let login = document("shop-de");
    // Reads of packs fail too, so the account is looked for where it was stored.
    let version = vault.create(&login).await.unwrap();
    assert_eq!(world.singles.get(&login.name).await.unwrap().unwrap().version, version);
    let vault = world.vault();
    assert_eq!(vault.get(&login.name).await.unwrap().unwrap().document, login);
    assert_eq!(list(&vault).await.len(), 1);
    vault.replace(&version, &login).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_document_that_is_too_large_for_a_pack_gets_a_secret_of_its_own() {
    let world = World::new();
    let vault = world.vault();
    let mut large = document("shop-de");
    large.unknown.insert("note".to_owned(), "n".repeat(20_000).into());
    let version = vault.create(&large).await.unwrap();
    assert_eq!(
        vault.get(&large.name).await.unwrap().unwrap(),
        Versioned { version, document: large.clone(), cohort: None }
    );
    assert_eq!(list(&vault).await.len(), 1);
    vault.remove(&large.name, Removal::ForGood).await.unwrap();
    assert_eq!(vault.get(&large.name).await, Ok(None));
}

/// The response of the write to the pack is lost, so the login stores the account once more.
#[tokio::test(start_paused = true)]
async fn a_login_whose_write_was_lost_or_not_leaves_one_account() {
    for point in 0..20 {
        let world = World::new();
        let first = world.vault();
        first.create(&document("beside")).await.unwrap();
        let login = document("shop-de");
        let vault = world.with_packs_of(&Process::default().failing_at(point));
        vault.create(&login).await.unwrap();
        let vault = world.vault();
        let accounts = list(&vault).await;
        assert_eq!(accounts.len(), 2, "{point}: {accounts:?}");
        let single = world.singles.get(&login.name).await.unwrap();
        let packed = vault.packed().get(&login.name).await.unwrap();
        assert!(single.is_some() != packed.is_some(), "{point}: {single:?} {packed:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_removed_account_of_a_pack_is_kept_as_a_secret_that_can_be_restored() {
    let world = World::new();
    let vault = world.vault();
    let login = document("shop-de");
    vault.create(&login).await.unwrap();
    vault.remove(&login.name, Removal::Recoverable).await.unwrap();
    assert_eq!(vault.get(&login.name).await, Ok(None));
    assert!(list(&vault).await.is_empty());
    assert_eq!(vault.find(&login.account_id).await.unwrap().removed, std::slice::from_ref(&login.name));
    vault.remove(&login.name, Removal::ForGood).await.unwrap();
    let found = vault.find(&login.account_id).await.unwrap();
    assert!(found.accounts.is_empty() && found.removed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_invite_that_was_used_before_the_change_stays_used() {
    let world = World::new();
    let invite = evertoken_core::invite::InviteId::generate(&SystemEntropy).unwrap();
    world.singles.claim(&invite).await.unwrap();
    let vault = world.vault();
    assert!(vault.is_claimed(&invite).await.unwrap());
    assert_eq!(vault.claim(&invite).await, Err(VaultError::Conflict));
    vault.release(&invite).await.unwrap();
    vault.claim(&invite).await.unwrap();
    assert_eq!(vault.claim(&invite).await, Err(VaultError::Conflict));
}
