//! `bulk-run ACCOUNTS` runs the refresh over this many due accounts in its own process, and prints its peak memory.
//!
//! The vault generates its documents on demand, so that only the run takes memory.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test tool may panic and print")]

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

/// A vault that generates its documents and stores nothing.
#[derive(Clone, Debug)]
struct GeneratedVault {
    accounts: usize,
}

fn generate(name: &AccountName) -> Versioned {
    let first = sample::with_token(&"IGAA".repeat(46), &sample::document(name.as_str()));
    // Decode the document from JSON, as other vaults do.
    let document = Document::decode(name, first.encode().expose_secret()).unwrap();
    Versioned { version: VersionId::new("1"), document, cohort: None }
}

impl AccountStore for GeneratedVault {
    async fn get(&self, name: &AccountName) -> Result<Option<Versioned>, VaultError> {
        Ok(Some(generate(name)))
    }

    async fn get_many(&self, names: &[AccountName]) -> Result<Page, VaultError> {
        Ok(Page { accounts: names.iter().map(generate).collect(), unreadable: Vec::new() })
    }

    fn list(&self) -> impl Stream<Item = Result<Page, VaultError>> + Send {
        let accounts = self.accounts;
        stream::iter((0..accounts).step_by(PAGE_SIZE).map(move |first| {
            let numbers = first..accounts.min(first + PAGE_SIZE);
            let accounts = numbers.map(|number| generate(&sample::name(&format!("shop-{number}")))).collect();
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

impl ParkedDocuments for GeneratedVault {
    async fn park(&self, _: &VersionId, _: &Document) -> Result<(), VaultError> {
        Ok(())
    }

    async fn parked(&self, _: &AccountName) -> Result<Option<Document>, VaultError> {
        Ok(None)
    }

    async fn forget_earlier(&self, _: &AccountName) -> Result<(), VaultError> {
        Ok(())
    }
}

impl AccountIndex for GeneratedVault {
    async fn find(&self, _: &AccountId) -> Result<FoundAccounts, VaultError> {
        Ok(FoundAccounts::default())
    }

    async fn label(&self, _: &Document, _: Option<&Document>) -> Result<(), VaultError> {
        Ok(())
    }
}

impl LoginRecords for GeneratedVault {
    async fn remember(&self, _: &LoginId, _: &AccountName) -> Result<(), VaultError> {
        Ok(())
    }

    async fn recall(&self, _: &LoginId) -> Result<Option<AccountName>, VaultError> {
        Ok(None)
    }
}

impl InviteClaims for GeneratedVault {
    async fn claim(&self, _: &InviteId) -> Result<(), VaultError> {
        Ok(())
    }

    async fn is_claimed(&self, _: &InviteId) -> Result<bool, VaultError> {
        Ok(false)
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
        vault: GeneratedVault { accounts },
        clock: Arc::new(FixedClock(sample::ISSUED_AT + Duration::days(30))),
        entropy: Arc::new(SystemEntropy),
        events: None::<MemoryEvents>,
        policy: Policy::default(),
        limits: Limits { writes_per_second: None, ..Limits::default() },
    });
    let report = refresher.run(&Request::default(), None).await.unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().trim();
    println!(
        "{} of {} accounts renewed, peak memory {peak}, {} ms",
        report.refreshed, report.accounts, report.duration_ms
    );
}
