//! A model of Instagram: which tokens work, and how calls fail.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use fastrand::Rng;
use time::{Duration, OffsetDateTime};

use crate::clock::Clock;
use crate::document::Document;
use crate::provider::{CheckedToken, TokenApi};
use crate::provider_error::{GraphError, ProviderError, ProviderErrorKind};
use crate::secrets::AccessToken;
use crate::token::LongLivedToken;

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) account: u8,
    issued_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    dead: bool,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) now: OffsetDateTime,
    pub(super) skew: Duration,
    pub(super) tokens: BTreeMap<String, Token>,
    pub(super) checkpoints: BTreeSet<u8>,
    /// The accounts of all calls since this was last cleared.
    pub(super) asked: BTreeSet<u8>,
    pub(super) faults: u8,
    pub(super) outage: bool,
    /// Whether a refresh returns a new text, ends the old token, and returns a dead token.
    pub(super) rotation: (bool, bool, bool),
    pub(super) rng: Rng,
    minted: u32,
}

impl State {
    pub(super) fn mint(&mut self, account: u8, dead: bool) -> String {
        self.minted += 1;
        let text = format!("TOKEN-{}-{account}", self.minted);
        let (issued_at, expires_at) = (self.now, self.now + Duration::days(60));
        self.tokens.insert(text.clone(), Token { account, issued_at, expires_at, dead });
        text
    }

    /// Whether a token is alive, possibly behind a checkpoint.
    pub(super) fn is_alive(&self, text: &str) -> bool {
        self.tokens.get(text).is_some_and(|token| !token.dead && token.expires_at > self.now)
    }

    pub(super) fn revoke(&mut self, account: u8) {
        self.tokens.values_mut().filter(|token| token.account == account).for_each(|token| token.dead = true);
    }

    fn check(&mut self, text: &str) -> Result<Token, ProviderError> {
        let refused = |subcode| {
            let error = GraphError { code: 190, subcode: Some(subcode), ..GraphError::default() };
            ProviderError {
                code: Some(190),
                subcode: Some(subcode),
                ..ProviderError::new(ProviderErrorKind::from_graph(error))
            }
        };
        let token = self.tokens.get(text).cloned().ok_or_else(|| refused(467))?;
        if token.dead {
            Err(refused(458))
        } else if token.expires_at <= self.now {
            Err(refused(463))
        } else if self.checkpoints.contains(&token.account) {
            Err(refused(459))
        } else {
            Ok(token)
        }
    }

    fn refresh(&mut self, text: &str) -> Result<LongLivedToken, ProviderError> {
        let token = self.check(text)?;
        if self.now - token.issued_at < Duration::hours(24) {
            return Err(ProviderError::new(ProviderErrorKind::RequestRefused));
        }
        let (new, dies, dud) = self.rotation;
        let text = if new {
            let new = self.mint(token.account, dud);
            self.tokens.get_mut(text).unwrap().dead = dies && !dud;
            new
        } else {
            let (issued_at, expires_at) = (self.now, self.now + Duration::days(60));
            self.tokens.insert(text.to_owned(), Token { issued_at, expires_at, ..token });
            text.to_owned()
        };
        // Sometimes the response has no lifetime.
        let expires_in = if self.rng.u64(..50) == 0 { Duration::ZERO } else { Duration::days(60) };
        Ok(LongLivedToken { token: AccessToken::new(text), token_type: "bearer".to_owned(), expires_in })
    }

    /// Whether the response is lost before or after the work.
    fn fault(&mut self) -> Option<ProviderError> {
        if self.outage {
            return Some(ProviderError::new(ProviderErrorKind::Unreachable));
        }
        if self.rng.u64(..200) >= u64::from(self.faults) {
            return None;
        }
        let problem = match self.rng.u64(..20) {
            0 => ProviderErrorKind::AppRateLimited,
            1..=3 => ProviderErrorKind::RateLimited,
            4..=7 => ProviderErrorKind::Unavailable,
            8..=10 => ProviderErrorKind::Unclassified,
            11..=13 => ProviderErrorKind::Unreadable,
            _ => ProviderErrorKind::Unreachable,
        };
        let retry_after = [None, Some(2), Some(90), Some(3_000_000_000)];
        let retry_after = retry_after[self.rng.usize(..4)].map(Duration::seconds);
        Some(ProviderError { retry_after, ..ProviderError::new(problem) })
    }
}

/// Instagram and its clock. Clones share their state.
#[derive(Clone, Debug)]
pub(super) struct Instagram(Arc<Mutex<State>>);

impl Instagram {
    pub(super) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            now: time::macros::datetime!(2026-11-22 05:00 UTC),
            skew: Duration::ZERO,
            tokens: BTreeMap::new(),
            checkpoints: BTreeSet::new(),
            asked: BTreeSet::new(),
            faults: 0,
            outage: false,
            rotation: (true, false, false),
            rng: Rng::with_seed(seed),
            minted: 0,
        })))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Every call takes time, so that a crash can happen before, during or after it.
    pub(super) async fn takes_time(&self) {
        let milliseconds = self.state().rng.u64(..20);
        tokio::time::sleep(std::time::Duration::from_millis(milliseconds)).await;
    }

    async fn call<T>(
        &self,
        text: &str,
        work: impl FnOnce(&mut State) -> Result<T, ProviderError>,
    ) -> Result<T, ProviderError> {
        self.takes_time().await;
        let outcome = {
            let mut state = self.state();
            let account = state.tokens.get(text).map(|token| token.account);
            state.asked.extend(account);
            if let Some(fault) = state.fault() {
                return Err(fault);
            }
            let outcome = work(&mut state);
            // The response is lost.
            state.fault().map_or(outcome, |fault| {
                if fault.kind == ProviderErrorKind::Unreachable {
                    Err(fault)
                } else {
                    Err(ProviderError::new(ProviderErrorKind::Unreachable))
                }
            })
        };
        self.takes_time().await;
        outcome
    }
}

pub(super) fn account_id(account: u8) -> String {
    format!("1784140000000{account:04}")
}

impl Clock for Instagram {
    fn now(&self) -> OffsetDateTime {
        let state = self.state();
        state.now + state.skew
    }
}

impl TokenApi for Instagram {
    async fn refresh(&self, document: &Document) -> Result<LongLivedToken, ProviderError> {
        let token = document.access_token.expose();
        self.call(token, |state| state.refresh(token)).await
    }

    async fn check(&self, document: &Document) -> Result<CheckedToken, ProviderError> {
        let token = document.access_token.expose();
        let me = self.call(token, |state| state.check(token)).await?;
        Ok(CheckedToken {
            account_id: account_id(me.account).parse().unwrap(),
            username: format!("user_{}", me.account),
            data_access_expires_at: None,
        })
    }
}
