//! The model of both layouts, and what each does beside the other.

mod bad_input;
mod departures;
mod fixture;
mod many_moves;
mod moves;
mod random_moves;
mod stale_singles;

use evertoken_core::cohort::Cohort;
use evertoken_core::document::{Document, Placement, Versioned};
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::login_state::LoginState;
use evertoken_core::vault::{
    AccountIndex, AccountStore, InviteClaims, LoginRecords, ParkedDocuments, Removal, VaultError,
};

use self::fixture::{NOW, World, document, list};
use crate::layered_vault::Moved;
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
    assert_eq!((found.accounts.len(), found.may_miss_recent), (2, true));
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

#[tokio::test(start_paused = true)]
async fn an_account_gets_the_place_that_its_document_names() {
    let world = World::new();
    let vault = world.vault();
    let group = |name: &str| Placement::Group(name.parse().unwrap());
    for (name, placement, pack) in [
        ("any", Placement::Anywhere, Some("main-00001")),
        ("a-one", group("client-a"), Some("client-a-00001")),
        ("own", Placement::OwnSecret, None),
        ("b-one", group("client-b"), Some("client-b-00001")),
        ("a-two", group("client-a"), Some("client-a-00001")),
        ("any-two", group("main"), Some("main-00001")),
    ] {
        let document = document(name).with_placement(&placement);
        let version = vault.create(&document).await.unwrap();
        let cohort = vault.cohort_of(&version);
        assert_eq!(cohort.as_ref().map(Cohort::as_str), pack, "{name}");
        assert_eq!(world.singles.get(&document.name).await.unwrap().is_some(), pack.is_none(), "{name}");
        assert_eq!(vault.create(&document).await, Err(VaultError::Conflict), "{name}");
    }
    assert_eq!(list(&vault).await.len(), 6);
    // The place of an account that exists stays, whatever a later invite names.
    let present = vault.get(&"any".parse().unwrap()).await.unwrap().unwrap();
    let version = vault.replace(&present.version, &present.document.with_placement(&group("client-a"))).await.unwrap();
    assert!(version.as_str().starts_with("main-00001:"), "{version}");
    assert_eq!(vault.create(&document("any").with_placement(&Placement::OwnSecret)).await, Err(VaultError::Conflict));
    // After it was moved out, it returns to the place that its document names.
    vault.unpack(&"any".parse().unwrap()).await.unwrap();
    assert_eq!(vault.pack_unless_kept(&"any".parse().unwrap()).await, Ok(Moved::Now));
    let moved = vault.get(&"any".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(moved.cohort.unwrap().as_str(), "client-a-00001");
}

#[tokio::test(start_paused = true)]
async fn an_account_keeps_its_own_secret_unless_somebody_names_it() {
    let world = World::new();
    let vault = world.vault();
    let own = document("own").with_placement(&Placement::OwnSecret);
    vault.create(&own).await.unwrap();
    assert_eq!(vault.pack_unless_kept(&own.name).await, Ok(Moved::Kept));
    assert_eq!(world.singles.get(&own.name).await.unwrap().unwrap().document, own);
    assert_eq!(vault.pack(&own.name).await, Ok(Moved::Now));
    assert_eq!(vault.pack_unless_kept(&own.name).await, Ok(Moved::Already));
    assert_eq!(vault.pack_unless_kept(&"gone".parse().unwrap()).await, Ok(Moved::Absent));
    assert_eq!(vault.unpack(&own.name).await, Ok(Moved::Now));
    assert_eq!(vault.pack_unless_kept(&own.name).await, Ok(Moved::Kept));
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

/// Meta reports the removal of the app, and then the request for deletion. In between, somebody else got the name.
#[tokio::test(start_paused = true)]
async fn a_deletion_does_not_reach_the_account_that_has_the_name_now() {
    let world = World::new();
    let vault = world.vault();
    let former = document("shop-de");
    vault.create(&former).await.unwrap();
    vault.remove(&former.name, Removal::Recoverable).await.unwrap();
    let present = Document { account_id: "17841400000000002".parse().unwrap(), ..former.clone() };
    let present = present.with_placement(&Placement::OwnSecret);
    vault.create(&present).await.unwrap();
    let found = vault.find(&former.account_id).await.unwrap();
    assert_eq!((found.accounts, found.removed, found.former), (vec![], vec![], vec![former.name.clone()]));
    vault.forget_earlier(&former.name).await.unwrap();
    assert_eq!(world.traces(&former.name), []);
    assert_eq!(vault.get(&former.name).await.unwrap().unwrap().document, present);
    assert_eq!(vault.find(&former.account_id).await.unwrap().former, []);
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

/// The browser repeats the callback of a login that was stored before the change.
#[tokio::test(start_paused = true)]
async fn a_login_that_was_recorded_before_the_change_is_recalled() {
    let world = World::new();
    let login = LoginState::start(None, NOW, &SystemEntropy).unwrap().login_id();
    let account = document("shop-de").name;
    world.singles.remember(&login, &account).await.unwrap();
    assert_eq!(world.vault().recall(&login).await, Ok(Some(account)));
}
