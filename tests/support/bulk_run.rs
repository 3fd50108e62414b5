//! `bulk-run ACCOUNTS`: a refresh run over so many due accounts, in a process of its own, and the memory that it took.
//!
//! The vault makes its documents up as they are read, so that all the memory is the run's.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a tool of the tests: it prints and may stop")]

use std::sync::Arc;

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::document::{Document, VersionId, Versioned};
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::MemoryEvents;
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginId;
use evertoken_core::policy::Policy;
use evertoken_core::refresh::{Limits, Refresher, Request};
use evertoken_core::vault::{
    AccountIndex, AccountStore, FoundAccounts, InviteClaims, LoginRecords, PAGE_SIZE, Page, ParkedDocuments, Removal,
    VaultError,
};
use evertoken_tests::fixed_clock::FixedClock;
use evertoken_tests::sample;
use evertoken_tests::scripted_provider::ScriptedProvider;
use futures_util::{Stream, stream};
use secrecy::ExposeSecret;
use time::Duration;

/// So many accounts, none of them kept.
#[derive(Clone, Debug)]
struct EndlessVault {
    accounts: usize,
}

fn made_up(name: &AccountName) -> Versioned {
    let first = sample::with_token(&"IGAA".repeat(46), &sample::document(name.as_str()));
    // Through JSON, as from any vault.
    let document = Document::decode(name, first.encode().expose_secret()).unwrap();
    Versioned { version: VersionId::new("1"), document }
}

impl AccountStore for EndlessVault {
    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        Ok(Some(made_up(name)))
    }

    async fn get_many(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        Ok(Page { accounts: names.iter().map(made_up).collect(), unreadable: Vec::new() })
    }

    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        let accounts = self.accounts;
        stream::iter((0..accounts).step_by(PAGE_SIZE).map(move |first| {
            let numbers = first..accounts.min(first + PAGE_SIZE);
            let accounts = numbers.map(|number| made_up(&sample::name(&format!("shop-{number}")))).collect();
            Ok(Page { accounts, unreadable: Vec::new() })
        }))
    }

    async fn create(&self, _: &Document) -> Result<VersionId, VaultError> {
        Err(VaultError::Conflict)
    }

    async fn replace(&self, _: &VersionId, document: &Document) -> Result<VersionId, VaultError> {
        Ok(VersionId::new(document.encode().expose_secret().len().to_string()))
    }

    async fn remove(&self, _: &AccountName, _: Removal) -> Result<(), VaultError> {
        Ok(())
    }
}

impl ParkedDocuments for EndlessVault {
    async fn park(&self, _: &VersionId, _: &Document) -> Result<(), VaultError> {
        Ok(())
    }

    async fn parked(&self, _: &AccountName) -> Result<Option<Document>, VaultError> {
        Ok(None)
    }
}

impl AccountIndex for EndlessVault {
    async fn find(&self, _: &AccountId) -> Result<FoundAccounts, VaultError> {
        Ok(FoundAccounts::default())
    }

    async fn label(&self, _: &Document) -> Result<(), VaultError> {
        Ok(())
    }
}

impl LoginRecords for EndlessVault {
    async fn remember(&self, _: &LoginId, _: &AccountName) -> Result<(), VaultError> {
        Ok(())
    }

    async fn recall(&self, _: &LoginId) -> Result<Option<AccountName>, VaultError> {
        Ok(None)
    }
}

impl InviteClaims for EndlessVault {
    async fn claim(&self, _: &InviteId) -> Result<(), VaultError> {
        Ok(())
    }

    async fn release(&self, _: &InviteId) -> Result<(), VaultError> {
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let accounts = std::env::args().nth(1).and_then(|number| number.parse().ok()).unwrap_or(100_000);
    let refresher = Arc::new(Refresher {
        provider: ScriptedProvider::default(),
        vault: EndlessVault { accounts },
        clock: Arc::new(FixedClock(sample::ISSUED_AT + Duration::days(30))),
        entropy: Arc::new(SystemEntropy),
        events: None::<MemoryEvents>,
        policy: Policy::default(),
        limits: Limits { writes_per_second: u32::MAX, ..Limits::default() },
    });
    let report = refresher.run(&Request::default(), None).await.unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().trim();
    println!(
        "{} of {} accounts renewed, peak memory {peak}, {} ms",
        report.refreshed, report.accounts, report.duration_ms
    );
}
