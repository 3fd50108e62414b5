//! Accounts move into packs and out of them. Each operation stops at each of its requests, before and after the request's
//! effect. Meanwhile others do their work. Then it goes on, or it has crashed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use evertoken_core::account::AccountName;
use evertoken_core::document::Document;
use evertoken_core::vault::{AccountIndex, AccountStore, Page, ParkedDocuments, Removal, VaultError, VaultParts};
use futures_util::TryStreamExt;
use serde_json::json;

use super::fixture::{NOW, TestVault, World, document, list, name, token_of, with_token};
use crate::ids::PackId;
use crate::layered_vault::Moved;
use crate::layered_vault::sealed::is_sealed_by;
use crate::process::Process;

fn target() -> AccountName {
    name("shop-de")
}

/// What a process does with the account `shop-de`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    Pack,
    Unpack,
    LogIn,
    Refresh,
    Remove,
    DeleteForGood,
}

use Work::{DeleteForGood, LogIn, Pack, Refresh, Remove, Unpack};

/// Where the account is at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    Single,
    /// In a pack, with its former secret as a copy.
    Packed,
    /// In a pack only.
    PackOnly,
    Absent,
}

/// The tokens that were stored, and the token that each follows.
#[derive(Clone, Default)]
pub(super) struct History(Arc<Mutex<Tokens>>);

#[derive(Default)]
struct Tokens {
    after: BTreeMap<String, Option<String>>,
    stored: BTreeSet<String>,
}

impl History {
    /// The document that follows another one. It may be stored even if its writer does not learn of it.
    pub(super) fn next(&self, present: &Document, after: Option<&Document>, token: &str) -> Document {
        let after = after.map(|after| after.access_token.expose().to_owned());
        let mut next = with_token(present, token);
        next.unknown.insert("after".to_owned(), json!(after));
        self.0.lock().unwrap().after.insert(token.to_owned(), after);
        next
    }

    pub(super) fn stored(&self, document: &Document) {
        self.0.lock().unwrap().stored.insert(document.access_token.expose().to_owned());
    }

    /// The tokens that were stored and that the present document does not follow.
    pub(super) fn lost(&self, present: &Document) -> BTreeSet<String> {
        let tokens = self.0.lock().unwrap();
        let mut lost = tokens.stored.clone();
        let mut next = Some(present.access_token.expose().to_owned());
        while let Some(token) = next {
            lost.remove(&token);
            next = tokens.after[&token].clone();
        }
        lost
    }
}

impl Work {
    /// Does the work. A conflict means that another process was faster, as it would be reported to an operator.
    async fn run(self, vault: TestVault, label: &'static str, history: History) {
        let worked = match self {
            Pack => vault.pack(&target()).await.map(drop),
            Unpack => vault.unpack(&target()).await.map(drop),
            LogIn => log_in(&vault, label, &history).await,
            Refresh => refresh(&vault, label, &history).await,
            Remove => vault.remove(&target(), Removal::Recoverable).await,
            DeleteForGood => vault.remove(&target(), Removal::ForGood).await,
        };
        if let Err(error) = worked {
            assert_eq!(error, VaultError::Conflict, "{self:?}");
        }
    }

    fn removes(self) -> bool {
        matches!(self, Remove | DeleteForGood)
    }
}

/// As a login does: over whatever is stored.
async fn log_in(vault: &TestVault, label: &str, history: &History) -> Result<(), VaultError> {
    for _ in 0..4 {
        let present = vault.get(&target()).await?;
        let next = history.next(&document("shop-de"), present.as_ref().map(|present| &present.document), label);
        let stored = match present {
            None => vault.create(&next).await,
            Some(present) => vault.replace(&present.version, &next).await,
        };
        match stored {
            Ok(_) => {
                history.stored(&next);
                return Ok(());
            }
            Err(VaultError::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
    Err(VaultError::Conflict)
}

async fn refresh(vault: &TestVault, label: &str, history: &History) -> Result<(), VaultError> {
    let Some(present) = vault.get(&target()).await? else { return Ok(()) };
    let next = history.next(&present.document, Some(&present.document), label);
    vault.replace(&present.version, &next).await?;
    history.stored(&next);
    Ok(())
}

async fn world(start: Start) -> (World, History) {
    let (world, history) = (World::new(), History::default());
    let vault = world.vault();
    let first = history.next(&document("shop-de"), None, "IGAA-first");
    let mut beside = document("beside");
    beside.account_id = "17841400000000001".parse().unwrap();
    vault.create(&beside).await.unwrap();
    if start != Start::Absent {
        history.stored(&first);
    }
    match start {
        Start::Absent => {}
        Start::PackOnly => drop(vault.create(&first).await.unwrap()),
        Start::Single | Start::Packed => {
            world.singles.create(&first).await.unwrap();
            if start == Start::Packed {
                assert_eq!(vault.pack(&target()).await, Ok(Moved::Now));
            }
        }
    }
    (world, history)
}

/// The account can be read in every way, unless it may have been removed.
async fn check_readers(world: &World, is_removed: bool, context: &str) {
    let vault = world.vault();
    let read = vault.get(&target()).await.unwrap();
    let listed = list(&vault).await.into_iter().filter(|account| account.document.name == target()).collect::<Vec<_>>();
    let batch = vault.get_many(&[target(), name("beside")]).await.unwrap();
    let id = document("shop-de").account_id;
    let found = vault.find(&id).await.unwrap().accounts;
    if is_removed {
        assert!(listed.len() <= 1, "{context}: {listed:?}");
        return;
    }
    let read = read.unwrap_or_else(|| panic!("{context}: the account cannot be read"));
    assert_eq!(listed, std::slice::from_ref(&read), "{context}");
    assert_eq!(found, std::slice::from_ref(&read), "{context}");
    assert_eq!((batch.accounts.len(), batch.unreadable.len()), (2, 0), "{context}");
    assert!(batch.accounts.contains(&read), "{context}");
    assert_eq!(read.document.moved_to(), None, "{context}");
    // Consumers that read the secret itself find a valid document at any time.
    if let Some(single) = world.singles.get(&target()).await.unwrap() {
        assert!(single.document.access_token.expose().starts_with("IGAA-"), "{context}");
    }
}

/// What must hold once nothing runs any more: the account can be moved to and fro, and be deleted.
async fn settle(world: &World, history: &History, context: &str) {
    let vault = world.vault();
    if let Some(present) = vault.get(&target()).await.unwrap() {
        let context = format!("{context}, {}", present.version);
        assert!(matches!(vault.pack(&target()).await, Ok(Moved::Now | Moved::Already)), "{context}");
        let packed = vault.packed().get(&target()).await.unwrap().expect(&context);
        assert_eq!(packed.document, present.document, "{context}");
        assert_eq!(vault.pack(&target()).await, Ok(Moved::Already), "{context}");
        if let Some(single) = world.singles.get(&target()).await.unwrap() {
            let moved_to = single.document.moved_to().expect(&context);
            let pack: PackId = moved_to.pack.parse().unwrap();
            // Not the copy of an unpacking that has stopped, which may still go on.
            if is_sealed_by(&single.document, world.pack(&pack).used_by(&target()).as_ref()) {
                let listed = list(&world.singles).await;
                assert!(listed.iter().all(|account| account.document.name != target()), "{context}: no label");
            }
        }
        check_places(world, &context);
        assert_eq!(vault.unpack(&target()).await, Ok(Moved::Now), "{context}");
        let single = world.singles.get(&target()).await.unwrap().expect(&context);
        assert_eq!(single.document, present.document, "{context}");
        assert_eq!(vault.packed().get(&target()).await.unwrap(), None, "{context}");
        assert_eq!(vault.unpack(&target()).await, Ok(Moved::Already), "{context}");
        check_places(world, &context);
    }
    log_in(&vault, "IGAA-settled", history).await.unwrap();
    assert_eq!(token_of(&vault.get(&target()).await.unwrap().unwrap()), "IGAA-settled", "{context}");
    vault.pack(&target()).await.unwrap();
    vault.remove(&target(), Removal::ForGood).await.unwrap();
    assert_eq!(vault.get(&target()).await, Ok(None), "{context}");
    assert_eq!(world.singles.get(&target()).await, Ok(None), "{context}");
    assert_eq!(world.traces(&target()), [], "{context}");
    check_places(world, context);
    assert_eq!(list(&vault).await.len(), 1, "{context}: another account is gone");
}

/// A pack counts its places, and holds only accounts that have one there.
pub(super) fn check_places(world: &World, context: &str) {
    let places = world.index.all_places();
    for (id, state) in world.index.all_packs() {
        let here = |(_, place): &(&AccountName, &crate::Place)| place.pack == id && place.removed_until.is_none();
        let names: Vec<_> = places.iter().filter(here).map(|(name, _)| name.as_str()).collect();
        assert_eq!(usize::try_from(state.used).unwrap(), names.len(), "{context}: {id}");
        let pack = world.pack(&id);
        assert!(
            pack.keys().all(|key| names.contains(&key)),
            "{context}: {id} holds {:?}",
            pack.keys().collect::<Vec<_>>()
        );
    }
}

/// Lets `first` stop at each point. Then `others` run, and `first` goes on unless it has crashed.
async fn stop_everywhere(start: Start, first: Work, others: &[Work], crashes: bool) {
    for point in 0.. {
        let (world, history) = world(start).await;
        let context = format!("{start:?}, {first:?} at {point}, {others:?}, crash: {crashes}");
        let process = Process::default();
        let process = if crashes { process.crashing_at(point) } else { process.pausing_at(point) };
        let working = tokio::spawn(first.run(world.vault_of(&process), "IGAA-one", history.clone()));
        let has_stopped = process.stops(&working).await;
        let mut is_removed = start == Start::Absent || first.removes();
        check_readers(&world, is_removed, &context).await;
        for (other, label) in others.iter().zip(["IGAA-two", "IGAA-three", "IGAA-four", "IGAA-five"]) {
            other.run(world.vault(), label, history.clone()).await;
            is_removed |= other.removes();
            check_readers(&world, is_removed, &format!("{context}, after {other:?}")).await;
        }
        if !crashes {
            process.resume();
            working.await.unwrap();
        }
        check_readers(&world, is_removed, &context).await;
        if !is_removed {
            let present = world.vault().get(&target()).await.unwrap().unwrap();
            assert_eq!(history.lost(&present.document), BTreeSet::new(), "{context}");
        }
        let is_last_removal = others.last().is_some_and(|other| other.removes()) && matches!(first, Pack | Unpack);
        if is_last_removal {
            assert_eq!(world.vault().get(&target()).await, Ok(None), "{context}: the account came back");
        }
        settle(&world, &history, &context).await;
        if !has_stopped {
            return;
        }
    }
}

/// Lets a move crash at each point, and calls `check` after each crash.
async fn crash_everywhere(start: Start, first: Work, check: impl AsyncFn(&World, &str)) {
    for point in 0.. {
        let (world, history) = world(start).await;
        let process = Process::default().crashing_at(point);
        let working = tokio::spawn(first.run(world.vault_of(&process), "", history));
        let has_stopped = process.stops(&working).await;
        check(&world, &format!("{start:?}, {first:?} at {point}")).await;
        if !has_stopped {
            return;
        }
    }
}

const MOVES: [(Start, Work); 3] = [(Start::Single, Pack), (Start::Packed, Unpack), (Start::PackOnly, Unpack)];

const STARTS: [Start; 4] = [Start::Single, Start::Packed, Start::PackOnly, Start::Absent];

#[tokio::test(start_paused = true)]
async fn an_account_moves_to_a_pack_and_back() {
    let (world, _) = world(Start::Single).await;
    let vault = world.vault();
    let before = world.singles.get(&target()).await.unwrap().unwrap();
    world.singles.park(&before.version, &with_token(&before.document, "IGAA-parked")).await.unwrap();
    assert_eq!(vault.pack(&target()).await, Ok(Moved::Now));
    let packed = vault.get(&target()).await.unwrap().unwrap();
    assert_eq!((packed.version.as_str(), &packed.document), ("main-00001:3", &before.document));
    assert_eq!(vault.parked(&target()).await.unwrap().unwrap().access_token.expose(), "IGAA-parked");
    let copy = world.singles.get(&target()).await.unwrap().unwrap();
    assert_eq!(copy.document.moved_to().unwrap().pack, "main-00001");
    assert_eq!(copy.document.without_moved_to(), before.document);
    // Whoever has read the secret before does not write to it any more.
    assert_eq!(vault.replace(&before.version, &before.document).await, Err(VaultError::Conflict));
    let renewed = with_token(&packed.document, "IGAA-renewed");
    vault.replace(&packed.version, &renewed).await.unwrap();
    assert_eq!(vault.unpack(&target()).await, Ok(Moved::Now));
    assert_eq!(world.singles.get(&target()).await.unwrap().unwrap().document, renewed);
    assert_eq!(vault.parked(&target()).await.unwrap().unwrap().access_token.expose(), "IGAA-parked");
    // The earlier versions of the pack hold its tokens for seven days at most.
    let pack: PackId = "main-00001".parse().unwrap();
    let state = world.index.all_packs()[&pack].clone();
    assert_eq!((state.removed, state.purge_after), ([target()].into(), Some(NOW + time::Duration::days(7))));
    for absent in [vault.pack(&name("gone")).await, vault.unpack(&name("gone")).await] {
        assert_eq!(absent, Ok(Moved::Absent));
    }
}

#[tokio::test(start_paused = true)]
async fn the_copy_of_an_account_that_got_another_accounts_name_is_forgotten_too() {
    let (world, _) = world(Start::Packed).await;
    let vault = world.vault();
    let first = vault.get(&target()).await.unwrap().unwrap();
    let other = Document { account_id: "17841400000000002".parse().unwrap(), ..first.document.clone() };
    vault.replace(&first.version, &other).await.unwrap();
    assert_eq!(vault.find(&first.document.account_id).await.unwrap().former, [target()]);
    vault.forget_earlier(&target()).await.unwrap();
    let copy = world.singles.get(&target()).await.unwrap().unwrap().document;
    assert_eq!((copy.moved_to().is_some(), copy.without_moved_to()), (true, other));
    assert_eq!(vault.find(&first.document.account_id).await.unwrap().former, []);
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_request_of_a_move_is_put_right() {
    for start in STARTS {
        for first in [Pack, Unpack, LogIn, Refresh, Remove, DeleteForGood] {
            stop_everywhere(start, first, &[], true).await;
        }
    }
    for (start, first) in [(Start::Single, Pack), (Start::Packed, Unpack)] {
        for others in [[LogIn].as_slice(), &[Refresh, Pack], &[Refresh, Unpack], &[Remove], &[DeleteForGood]] {
            stop_everywhere(start, first, others, true).await;
        }
    }
}

/// As `evertoken pack --delete-copies` does.
#[tokio::test(start_paused = true)]
async fn deleting_a_copy_never_deletes_the_account() {
    for (start, first) in MOVES {
        crash_everywhere(start, first, async |world: &World, context: &str| {
            let vault = world.vault();
            let before = vault.get(&target()).await.unwrap().unwrap();
            let has_secret = world.singles.get(&target()).await.unwrap().is_some();
            let has_copy = has_secret && before.cohort.is_some();
            assert_eq!(vault.delete_copy(&target()).await, Ok(has_copy), "{context}");
            assert_eq!(world.singles.get(&target()).await.unwrap().is_some(), has_secret && !has_copy, "{context}");
            assert_eq!(vault.get(&target()).await, Ok(Some(before)), "{context}");
        })
        .await;
    }
}

/// Otherwise several workers would renew it, or none.
#[tokio::test(start_paused = true)]
async fn an_account_is_in_one_part_of_the_vault_wherever_its_move_has_stopped() {
    for (start, first) in MOVES {
        crash_everywhere(start, first, async |world: &World, context: &str| {
            let vault = world.vault();
            let mut found = Vec::new();
            for part in vault.parts().await.unwrap() {
                let pages: Vec<Page> = vault.scan_part(part, &|_| true).try_collect().await.unwrap();
                found.extend(pages.into_iter().flat_map(|page| page.accounts));
            }
            found.retain(|account| account.document.name == target());
            let read = vault.get(&target()).await.unwrap().unwrap();
            assert_eq!(found, std::slice::from_ref(&read), "{context}");
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn no_write_is_lost_while_an_account_moves() {
    for (start, first) in MOVES {
        for others in [
            [Refresh].as_slice(),
            &[LogIn],
            &[Pack, Refresh],
            &[Unpack, Refresh],
            &[Pack, Refresh, Unpack, Refresh],
            &[Unpack, Refresh, Pack, Refresh],
        ] {
            stop_everywhere(start, first, others, false).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_stopped_anywhere_survives_the_moves_of_others() {
    for start in [Start::Single, Start::Packed] {
        for first in [Refresh, LogIn] {
            for others in [[Pack].as_slice(), &[Unpack], &[Pack, Refresh, Unpack], &[Unpack, Refresh, Pack, Refresh]] {
                stop_everywhere(start, first, others, false).await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_removed_while_it_moves_does_not_come_back() {
    for removal in [Remove, DeleteForGood] {
        for (start, first) in MOVES {
            for others in [[removal].as_slice(), &[first, removal], &[removal, LogIn]] {
                stop_everywhere(start, first, others, false).await;
            }
        }
        for (start, other) in [(Start::Single, Pack), (Start::Packed, Unpack)] {
            stop_everywhere(start, removal, &[other], false).await;
        }
    }
}

/// The reads of the process that was stopped do not show yet what the others have done.
#[tokio::test(start_paused = true)]
async fn an_account_that_two_processes_unpack_is_not_deleted_because_of_a_stale_read() {
    for seed in 0..8 {
        for point in 0..40 {
            let (world, history) = world(Start::Packed).await;
            let process = Process::default().pausing_at(point);
            let working = tokio::spawn(Unpack.run(world.vault_of(&process), "", history.clone()));
            process.stops(&working).await;
            Refresh.run(world.vault(), "IGAA-two", history.clone()).await;
            Unpack.run(world.vault(), "", history.clone()).await;
            world.reads.make_stale(seed, 1_000);
            process.resume();
            working.await.unwrap();
            world.reads.make_stale(0, 0);
            let present = world.vault().get(&target()).await.unwrap();
            let present = present.unwrap_or_else(|| panic!("the account is gone: {point}"));
            assert_eq!(history.lost(&present.document), BTreeSet::new(), "{point}");
        }
    }
}
