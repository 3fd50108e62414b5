//! Each operation stops at each of its requests, before and after the request's effect. Meanwhile others do their work. Then
//! it goes on, or it has crashed.

use evertoken_core::account::AccountName;
use evertoken_core::document::Document;
use evertoken_core::vault::{AccountIndex, AccountStore, ParkedDocuments, Removal, VaultError};

use super::fixture::{TestVault, World, document, list, name, settings, with_token};
use super::places::{no_place_is_empty, one_place};
use crate::process::Process;

/// What a process does with the account `shop-de`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    LogIn,
    Refresh,
    Park,
    Remove,
    DeleteForGood,
    Forget,
    /// The account's pack becomes too large, and moves its largest accounts.
    Grow,
    List,
}

use Work::{DeleteForGood, Forget, Grow, List, LogIn, Park, Refresh, Remove};

const ALL: [Work; 8] = [LogIn, Refresh, Park, Remove, DeleteForGood, Forget, Grow, List];

fn target() -> AccountName {
    name("shop-de")
}

/// A token that does not compress.
fn token(characters: usize, seed: u64) -> String {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..characters).map(|_| random.alphanumeric()).collect()
}

impl Work {
    /// Does the work, and returns the token that was stored.
    async fn run(self, vault: TestVault, label: &'static str) -> Option<String> {
        let worked = match self {
            LogIn => log_in(&vault, label).await.map(Some),
            Refresh => refresh(&vault, label).await,
            Park => match vault.get(&target()).await {
                Ok(Some(present)) => {
                    vault.park(&present.version, &with_token(&present.document, label)).await.map(|()| None)
                }
                other => other.map(|_| None),
            },
            Remove => vault.remove(&target(), Removal::Recoverable).await.map(|()| None),
            DeleteForGood => vault.remove(&target(), Removal::ForGood).await.map(|()| None),
            Forget => vault.forget_earlier(&target()).await.map(|()| None),
            Grow => grow(&vault).await.map(|()| None),
            List => {
                list(&vault).await;
                Ok(None)
            }
        };
        match worked {
            Ok(token) => token,
            Err(VaultError::Conflict) => None,
            Err(error) => panic!("{self:?}: {error}"),
        }
    }
}

/// As a login does: over whatever is stored.
async fn log_in(vault: &TestVault, label: &str) -> Result<String, VaultError> {
    let next = document("shop-de", label);
    for _ in 0..4 {
        let stored = match vault.get(&target()).await? {
            None => vault.create(&next).await,
            Some(present) => vault.replace(&present.version, &next).await,
        };
        match stored {
            Ok(_) => return Ok(label.to_owned()),
            Err(VaultError::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
    Err(VaultError::Conflict)
}

async fn refresh(vault: &TestVault, label: &str) -> Result<Option<String>, VaultError> {
    let Some(present) = vault.get(&target()).await? else { return Ok(None) };
    vault.replace(&present.version, &with_token(&present.document, label)).await?;
    Ok(Some(label.to_owned()))
}

/// Writes a large token to an account beside the target.
async fn grow(vault: &TestVault) -> Result<(), VaultError> {
    let Some(beside) = vault.get(&name("beside")).await? else { return Ok(()) };
    vault.replace(&beside.version, &with_token(&beside.document, &token(7_400, 99))).await?;
    Ok(())
}

/// The target with the largest document, and others, which together nearly fill a pack.
async fn world(is_connected: bool, is_large: bool) -> World {
    let world = World::new();
    let vault = world.vault();
    vault.create(&document("beside", "IGAA-beside")).await.unwrap();
    if is_connected {
        vault.create(&document("shop-de", "IGAA-first")).await.unwrap();
    }
    if is_large {
        // A pack of 40 KiB takes no new accounts, so they grow later.
        let others: Vec<_> = (0..10).map(|seed| document(&format!("other-{seed}"), "IGAA-other")).collect();
        for other in &others {
            vault.create(other).await.unwrap();
        }
        for (seed, other) in (0..).zip(others) {
            let version = vault.get(&other.name).await.unwrap().unwrap().version;
            vault.replace(&version, &with_token(&other, &token(7_300, seed))).await.unwrap();
        }
        if let Some(present) = vault.get(&target()).await.unwrap() {
            let mut large: Document = present.document.clone();
            large.unknown.insert("note".to_owned(), token(7_400, 77).into());
            vault.replace(&present.version, &large).await.unwrap();
        }
    }
    world
}

/// What must hold once nothing runs any more. `is_faultless` if nothing has crashed.
async fn settle(world: &World, context: &str, is_faultless: bool) {
    let vault = world.vault();
    list(&vault).await;
    let (accounts, unreadable) = list(&vault).await;
    assert!(unreadable.is_empty(), "{context}: {unreadable:?}");
    let is_beside = accounts.contains_key("beside");
    assert!(is_beside, "{context}: another account is gone");
    one_place(world);
    if is_faultless {
        no_place_is_empty(world, context);
    }
    // Whoever is connected can log in, be refreshed and be found.
    log_in(&vault, "IGAA-settled").await.unwrap();
    let found = vault.find(&document("shop-de", "x").account_id).await.unwrap().accounts;
    assert_eq!(found.len(), 1, "{context}");
    assert_eq!(found[0].document.access_token.expose(), "IGAA-settled", "{context}");
    // Whatever was left unfinished, a deletion leaves nothing.
    vault.remove(&target(), Removal::ForGood).await.unwrap();
    assert_eq!(world.traces(&target()), [], "{context}");
    one_place(world);
    if is_faultless {
        no_place_is_empty(world, context);
    }
}

/// Lets `first` stop at each point. Then `others` run, and `first` goes on unless it has crashed.
async fn stop_everywhere(first: Work, others: &[Work], crashes: bool, is_connected: bool) {
    let is_large = first == Grow || others.contains(&Grow);
    let start = world(is_connected, is_large).await;
    for point in 0.. {
        let world = start.fork();
        let context = format!("{first:?} at {point}, {others:?}, crash: {crashes}, connected: {is_connected}");
        let process = Process::default();
        let process = if crashes { process.crashing_at(point) } else { process.pausing_at(point) };
        let vault = world.vault_of(&process, 1, settings());
        let working = tokio::spawn(first.run(vault, "IGAA-one"));
        let has_stopped = process.stops(&working).await;
        let mut last = None;
        for other in others {
            let stored = other.run(world.vault(), "IGAA-two").await;
            last = if matches!(other, Remove | DeleteForGood) { None } else { stored.or(last) };
        }
        let mut first_stored = None;
        if !crashes {
            process.resume();
            first_stored = working.await.unwrap();
        }
        // A document that was stored is there, unless the other work has replaced or removed it.
        let present = world.vault().get(&target()).await.unwrap();
        let present = present.map(|present| present.document.access_token.expose().to_owned());
        if has_stopped && !matches!(first, Remove | DeleteForGood) && last.is_some() {
            let stays = [last.as_deref(), first_stored.as_deref(), crashes.then_some("IGAA-one")];
            assert!(present.is_some() && stays.contains(&present.as_deref()), "{context}: {present:?}");
        }
        if first_stored.is_some() && others.iter().all(|other| matches!(other, Park | Forget | Grow | List)) {
            assert_eq!(present, first_stored, "{context}");
        }
        settle(&world, &context, !crashes).await;
        if !has_stopped {
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_request_is_put_right() {
    for first in ALL {
        for is_connected in [true, false] {
            stop_everywhere(first, &[], true, is_connected).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_others_do_between_any_two_requests_is_kept() {
    for first in ALL {
        for other in [LogIn, Refresh, Remove, DeleteForGood] {
            for is_connected in [true, false] {
                if first != Grow {
                    stop_everywhere(first, &[other], false, is_connected).await;
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_others_do_while_an_account_moves_is_kept() {
    let world = world(true, true).await;
    Grow.run(world.vault(), "").await;
    assert!(!world.index.all_places()[&target()].earlier.is_empty(), "the account does not move");
    stop_everywhere(Grow, &[Refresh, DeleteForGood], false, true).await;
    stop_everywhere(Grow, &[Remove], false, true).await;
}

#[tokio::test(start_paused = true)]
async fn a_login_and_two_removals_in_a_row_leave_nothing_behind() {
    for first in [LogIn, Refresh, Remove, DeleteForGood, Forget] {
        for others in [[LogIn, Remove], [Remove, LogIn], [LogIn, DeleteForGood], [DeleteForGood, LogIn]] {
            for is_connected in [true, false] {
                stop_everywhere(first, &others, false, is_connected).await;
            }
        }
        stop_everywhere(first, &[DeleteForGood, LogIn], false, true).await;
    }
    // Two rollovers, while the first one is stopped in the middle.
    stop_everywhere(Forget, &[Forget, DeleteForGood], false, true).await;
}

/// A login, stopped anywhere, while another one is stopped anywhere, and a removal runs.
#[tokio::test(start_paused = true)]
async fn a_removal_between_two_logins_loses_neither() {
    let start = world(false, false).await;
    for one_at in 0..24 {
        for other_at in 0..24 {
            let world = start.fork();
            let (one, other) = (Process::default().pausing_at(one_at), Process::default().pausing_at(other_at));
            let mut logins = Vec::new();
            for (process, label) in [(&one, "IGAA-one"), (&other, "IGAA-two")] {
                let login = tokio::spawn(LogIn.run(world.vault_of(process, other_at.into(), settings()), label));
                process.stops(&login).await;
                logins.push(login);
            }
            Remove.run(world.vault(), "").await;
            one.resume();
            let one = logins.remove(0).await.unwrap();
            let removed = world.vault().get(&target()).await.unwrap().is_none();
            other.resume();
            let other = logins.remove(0).await.unwrap();
            let context = format!("{one_at} {other_at}: {one:?} {other:?} {removed}");
            settle(&world, &context, true).await;
        }
    }
}
