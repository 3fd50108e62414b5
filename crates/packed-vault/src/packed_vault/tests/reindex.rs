//! Rebuilding the index: after it was lost, restored or damaged, stopped anywhere, and while others work.

use std::collections::BTreeMap;

use evertoken_core::account::AccountName;
use evertoken_core::document::Document;
use evertoken_core::vault::{AccountIndex, AccountStore, OutageCause, ParkedDocuments, Removal, VaultError};
use time::Duration;

use super::fixture::{World, document, list, name, pack_id, settings, with_token};
use super::places::{no_place_is_empty, one_place};
use crate::ids::Generation;
use crate::pack_index::PackIndex;
use crate::pack_secrets::PackValue;
use crate::packed_vault::Reindexed;
use crate::process::Process;

/// Accounts in three packs. One has a parked document, one was removed, and one was forgotten, so that its pack has another
/// generation.
async fn used_world() -> World {
    let world = World::new();
    let vault = world.vault();
    for number in 0..36 {
        vault.create(&document(&format!("shop-{number}"), "IGAA-first")).await.unwrap();
    }
    let parked = vault.get(&name("shop-1")).await.unwrap().unwrap();
    vault.park(&parked.version, &with_token(&parked.document, "IGAA-parked")).await.unwrap();
    vault.remove(&name("shop-20"), Removal::Recoverable).await.unwrap();
    vault.remove(&name("shop-3"), Removal::ForGood).await.unwrap();
    vault.forget_earlier(&name("shop-4")).await.unwrap();
    world
}

async fn documents(world: &World) -> BTreeMap<String, Document> {
    let (accounts, unreadable) = list(&world.vault()).await;
    assert!(unreadable.is_empty(), "{unreadable:?}");
    accounts.into_iter().map(|(name, account)| (name, account.document)).collect()
}

async fn reindex(world: &World) -> Reindexed {
    world.vault().reindex(|_, _| {}).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_lost_index_is_rebuilt_from_the_packs() {
    let world = used_world().await;
    let before = (documents(&world).await, world.index.all_places(), world.index.all_packs(), world.index.all_ids());
    let values: Vec<_> =
        world.secrets.current_values().into_iter().map(|(id, value)| (id, value.expose().to_vec())).collect();
    world.index.clear();
    assert!(world.vault().get(&name("shop-0")).await.unwrap().is_none());
    let mut steps = std::sync::Mutex::new(Vec::new());
    let report = world.vault().reindex(|done, total| steps.lock().unwrap().push((done, total))).await.unwrap();
    assert_eq!(steps.get_mut().unwrap().as_slice(), [(1, 3), (2, 3), (3, 3)]);
    let expected = Reindexed { packs: 3, recorded_packs: 3, accounts: 34, placed_accounts: 34, problems: vec![] };
    assert_eq!(report, expected);
    // Not one byte of a pack has changed.
    let now: Vec<_> =
        world.secrets.current_values().into_iter().map(|(id, value)| (id, value.expose().to_vec())).collect();
    assert_eq!(now, values);
    assert_eq!(documents(&world).await, before.0);
    let places = world.index.all_places();
    let mut known = before.1;
    // Nothing but the index knows of a removed account.
    known.remove(&name("shop-20"));
    assert_eq!(places, known);
    for (id, state) in world.index.all_packs() {
        assert_eq!((state.generation, state.used), (before.2[&id].generation, before.2[&id].used));
        // The earlier versions may hold accounts that were removed.
        assert!(state.purge_after.is_some());
    }
    let mut ids = before.3;
    ids.retain(|_, names| !names.contains(&name("shop-20")));
    assert_eq!(world.index.all_ids(), ids);
    assert_eq!(reindex(&world).await, Reindexed { recorded_packs: 0, placed_accounts: 0, ..expected });
    one_place(&world);
    no_place_is_empty(&world, "");
    // Logins find their accounts, and new ones a place.
    let vault = world.vault();
    assert_eq!(vault.create(&document("shop-0", "IGAA")).await, Err(VaultError::Conflict));
    assert_eq!(vault.find(&document("shop-9", "x").account_id).await.unwrap().accounts.len(), 1);
    vault.create(&document("new", "IGAA-new")).await.unwrap();
    // The removed account is in no earlier version once it could not be restored any more.
    assert!(!world.traces(&name("shop-20")).is_empty());
    world.clock.advance(Duration::days(8));
    list(&world.vault()).await;
    assert_eq!(world.traces(&name("shop-20")), []);
    one_place(&world);
    no_place_is_empty(&world, "");
}

#[tokio::test(start_paused = true)]
async fn a_rebuild_that_is_stopped_anywhere_is_continued() {
    let start = used_world().await;
    let expected = documents(&start).await;
    start.index.clear();
    for crashes in [true, false] {
        for point in 0.. {
            let world = start.fork();
            let process = Process::default();
            let process = if crashes { process.crashing_at(point) } else { process.failing_at(point) };
            let vault = world.vault_of(&process, 1, settings());
            let is_done = tokio::select! {
                report = vault.reindex(|_, _| {}) => report.is_ok(),
                () = process.crashed() => false,
            };
            reindex(&world).await;
            assert_eq!(documents(&world).await, expected, "{point}");
            one_place(&world);
            no_place_is_empty(&world, "");
            if is_done {
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_index_from_a_backup_is_brought_up_to_date() {
    let world = used_world().await;
    let backup = world.index.fork();
    let vault = world.vault();
    for number in 0..20 {
        vault.create(&document(&format!("later-{number}"), "IGAA-later")).await.unwrap();
    }
    for _ in 0..3 {
        vault.forget_earlier(&name("shop-5")).await.unwrap();
    }
    vault.remove(&name("shop-6"), Removal::ForGood).await.unwrap();
    let expected = documents(&world).await;
    let world = World { index: backup, ..world };
    let report = reindex(&world).await;
    assert_eq!((report.problems.as_slice(), report.accounts), ([].as_slice(), 53));
    assert!(report.recorded_packs >= 2 && report.placed_accounts >= 10, "{report:?}");
    assert_eq!(documents(&world).await, expected);
    one_place(&world);
    // The place of the account that was removed since is free for its next login.
    world.vault().create(&document("shop-6", "IGAA-again")).await.unwrap();
    one_place(&world);
    no_place_is_empty(&world, "");
}

/// It was removed before the backup, and connected again after it.
#[tokio::test(start_paused = true)]
async fn an_account_that_was_removed_according_to_the_index_is_named_and_not_changed() {
    for (later, problem) in [
        (0, "the pack main-00001 holds the account, and the index says that it was removed;"),
        (1, "the pack main-00002 holds the account, and the index says that it was removed from main-00001;"),
    ] {
        let world = World::new();
        let vault = world.vault();
        for number in 0..16 {
            vault.create(&document(&format!("shop-{number}"), "IGAA-first")).await.unwrap();
        }
        vault.remove(&name("shop-0"), Removal::Recoverable).await.unwrap();
        let backup = world.index.fork();
        // One more account fills the first pack again.
        for number in 0..later {
            vault.create(&document(&format!("later-{number}"), "IGAA-later")).await.unwrap();
        }
        vault.create(&document("shop-0", "IGAA-again")).await.unwrap();
        let world = World { index: backup, ..world };
        let removed = world.index.place(&name("shop-0")).await.unwrap();
        let report = reindex(&world).await;
        let [found] = report.problems.as_slice() else { panic!("{report:?}") };
        assert!(found.name == "shop-0" && found.problem.starts_with(problem), "{found:?}");
        assert_eq!(report.placed_accounts, later);
        assert_eq!(world.index.place(&name("shop-0")).await.unwrap(), removed);
    }
}

/// What others do in the middle is neither undone nor overlooked.
#[tokio::test(start_paused = true)]
async fn others_go_on_while_the_index_is_rebuilt() {
    for is_lost in [true, false] {
        for point in 0.. {
            let world = used_world().await;
            if is_lost {
                world.index.clear();
            }
            let process = Process::default().pausing_at(point);
            let vault = world.vault_of(&process, 1, settings());
            let rebuilding = tokio::spawn(async move { vault.reindex(|_, _| {}).await.unwrap() });
            let has_stopped = process.stops(&rebuilding).await;
            let vault = world.vault();
            let mut expected = BTreeMap::new();
            if let Some(present) = vault.get(&name("shop-7")).await.unwrap() {
                let next = with_token(&present.document, "IGAA-next");
                vault.replace(&present.version, &next).await.unwrap();
                expected.insert("shop-7", Some(next));
            }
            // Before the groups are known, a login gets no place and falls back to a secret of its own.
            match vault.create(&document("new", "IGAA-new")).await {
                Ok(_) => drop(expected.insert("new", Some(document("new", "IGAA-new")))),
                Err(error) => assert!(matches!(error, VaultError::Unavailable { cause: OutageCause::Other, .. })),
            }
            if vault.get(&name("shop-8")).await.unwrap().is_some() {
                vault.remove(&name("shop-8"), Removal::ForGood).await.unwrap();
                expected.insert("shop-8", None);
            }
            if vault.get(&name("shop-9")).await.unwrap().is_some() {
                vault.forget_earlier(&name("shop-9")).await.unwrap();
            }
            process.resume();
            let report = rebuilding.await.unwrap();
            assert_eq!(report.problems, [], "{point}");
            let after = reindex(&world).await;
            assert_eq!(after.problems, [], "{point}");
            let documents = documents(&world).await;
            for (name, document) in expected {
                assert_eq!(documents.get(name), document.as_ref(), "{name} at {point}, lost: {is_lost}");
            }
            assert!((33..=35).contains(&documents.len()), "{point}: {}", documents.len());
            one_place(&world);
            if !has_stopped {
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_in_two_packs_is_named_and_the_later_login_counts() {
    for is_later_in_first in [true, false] {
        let world = World::new();
        let vault = world.vault();
        let mut twice = document("twice", "IGAA-one");
        if is_later_in_first {
            twice.connected_at += Duration::days(1);
        }
        vault.create(&twice).await.unwrap();
        let place = world.index.place(&twice.name).await.unwrap().unwrap();
        world.index.release(&twice.name, &place).await.unwrap();
        for number in 0..16 {
            vault.create(&document(&format!("shop-{number}"), "IGAA-first")).await.unwrap();
        }
        let mut again = document("twice", "IGAA-two");
        again.connected_at += Duration::hours(1);
        let version = vault.create(&again).await.unwrap();
        assert!(version.as_str().starts_with("main-00002:"), "{version}");
        for is_lost in [false, true] {
            if is_lost {
                world.index.clear();
            }
            let report = reindex(&world).await;
            let [problem] = report.problems.as_slice() else { panic!("{report:?}") };
            assert_eq!(problem.name, "twice");
            assert!(problem.problem.starts_with("the account is in two packs, main-0000"), "{}", problem.problem);
            let newest = if is_later_in_first { &twice } else { &again };
            assert_eq!(world.vault().get(&twice.name).await.unwrap().unwrap().document, *newest);
            // Both are kept.
            for pack in [1, 2] {
                assert!(world.pack(&pack_id(pack)).holds(&twice.name));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_place_that_points_nowhere_is_put_right() {
    let world = used_world().await;
    let account: AccountName = name("shop-10");
    let from = world.index.all_places()[&account].pack.clone();
    let wrong = pack_id(if from.number() == 1 { 2 } else { 1 });
    for wrong in [wrong, pack_id(77)] {
        world.index.move_to(&account, &from, &wrong).await.unwrap();
        let report = reindex(&world).await;
        assert_eq!((report.placed_accounts, report.problems.len()), (1, 0), "{report:?}");
        assert_eq!(world.vault().get(&account).await.unwrap().unwrap().document.name, account);
        assert_eq!(world.index.all_places()[&account].pack, from);
    }
}

#[tokio::test(start_paused = true)]
async fn a_generation_that_does_not_exist_is_put_right() {
    let world = used_world().await;
    let expected = documents(&world).await;
    for wrong in [Generation::FIRST, Generation::new(9)] {
        let right = world.index.all_packs()[&pack_id(1)].generation;
        world.index.corrupt_generation(&pack_id(1), wrong);
        assert_eq!(reindex(&world).await.recorded_packs, usize::from(wrong != right));
        assert_eq!(world.index.all_packs()[&pack_id(1)].generation, right);
        assert_eq!(documents(&world).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_pack_and_a_missing_one_are_named_and_all_others_are_rebuilt() {
    let world = used_world().await;
    let first = world.index.all_packs()[&pack_id(1)].generation;
    world.secrets.overwrite(&pack_id(1).at(first), PackValue::new(b"\x1f\x8b\x08 broken".to_vec()));
    let second = world.index.all_packs()[&pack_id(2)].generation;
    world.secrets.destroy(&pack_id(2).at(second));
    world.index.clear();
    let report = reindex(&world).await;
    let problems: Vec<_> = report.problems.iter().map(|one| format!("{}: {}", one.name, one.problem)).collect();
    let broken = format!(
        "packs/main-00001: the secret packs/main-00001/{first} is unreadable: the value is not gzip, or is damaged"
    );
    let missing = "packs/main-00002: no secret of this pack exists; restore it, if it was deleted by mistake";
    assert_eq!(problems, [broken.as_str(), missing]);
    let (accounts, unreadable) = list(&world.vault()).await;
    let third = world.pack(&pack_id(3)).keys().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(accounts.into_keys().collect::<Vec<_>>(), third);
    assert_eq!(unreadable.into_keys().collect::<Vec<_>>(), ["packs/main-00001", "packs/main-00002"]);
    // A login that belongs to an unreadable pack does not overwrite it.
    world.vault().create(&document("new", "IGAA-new")).await.unwrap();
    assert_eq!(world.secrets.current_values()[&pack_id(1).at(first)].expose(), b"\x1f\x8b\x08 broken");
}

/// A rollover and a move that were interrupted before the index was lost are completed afterwards.
#[tokio::test(start_paused = true)]
async fn what_was_under_way_is_completed_after_the_index_was_rebuilt() {
    let start = used_world().await;
    for point in 0.. {
        let world = start.fork();
        let process = Process::default().crashing_at(point);
        let vault = world.vault_of(&process, 1, settings());
        let account = name("shop-5");
        let is_done = tokio::select! {
            done = vault.forget_earlier(&account) => { done.unwrap(); true },
            () = process.crashed() => false,
        };
        let expected = documents(&world.fork()).await;
        world.index.clear();
        assert_eq!(reindex(&world).await.problems, [], "{point}");
        assert_eq!(documents(&world).await, expected, "{point}");
        list(&world.vault()).await;
        one_place(&world);
        no_place_is_empty(&world, "");
        for (secret, _) in world.secrets.current_values() {
            assert_eq!(world.index.all_packs()[&secret.pack].generation, secret.generation, "{point}: {secret}");
        }
        if is_done {
            return;
        }
    }
}
