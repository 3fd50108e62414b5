//! Changes that are written together.

use std::time::Duration;

use evertoken_core::document::Versioned;
use evertoken_core::vault::{AccountStore, ParkedDocuments, VaultError};
use futures_util::future::join_all;
use tokio::time::Instant;

use super::fixture::{TestVault, World, document, name, pack_id, settings, with_token};
use crate::packed_vault::{NewAccounts, PackSettings};
use crate::process::Process;

fn with_window(seconds: u64) -> PackSettings {
    PackSettings {
        size: crate::PackSize::default(),
        commit_window: Duration::from_secs(seconds),
        logins_per_day: 128,
        ..settings()
    }
}

async fn fill(vault: &TestVault, accounts: usize) -> Vec<Versioned> {
    let mut created = Vec::new();
    for number in 0..accounts {
        let document = document(&format!("shop-{number}"), "IGAA-first");
        created.push(Versioned { version: vault.create(&document).await.unwrap(), document, cohort: None });
    }
    created
}

#[tokio::test(start_paused = true)]
async fn replacements_of_one_second_are_one_write() {
    let world = World::new();
    let accounts = fill(&world.vault_of(&Process::default(), 1, with_window(0)), 40).await;
    let vault = world.vault_of(&Process::default(), 2, with_window(1));
    let (before, start) = (world.secrets.writes(), Instant::now());
    let replaced = accounts.iter().map(|account| async {
        tokio::time::sleep(Duration::from_millis(u64::try_from(account.document.name.as_str().len()).unwrap() * 50))
            .await;
        vault.replace(&account.version, &with_token(&account.document, "IGAA-second")).await.unwrap()
    });
    let versions = join_all(replaced).await;
    assert_eq!(world.secrets.writes() - before, 1);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    for (account, version) in accounts.iter().zip(versions) {
        let read = vault.get(&account.document.name).await.unwrap().unwrap();
        assert_eq!((read.version, read.document.access_token.expose()), (version, "IGAA-second"));
    }
}

#[tokio::test(start_paused = true)]
async fn new_accounts_are_stored_together_if_the_settings_say_so() {
    for (new_accounts, most_writes) in [(NewAccounts::Together, 2), (NewAccounts::AtOnce, 41)] {
        let world = World::new();
        let process = Process::new(1, Duration::from_millis(10));
        let vault = world.vault_of(&process, 1, PackSettings { new_accounts, ..with_window(1) });
        vault.create(&document("shop", "IGAA")).await.unwrap();
        let (before, documents) = (world.secrets.writes(), (0..40).map(|n| document(&format!("shop-{n}"), "IGAA")));
        let created = documents.map(|document| {
            let vault = vault.clone();
            async move { vault.create(&document).await }
        });
        join_all(created).await.into_iter().for_each(|created| assert!(created.is_ok()));
        let writes = world.secrets.writes() - before;
        assert!(writes <= most_writes, "{new_accounts:?}: {writes}");
        assert_eq!(writes == 1, new_accounts == NewAccounts::Together, "{writes}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_window_closes_when_64_changes_wait() {
    let world = World::new();
    let accounts = fill(&world.vault_of(&Process::default(), 1, with_window(0)), 64).await;
    let vault = world.vault_of(&Process::default(), 2, with_window(60));
    let start = Instant::now();
    let replaced = accounts.iter().map(|account| vault.replace(&account.version, &account.document));
    join_all(replaced).await.into_iter().for_each(|replaced| assert!(replaced.is_ok()));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_login_does_not_wait_for_the_window() {
    let world = World::new();
    let vault = world.vault_of(&Process::default(), 2, with_window(60));
    let start = Instant::now();
    fill(&vault, 2).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn of_two_changes_of_one_account_in_a_window_one_wins() {
    let world = World::new();
    let vault = world.vault_of(&Process::default(), 2, with_window(1));
    let first = document("shop-de", "IGAA-first");
    let base = vault.create(&first).await.unwrap();
    let (two, three) = (with_token(&first, "IGAA-two"), with_token(&first, "IGAA-three"));
    let (one, other, parked) =
        tokio::join!(vault.replace(&base, &two), vault.replace(&base, &three), vault.park(&base, &three));
    assert!(one.is_ok() && other == Err(VaultError::Conflict) && parked == Err(VaultError::Conflict));
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().document, two);
}

#[tokio::test(start_paused = true)]
async fn a_failed_write_fails_all_of_its_changes_and_the_next_one_succeeds() {
    let world = World::new();
    let accounts = fill(&world.vault(), 2).await;
    let broken = world.vault_of(&Process::new(1, Duration::ZERO).failing(2_000), 2, settings());
    for account in &accounts {
        let replaced = broken.replace(&account.version, &with_token(&account.document, "IGAA-lost")).await;
        assert!(matches!(replaced, Err(VaultError::Unavailable { .. })), "{replaced:?}");
    }
    let vault = world.vault();
    for account in accounts {
        vault.replace(&account.version, &with_token(&account.document, "IGAA-next")).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_does_not_take_the_other_changes_with_it() {
    let world = World::new();
    let accounts = fill(&world.vault(), 2).await;
    let vault = world.vault_of(&Process::default(), 2, with_window(1));
    let [one, two] = [0, 1].map(|at: usize| with_token(&accounts[at].document, "IGAA-next"));
    let (impatient, patient) = (vault.replace(&accounts[0].version, &one), vault.replace(&accounts[1].version, &two));
    let (gave_up, stored) = tokio::join!(tokio::time::timeout(Duration::from_millis(10), impatient), patient);
    assert!(gave_up.is_err() && stored.is_ok());
}

#[tokio::test(start_paused = true)]
async fn writers_of_other_accounts_never_cause_a_conflict() {
    let world = World::new();
    let accounts = fill(&world.vault(), 12).await;
    let writes = accounts.into_iter().enumerate().map(|(seed, account)| {
        let process = Process::new(seed.try_into().unwrap(), Duration::from_millis(20));
        let vault = world.vault_of(&process, seed.try_into().unwrap(), settings());
        async move {
            let mut version = account.version;
            for token in ["IGAA-a", "IGAA-b", "IGAA-c"] {
                let next = with_token(&account.document, token);
                // Eight rounds may not be enough for twelve processes. The caller tries again, as it does in an outage.
                version = loop {
                    match vault.replace(&version, &next).await {
                        Ok(version) => break version,
                        Err(VaultError::Unavailable { .. }) => {}
                        Err(error) => panic!("{error}"),
                    }
                };
            }
        }
    });
    join_all(writes).await;
    assert_eq!(world.pack(&pack_id(1)).len(), 12);
    assert_eq!(world.vault().get(&name("shop-3")).await.unwrap().unwrap().document.access_token.expose(), "IGAA-c");
}

/// All applications of the AWS account share the 50 writes of a second.
#[tokio::test(start_paused = true)]
async fn a_process_writes_no_faster_than_its_settings_allow() {
    let world = World::new();
    let account = fill(&world.vault_of(&Process::default(), 1, with_window(0)), 1).await.remove(0);
    let limited = PackSettings { writes_per_second: Some(1), ..with_window(0) };
    let vault = world.vault_of(&Process::default(), 2, limited);
    let (mut version, start) = (account.version, Instant::now());
    for token in ["IGAA-a", "IGAA-b", "IGAA-c", "IGAA-d", "IGAA-e"] {
        version = vault.replace(&version, &with_token(&account.document, token)).await.unwrap();
    }
    assert!(start.elapsed() >= Duration::from_secs(4), "{:?}", start.elapsed());
}
