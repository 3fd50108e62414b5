//! Executes the steps of a scenario and checks the invariants after each.

use crate::refresh::FailureKind;
use crate::vault::{AccountStore, ParkedDocuments};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration as Wait;

use fastrand::Rng;
use time::Duration;

use super::instagram::{Instagram, account_id};
use super::scenario::{ACCOUNTS, Step};
use super::vault::ModelVault;
use crate::clock::Clock;
use crate::document::{Document, HealthState, Outcome};
use crate::entropy::{Entropy, EntropyError};
use crate::events::MemoryEvents;
use crate::policy::Policy;
use crate::refresh::{Limits, Refresher, Report, Request};
use crate::sample;
use crate::secrets::AccessToken;
use crate::vault::{MemoryVault, Removal};

/// A seeded source of random bytes.
#[derive(Debug)]
pub(super) struct SeededEntropy(std::sync::Mutex<Rng>);

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        self.0.lock().unwrap().fill(bytes);
        Ok(())
    }
}

type Documents = BTreeMap<String, Document>;

pub(super) struct World {
    instagram: Instagram,
    vault: MemoryVault,
    events: MemoryEvents,
    refresher: Arc<Refresher<Instagram, ModelVault, MemoryEvents>>,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let (instagram, vault, events) = (Instagram::new(seed), MemoryVault::default(), MemoryEvents::default());
        let refresher = Refresher {
            provider: instagram.clone(),
            vault: ModelVault { vault: vault.clone(), faults: instagram.clone() },
            clock: Arc::new(instagram.clone()),
            entropy: Arc::new(SeededEntropy(Rng::with_seed(seed).into())),
            events: events.clone(),
            policy: Policy::default(),
            limits: Limits { concurrency: 3, ..Limits::default() },
        };
        Self { instagram, vault, events, refresher: Arc::new(refresher) }
    }

    pub(super) async fn take(&mut self, step: Step) {
        let before = self.documents().await;
        let only_runs = matches!(step, Step::Run | Step::CrashedRun(_) | Step::TwoRuns);
        self.instagram.state().asked.clear();
        match step {
            Step::Run => self.run().await,
            Step::CrashedRun(after) => drop(tokio::time::timeout(Wait::from_millis(after), self.run()).await),
            Step::TwoRuns => {
                // Not while refreshes return dead tokens: one run may park such a token over the one that the other run
                // parked, and only one can be parked. The operator can then still recover AWSPREVIOUS.
                self.instagram.state().rotation.2 = false;
                tokio::join!(self.run(), self.run());
            }
            Step::Login(account) => self.log_in(account).await,
            Step::LoginDuringRun(account, after) => {
                tokio::join!(self.run(), self.later(after, self.log_in(account)));
            }
            Step::Remove(account) => self.remove(account).await,
            Step::RemoveDuringRun(account, after) => {
                tokio::join!(self.run(), self.later(after, self.remove(account)));
            }
            Step::Revoke(account) => self.instagram.state().revoke(account),
            Step::Checkpoint(account, true) => drop(self.instagram.state().checkpoints.insert(account)),
            Step::Checkpoint(account, false) => drop(self.instagram.state().checkpoints.remove(&account)),
            Step::Pass(hours) => self.instagram.state().now += Duration::hours(hours.into()),
            Step::Skew(hours) => self.instagram.state().skew = Duration::hours(hours.into()),
            Step::Faults(percent) => self.instagram.state().faults = percent,
            Step::Outage(on) => self.instagram.state().outage = on,
            Step::Rotation(new, dies, dud) => self.instagram.state().rotation = (new, dies, dud),
        }
        let after = self.documents().await;
        self.check(&before, &after, only_runs).await;
    }

    /// Ends all faults and lets a month pass. Then every document must be accurate.
    pub(super) async fn settle(&mut self) {
        let quiet = [Step::Faults(0), Step::Outage(false), Step::Skew(0), Step::Rotation(true, false, false)];
        for step in quiet {
            self.take(step).await;
        }
        for _ in 0..4 {
            self.take(Step::Pass(25)).await;
            self.take(Step::Run).await;
        }
        self.take(Step::Pass(21 * 24)).await;
        for _ in 0..3 {
            self.take(Step::Pass(25)).await;
            self.take(Step::Run).await;
        }
        let documents = self.documents().await;
        let state = self.instagram.state();
        for document in documents.values() {
            let alive = state.is_alive(document.access_token.expose());
            let checkpoint = state.checkpoints.iter().any(|id| is_of(document, *id));
            let truth = match document.health.state {
                HealthState::Healthy => alive,
                HealthState::Attention => alive && checkpoint,
                // The response to a refresh was lost and a checkpoint followed: as far as we know the token has expired, and
                // runs keep asking.
                HealthState::LoginRequired => !alive || (checkpoint && document.health.presumed),
            };
            assert!(truth, "{document:?} is wrong, alive: {alive}");
            assert!(document.health.state == HealthState::Healthy || document.health.announced_at.is_some());
        }
    }

    pub(super) async fn healthy(&self) -> usize {
        let documents = self.documents().await;
        let state = self.instagram.state();
        let is_well = |document: &&Document| {
            document.health.state == HealthState::Healthy && state.is_alive(document.access_token.expose())
        };
        documents.values().filter(is_well).count()
    }

    async fn check(&self, before: &Documents, after: &Documents, only_runs: bool) {
        for (name, new) in after {
            let (was_alive, is_alive) = self.check_against_instagram(name, before.get(name), new, only_runs);
            if was_alive && !is_alive {
                // Stored unproven: then the live token must be parked until the new one is proven.
                let parked = self.vault.parked(&new.name).await.unwrap();
                let old = before.get(name).map(|old| &old.access_token);
                let kept = parked.is_some_and(|parked| Some(&parked.access_token) == old);
                let unproven = new.last_attempt.outcome == Outcome::Unproven;
                assert!(kept && unproven, "{name}: a live token was replaced by a dead one");
            }
        }
        if only_runs {
            assert!(before.keys().eq(after.keys()), "a run has deleted an account");
        }
    }

    /// Checks the invariants of one document. Returns whether its previous and its current token are alive.
    fn check_against_instagram(
        &self,
        name: &str,
        old: Option<&Document>,
        new: &Document,
        only_runs: bool,
    ) -> (bool, bool) {
        let state = self.instagram.state();
        let is_alive = state.is_alive(new.access_token.expose());
        let token = &state.tokens[new.access_token.expose()];
        assert!(is_of(new, token.account), "{name} holds another account's token");
        let Some(old) = old else {
            assert!(!only_runs, "a run has created {name}");
            return (false, is_alive);
        };
        let asked = state.asked.iter().any(|account| is_of(new, *account));
        if only_runs && !asked {
            let without_announcement = |document: &Document| {
                let mut document = document.clone();
                document.health.announced_at = None;
                document
            };
            assert_eq!(without_announcement(old), without_announcement(new), "{name} changed without a call");
        }
        // The only way back to an older token is from one that was stored unproven and is dead.
        let goes_back = old.last_attempt.outcome == Outcome::Unproven;
        assert!(!only_runs || goes_back || new.issued_at >= old.issued_at, "{name} is older than before");
        (state.is_alive(old.access_token.expose()), is_alive)
    }

    async fn run(&self) {
        let report = self.refresher.run(&Request::default(), None).await.unwrap();
        assert_complete(&report);
        let text = serde_json::to_string(&report).unwrap();
        assert!(!text.contains("TOKEN"), "{text}");
        for event in self.events.take() {
            assert!(!format!("{event:?}").contains("TOKEN"), "{event:?}");
        }
    }

    async fn later(&self, milliseconds: u64, what: impl Future<Output = ()>) {
        tokio::time::sleep(Wait::from_millis(milliseconds)).await;
        what.await;
    }

    async fn remove(&self, account: u8) {
        self.vault.remove(&name(account), Removal::Recoverable).await.unwrap();
    }

    /// Stores a document as a login does: it is newer than any other.
    async fn log_in(&self, account: u8) {
        let token = {
            let mut state = self.instagram.state();
            state.checkpoints.remove(&account);
            state.mint(account, false)
        };
        let mut document = sample::document(name(account).as_str(), self.instagram.now());
        document.account_id = account_id(account).parse().unwrap();
        document.access_token = AccessToken::new(token);
        loop {
            let written = match self.vault.get(&document.name).await.unwrap() {
                Some(present) => self.vault.replace(&present.version, &document).await,
                None => self.vault.create(&document).await,
            };
            if written.is_ok() {
                break;
            }
        }
    }

    async fn documents(&self) -> Documents {
        let mut documents = Documents::new();
        for account in 0..ACCOUNTS.max(100) {
            if let Some(account) = self.vault.get(&name(account)).await.unwrap() {
                documents.insert(account.document.name.to_string(), account.document);
            }
        }
        documents
    }
}

fn name(account: u8) -> crate::account::AccountName {
    format!("shop-{account}").parse().unwrap()
}

fn is_of(document: &Document, account: u8) -> bool {
    document.account_id.as_str() == account_id(account)
}

/// Every account is counted exactly once.
fn assert_complete(report: &Report) {
    let Report {
        refreshed, not_due, too_young, attention, login_required, failed, conflicts, left_for_next_run, ..
    } = report;
    let sum = refreshed + not_due + too_young + attention + login_required + failed + conflicts + left_for_next_run;
    assert_eq!(sum, report.accounts, "{report:?}");
    let all_known = report.failures.iter().all(|failure| {
        failure.next_attempt_at.is_some()
            || matches!(failure.kind, FailureKind::LoginRequired | FailureKind::Vault | FailureKind::NotFound)
    });
    assert!(all_known, "{:?}", report.failures);
}
