//! Random interleavings of two writers, two movers, a remover and a reader, each a process of its own. Processes crash at any
//! request, requests fail, and reads are stale, in packs and in secrets.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use evertoken_core::account::AccountName;
use evertoken_core::vault::{AccountStore, Removal, VaultError};
use fastrand::Rng;
use proptest::prelude::*;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::departures::{pass_a_day, use_up_versions};
use super::fixture::{TestVault, World, document, list, name};
use super::moves::{History, check_places};
use crate::process::Process;

#[derive(Clone, Debug)]
struct Scenario {
    seed: u64,
    /// When each of the processes crashes, if it does.
    crashes: [Option<u32>; PROCESSES],
    stale_per_mille: u32,
    outages_per_mille: u32,
    /// Whether the pack that has the accounts takes no further version today.
    is_used_up: bool,
    steps: usize,
}

const PROCESSES: usize = 6;

/// An account that nobody removes.
const KEPT: &str = "kept";

/// An account that the remover removes.
const REMOVABLE: &str = "gone";

fn scenario() -> impl Strategy<Value = Scenario> {
    let crash = || prop::option::weighted(0.4, 0_u32..200);
    (
        any::<u64>(),
        [crash(), crash(), crash(), crash(), crash(), crash()],
        prop::sample::select(vec![0, 200, 500]),
        prop::sample::select(vec![0, 0, 20]),
        prop::sample::select(vec![false, false, true]),
        4_usize..10,
    )
        .prop_map(|(seed, crashes, stale_per_mille, outages_per_mille, is_used_up, steps)| Scenario {
            seed,
            crashes,
            stale_per_mille,
            outages_per_mille,
            is_used_up,
            steps,
        })
}

/// An outcome that a caller may see at any time.
fn tolerate<T>(result: Result<T, VaultError>) -> Option<T> {
    match result {
        Ok(done) => Some(done),
        Err(VaultError::Conflict | VaultError::Unavailable { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

async fn write(vault: TestVault, seed: u64, steps: usize, history: History) {
    let mut rng = Rng::with_seed(seed);
    for step in 0..steps {
        let name = name(if rng.u32(..4) == 0 { REMOVABLE } else { KEPT });
        let Some(present) = tolerate(vault.get(&name).await) else { continue };
        let token = format!("IGAA-{seed}-{step}");
        let of = |after| history.next(&document(name.as_str()), after, &token);
        let next = of(present.as_ref().map(|present| &present.document));
        // A caller repeats a write whose outcome it does not know.
        for _ in 0..3 {
            let stored = match &present {
                Some(present) => vault.replace(&present.version, &next).await,
                None if name.as_str() == KEPT => panic!("the account cannot be read"),
                None => vault.create(&next).await,
            };
            match stored {
                Ok(_) if name.as_str() == KEPT => {
                    history.stored(&next);
                    break;
                }
                Err(VaultError::Unavailable { .. }) => {}
                _ => break,
            }
        }
        tokio::time::sleep(Duration::from_millis(rng.u64(..60))).await;
    }
}

async fn move_about(vault: TestVault, seed: u64, steps: usize) {
    let mut rng = Rng::with_seed(seed);
    for _ in 0..steps {
        let name = name(if rng.u32(..3) == 0 { REMOVABLE } else { KEPT });
        if rng.bool() {
            tolerate(vault.pack(&name).await);
        } else {
            tolerate(vault.unpack(&name).await);
        }
    }
}

async fn remove(vault: TestVault, seed: u64, steps: usize) {
    let mut rng = Rng::with_seed(seed);
    for _ in 0..steps / 2 {
        let removal = if rng.bool() { Removal::ForGood } else { Removal::Recoverable };
        tolerate(vault.remove(&name(REMOVABLE), removal).await);
        tokio::time::sleep(Duration::from_millis(rng.u64(..200))).await;
    }
}

/// Every read of the account succeeds, whatever moves.
async fn read(vault: TestVault, steps: usize) {
    for _ in 0..steps * 2 {
        if let Some(read) = tolerate(vault.get(&name(KEPT)).await) {
            let read = read.expect("the account cannot be read");
            assert_eq!(read.document.moved_to(), None);
        }
        if let Some(read) = tolerate(vault.get_many(&[name(KEPT)]).await) {
            assert_eq!(read.accounts.len(), 1, "the account cannot be read");
        }
    }
}

async fn run(scenario: Scenario) {
    let (world, history) = (World::new(), History::default());
    let first = history.next(&document(KEPT), None, "IGAA-first");
    world.singles.create(&first).await.unwrap();
    history.stored(&first);
    world.singles.create(&history.next(&document(REMOVABLE), None, "IGAA-gone")).await.unwrap();
    if scenario.is_used_up {
        use_up_pack(&world).await;
    }
    world.secrets.make_stale(scenario.seed, scenario.stale_per_mille);
    world.reads.make_stale(scenario.seed, scenario.stale_per_mille);
    let mut rng = Rng::with_seed(scenario.seed);
    let mut processes = JoinSet::new();
    let start = Arc::new(Barrier::new(PROCESSES));
    for (number, crash) in scenario.crashes.into_iter().enumerate() {
        let seed = rng.u64(..);
        let mut process = Process::new(seed, Duration::from_millis(40)).failing(scenario.outages_per_mille);
        if let Some(point) = crash {
            process = process.crashing_at(point);
        }
        let (vault, history, steps, start) =
            (world.vault_of(&process), history.clone(), scenario.steps, Arc::clone(&start));
        processes.spawn(async move {
            start.wait().await;
            let work = async {
                match number {
                    0 | 1 => write(vault, seed, steps, history).await,
                    2 | 3 => move_about(vault, seed, steps).await,
                    4 => remove(vault, seed, steps).await,
                    _ => read(vault, steps).await,
                }
            };
            tokio::select! {
                () = work => {}
                () = process.crashed() => {}
            }
        });
    }
    processes.join_all().await;
    check(&world, &history).await;
}

/// Moves the accounts into a pack, and uses up the versions that its secret takes in a day.
async fn use_up_pack(world: &World) {
    let vault = world.vault();
    for account in [KEPT, REMOVABLE] {
        vault.pack(&name(account)).await.unwrap();
    }
    vault.create(&document("beside")).await.unwrap();
    use_up_versions(&vault).await;
    vault.remove(&name("beside"), Removal::ForGood).await.unwrap_err();
}

async fn check(world: &World, history: &History) {
    // By the next run, reads are no longer stale, and all packs can be written.
    pass_a_day().await;
    world.secrets.make_stale(0, 0);
    world.reads.make_stale(0, 0);
    let vault = world.vault();
    let kept: AccountName = name(KEPT);
    let present = vault.get(&kept).await.unwrap().expect("the account is gone");
    assert_eq!(history.lost(&present.document), BTreeSet::new());
    vault.remove(&name(REMOVABLE), Removal::ForGood).await.unwrap();
    assert_eq!(vault.get(&name(REMOVABLE)).await, Ok(None));
    assert_eq!((world.traces(&name(REMOVABLE)), world.singles.get(&name(REMOVABLE)).await), (vec![], Ok(None)));
    vault.pack(&kept).await.unwrap();
    assert_eq!(vault.packed().get(&kept).await.unwrap().unwrap().document, present.document);
    vault.unpack(&kept).await.unwrap();
    assert_eq!(world.singles.get(&kept).await.unwrap().unwrap().document, present.document);
    let accounts = list(&vault).await;
    let names: BTreeSet<_> = accounts.iter().map(|account| account.document.name.as_str()).collect();
    assert_eq!((accounts.len(), names.contains(KEPT), names.contains(REMOVABLE)), (names.len(), true, false));
    check_places(world, "at the end");
}

fn run_paused(scenario: Scenario) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(run(scenario));
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_reader_fails_and_no_write_is_lost_whatever_moves(scenario in scenario()) {
        run_paused(scenario);
    }
}
