//! Refresh runs over packs.

use std::sync::Arc;
use std::time::Duration;

use evertoken_core::document::Document;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::MemoryEvents;
use evertoken_core::policy::Policy;
use evertoken_core::provider::{CheckedToken, TokenApi};
use evertoken_core::provider_error::ProviderError;
use evertoken_core::refresh::{Limits, Refresher, Report, Request};
use evertoken_core::secrets::AccessToken;
use evertoken_core::token::LongLivedToken;
use evertoken_core::vault::AccountStore;

use super::fixture::{TestVault, World, document, list, pack_id, settings};
use crate::packed_vault::PackSettings;
use crate::process::Process;

/// Answers every call after 150 ms, which makes 0.3 s for each account.
struct Instagram;

impl TokenApi for Instagram {
    async fn refresh(&self, document: &Document) -> Result<LongLivedToken, ProviderError> {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let token = AccessToken::new(format!("{}+", document.access_token.expose()));
        Ok(LongLivedToken { token, token_type: "bearer".to_owned(), expires_in: time::Duration::days(60) })
    }

    async fn check(&self, document: &Document) -> Result<CheckedToken, ProviderError> {
        tokio::time::sleep(Duration::from_millis(150)).await;
        Ok(CheckedToken {
            account_id: document.account_id.clone(),
            username: document.username.clone(),
            data_access_expires_at: None,
        })
    }
}

/// Runs a refresh, and checks that its events name the pack.
async fn run(world: &World, vault: &TestVault) -> Report {
    let events = MemoryEvents::default();
    let refresher = Refresher {
        provider: Instagram,
        vault: vault.clone(),
        clock: Arc::new(world.clock.clone()),
        entropy: Arc::new(SystemEntropy),
        events: events.clone(),
        policy: Policy::default(),
        limits: Limits { concurrency: 32, waiting_for_vault: 512, writes_per_second: None, ..Limits::default() },
    };
    let report = Arc::new(refresher).run(&Request::default(), None).await.unwrap();
    let packs: Vec<_> = events.take().into_iter().map(|event| event.pack.map(|pack| pack.to_string())).collect();
    assert_eq!(packs, vec![Some("main-00001".to_owned()); report.refreshed]);
    report
}

/// Moves the vault's clock and that of the model of Secrets Manager.
async fn pass(world: &World, time: time::Duration) {
    world.clock.advance(time);
    tokio::time::advance(time.unsigned_abs()).await;
}

#[tokio::test(start_paused = true)]
async fn all_accounts_of_a_pack_are_renewed_on_its_day_with_a_few_writes() {
    let world = World::new();
    let settings = |seconds| PackSettings {
        size: crate::PackSize::default(),
        commit_window: Duration::from_secs(seconds),
        ..settings()
    };
    let callback = world.vault_of(&Process::default(), 1, settings(0));
    for number in 0..128 {
        // A pack that has taken 64 accounts in one day takes none in the next.
        if number == 64 {
            pass(&world, time::Duration::hours(49)).await;
        }
        callback.create(&document(&format!("shop-{number}"), &format!("IGAA-{number}"))).await.unwrap();
    }
    let refresh = world.vault_of(&Process::default(), 2, settings(1));
    let mut renewals = Vec::new();
    for quarter in 1..=45 * 4 {
        pass(&world, time::Duration::hours(6)).await;
        let writes = world.secrets.writes();
        let report = run(&world, &refresh).await;
        assert_eq!((report.failed, report.conflicts), (0, 0), "{report:?}");
        if report.refreshed > 0 {
            renewals.push((quarter / 4, report.refreshed));
            let writes = world.secrets.writes() - writes;
            assert!((1..=4).contains(&writes), "{writes} writes");
        } else {
            assert_eq!(world.secrets.writes(), writes, "a run without renewals writes nothing");
        }
    }
    let days: Vec<_> = renewals.iter().map(|(day, _)| *day).collect();
    assert!(days.len() >= 2 && days.windows(2).all(|pair| pair[1] - pair[0] == 20), "{days:?}");
    assert!(renewals.iter().all(|(_, refreshed)| *refreshed == 128), "{renewals:?}");
    let (accounts, unreadable) = list(&refresh).await;
    assert_eq!((accounts.len(), unreadable.len(), world.pack(&pack_id(1)).len()), (128, 0, 128));
    for account in accounts.into_values() {
        let token = account.document.access_token.expose().to_owned();
        assert_eq!(token.matches('+').count(), renewals.len(), "{token}");
        assert_eq!(account.cohort.unwrap().as_str(), "main-00001");
    }
}
