//! Random interleavings of two writers, a remover, a reader and a scheduled run, each a process of its own. Processes crash at
//! any request, requests fail, reads are stale, and days pass. Afterwards a process without faults lists the accounts, as the
//! next run does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use evertoken_core::account::AccountName;
use evertoken_core::document::{Document, VersionId};
use evertoken_core::vault::{AccountStore, ParkedDocuments, Removal, VaultError};
use fastrand::Rng;
use futures_util::TryStreamExt;
use proptest::prelude::*;
use serde_json::json;
use tokio::task::JoinSet;

use super::fixture::{TestClock, TestVault, World, document, list, name, settings, with_token};
use super::places::{no_place_is_empty, one_place};
use crate::pack::Pack;
use crate::packed_vault::PackSettings;
use crate::process::Process;
use crate::revision::AccountVersion;

#[derive(Clone, Debug)]
struct Scenario {
    seed: u64,
    /// When each of the processes crashes, if it does.
    crashes: [Option<u32>; PROCESSES],
    stale_per_mille: u32,
    outages_per_mille: u32,
    window: Duration,
    /// How long tokens may be. Long ones do not fit into one pack.
    longest_token: usize,
    steps: usize,
}

const PROCESSES: usize = 5;

fn scenario() -> impl Strategy<Value = Scenario> {
    let crash = prop::option::weighted(0.6, 0_u32..160);
    (
        any::<u64>(),
        [crash.clone(), crash.clone(), crash.clone(), crash.clone(), crash],
        prop::sample::select(vec![0, 300, 700]),
        prop::sample::select(vec![0, 0, 30]),
        prop::sample::select(vec![0, 100]),
        prop::sample::select(vec![300, 300, 7_900]),
        4_usize..12,
    )
        .prop_map(|(seed, crashes, stale_per_mille, outages_per_mille, window, longest_token, steps)| Scenario {
            seed,
            crashes,
            stale_per_mille,
            outages_per_mille,
            window: Duration::from_millis(window),
            longest_token,
            steps,
        })
}

/// Accounts that nobody removes.
const KEPT: usize = 3;

/// Accounts that the remover may remove.
const REMOVABLE: [&str; 2] = ["gone-a", "gone-b"];

/// What happened, in order.
#[derive(Clone, Debug)]
enum Event {
    /// A document was stored and the caller knows it. `began` is the number of events before the write.
    Stored {
        name: AccountName,
        token: String,
        began: usize,
    },
    RemovalBegan {
        name: AccountName,
        removal: Removal,
    },
    RemovalEnded {
        name: AccountName,
        began: usize,
    },
}

#[derive(Clone, Debug, Default)]
struct History(Arc<Mutex<Vec<Event>>>);

impl History {
    fn add(&self, event: Event) -> usize {
        let mut events = self.0.lock().unwrap();
        events.push(event);
        events.len() - 1
    }

    fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }
}

fn all_names() -> Vec<AccountName> {
    (0..KEPT).map(|number| name(&format!("kept-{number}"))).chain(REMOVABLE.map(name)).collect()
}

/// The document that follows another one. It names the token before.
fn next_document(rng: &mut Rng, present: &Document, after: Option<&Document>, longest: usize) -> Document {
    let length = rng.usize(longest / 2..longest);
    let token: String = (0..length).map(|_| rng.alphanumeric()).collect();
    let mut next = with_token(present, &token);
    next.unknown.insert("after".to_owned(), json!(after.map(|after| after.access_token.expose())));
    next
}

fn token_of(document: &Document) -> String {
    document.access_token.expose().to_owned()
}

async fn write(vault: TestVault, seed: u64, scenario: Scenario, history: History) {
    let mut rng = Rng::with_seed(seed);
    let names = all_names();
    for _ in 0..scenario.steps {
        let name = &names[rng.usize(..names.len())];
        let Ok(present) = vault.get(name).await else { continue };
        let next = match &present {
            Some(present) => {
                next_document(&mut rng, &present.document, Some(&present.document), scenario.longest_token)
            }
            None => next_document(&mut rng, &document(name.as_str(), "x"), None, scenario.longest_token),
        };
        if let Some(present) = present.as_ref().filter(|_| rng.u32(..8) == 0) {
            let parked = with_token(&present.document, "IGAA-parked");
            let _ = vault.park(&present.version, &parked).await;
        }
        let began = history.events().len();
        // A caller repeats a write whose outcome it does not know.
        for _ in 0..2 {
            let stored = match &present {
                Some(present) => vault.replace(&present.version, &next).await.map(|_| ()),
                None => vault.create(&next).await.map(|_| ()),
            };
            match stored {
                Ok(()) => {
                    history.add(Event::Stored { name: name.clone(), token: token_of(&next), began });
                    break;
                }
                Err(VaultError::Unavailable { .. }) => {}
                Err(VaultError::Conflict) => break,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

async fn remove(vault: TestVault, seed: u64, scenario: Scenario, history: History) {
    let mut rng = Rng::with_seed(seed);
    for _ in 0..scenario.steps.div_ceil(2) {
        let name = name(REMOVABLE[rng.usize(..REMOVABLE.len())]);
        let removal = if rng.bool() { Removal::ForGood } else { Removal::Recoverable };
        let began = history.add(Event::RemovalBegan { name: name.clone(), removal });
        match vault.remove(&name, removal).await {
            Ok(()) => drop(history.add(Event::RemovalEnded { name, began })),
            Err(VaultError::Unavailable { .. } | VaultError::Conflict) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// Reads never go back in time, and never fail because of what others do.
async fn read(vault: TestVault, seed: u64, scenario: Scenario) {
    let mut rng = Rng::with_seed(seed);
    let names = all_names();
    let mut latest: BTreeMap<AccountName, VersionId> = BTreeMap::new();
    for _ in 0..scenario.steps * 2 {
        let name = &names[rng.usize(..names.len())];
        match vault.get(name).await {
            Ok(Some(account)) => {
                let version = AccountVersion::parse(&account.version).unwrap();
                let before = latest.insert(name.clone(), account.version.clone());
                let before = before.map(|before| AccountVersion::parse(&before).unwrap());
                if let Some(before) = before.filter(|before| before.pack == version.pack) {
                    assert!(before.revision <= version.revision, "{before:?} after {version:?}");
                }
            }
            Ok(None) => assert!(REMOVABLE.contains(&name.as_str()), "{name} is gone"),
            Err(VaultError::Unavailable { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// Lists the accounts, which finishes what others have left and purges what was removed seven days ago, and forgets earlier
/// documents.
async fn keep_house(vault: TestVault, clock: TestClock, seed: u64, scenario: Scenario) {
    let mut rng = Rng::with_seed(seed);
    let names = all_names();
    for _ in 0..scenario.steps.div_ceil(2) {
        if rng.bool() {
            clock.advance(time::Duration::days(rng.i64(0..5)));
        }
        let done = match rng.u32(..3) {
            0 => vault.forget_earlier(&names[rng.usize(..names.len())]).await,
            _ => vault.list().try_for_each(async |_| Ok(())).await,
        };
        match done {
            Ok(()) | Err(VaultError::Unavailable { .. } | VaultError::Conflict) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

async fn run(scenario: Scenario) {
    let world = World::new();
    let vault = world.vault();
    let mut rng = Rng::with_seed(scenario.seed);
    for name in all_names() {
        let first = next_document(&mut rng, &document(name.as_str(), "x"), None, 600);
        vault.create(&first).await.unwrap();
    }
    world.secrets.make_stale(scenario.seed, scenario.stale_per_mille);
    let history = History::default();
    let mut processes = JoinSet::new();
    for (number, crash) in scenario.crashes.into_iter().enumerate() {
        let seed = rng.u64(..);
        let mut process = Process::new(seed, Duration::from_millis(40)).failing(scenario.outages_per_mille);
        if let Some(point) = crash {
            process = process.crashing_at(point);
        }
        let settings = PackSettings { commit_window: scenario.window, ..settings() };
        let vault = world.vault_of(&process, seed, settings);
        let (scenario, history, clock) = (scenario.clone(), history.clone(), world.clock.clone());
        processes.spawn(async move {
            let work = async {
                match number {
                    0 | 1 => write(vault, seed, scenario, history).await,
                    2 => remove(vault, seed, scenario, history).await,
                    3 => read(vault, seed, scenario).await,
                    _ => keep_house(vault, clock, seed, scenario).await,
                }
            };
            tokio::select! {
                () = work => {}
                () = process.crashed() => {}
            }
        });
    }
    processes.join_all().await;
    let is_faultless = scenario.crashes.iter().all(Option::is_none) && scenario.outages_per_mille == 0;
    check(&world, &history.events(), is_faultless).await;
}

async fn check(world: &World, events: &[Event], is_faultless: bool) {
    // A crash anywhere converges within two runs. By the next run, reads are no longer stale.
    world.secrets.make_stale(0, 0);
    let vault = world.vault();
    list(&vault).await;
    let (accounts, unreadable) = list(&vault).await;
    assert!(unreadable.is_empty(), "{unreadable:?}");

    let log: Vec<Pack> = world
        .secrets
        .log()
        .into_iter()
        .map(|(secret, value)| {
            assert!(value.expose().len() <= 65_536);
            Pack::decode(&secret, &value).unwrap()
        })
        .collect();
    let after = chains(&log);
    kept(&accounts, events, &after);
    one_place(world);
    if is_faultless {
        no_place_is_empty(world, "");
    }
    deleted(world, events);

    // Whatever was left unfinished, a deletion for good leaves nothing.
    for gone in REMOVABLE.map(name) {
        vault.remove(&gone, Removal::ForGood).await.unwrap();
        assert_eq!(world.traces(&gone), [], "{gone}");
    }
    for secret in world.secrets.current_values().into_keys() {
        let present = world.index.all_packs().get(&secret.pack).map(|state| state.generation);
        // A pack that a crashed process has created and not added holds nothing.
        assert!(present.is_none_or(|present| present == secret.generation), "{secret} {present:?}");
    }
}

/// A revision never changes, no revision has two successors, and a commit changes no byte of an entry that is not in it.
/// Returns which token each token follows.
fn chains(log: &[Pack]) -> BTreeMap<String, Option<String>> {
    let mut revisions = BTreeMap::new();
    let mut successors: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut after = BTreeMap::new();
    for pack in log {
        for (key, read) in pack.accounts() {
            let account = read.unwrap();
            let first = revisions.entry(account.version.to_string()).or_insert_with(|| account.document.clone());
            assert_eq!(*first, account.document, "{} has two documents", account.version);
            let token = token_of(&account.document);
            let before = account.document.unknown["after"].as_str().map(str::to_owned);
            if let Some(before) = &before {
                let successor = successors.entry((key.clone(), before.clone())).or_insert_with(|| token.clone());
                assert_eq!(*successor, token, "{key} was replaced twice from the same base");
            }
            after.insert(token, before);
        }
    }
    after
}

/// Every document that a writer has stored is the present one, or one that the present one follows. A removal in between
/// excuses the accounts that may be removed.
fn kept(
    accounts: &BTreeMap<String, evertoken_core::document::Versioned>,
    events: &[Event],
    after: &BTreeMap<String, Option<String>>,
) {
    for event in events {
        let Event::Stored { name, token, began } = event else { continue };
        let mut ancestors = BTreeSet::new();
        let mut next = accounts.get(name.as_str()).map(|account| token_of(&account.document));
        while let Some(token) = next {
            next = after[&token].clone();
            ancestors.insert(token);
        }
        let removals = events.iter().enumerate().filter(|(_, event)| match event {
            Event::RemovalBegan { name: removed, .. } => removed == name,
            _ => false,
        });
        let ends = removals.map(|(at, _)| {
            events.iter().position(|event| matches!(event, Event::RemovalEnded { began, .. } if *began == at))
        });
        // The removal ended after the write began, or never.
        let is_removed = ends.into_iter().any(|ended| ended.is_none_or(|ended| ended >= *began));
        assert!(ancestors.contains(token) || is_removed, "a write of {name} is lost");
    }
    for number in 0..KEPT {
        assert!(accounts.contains_key(&format!("kept-{number}")), "kept-{number} is gone");
    }
}

/// After a deletion for good, no version of any secret holds what was stored before.
fn deleted(world: &World, events: &[Event]) {
    let everything: Vec<_> =
        world.secrets.everything().into_iter().map(|(secret, value)| Pack::decode(&secret, &value).unwrap()).collect();
    for event in events {
        let Event::RemovalEnded { name, began } = event else { continue };
        if !matches!(events[*began], Event::RemovalBegan { removal: Removal::ForGood, .. }) {
            continue;
        }
        let before: BTreeSet<_> = events[..*began]
            .iter()
            .filter_map(|event| match event {
                Event::Stored { name: stored, token, .. } if stored == name => Some(token.clone()),
                _ => None,
            })
            .collect();
        for pack in &everything {
            let left = pack.account(name).unwrap().map(|account| token_of(&account.document));
            assert!(left.is_none_or(|token| !before.contains(&token)), "{} still holds {name}", pack.secret());
        }
    }
}

fn run_paused(scenario: Scenario) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(run(scenario));
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_token_is_lost_and_no_account_stays_whatever_crashes(scenario in scenario()) {
        run_paused(scenario);
    }
}
