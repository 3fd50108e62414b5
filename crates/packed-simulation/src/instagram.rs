//! A model of Instagram: it issues, renews and checks tokens, and knows which token of each account is the last.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration as Wait;

use evertoken_core::account::AccountId;
use evertoken_core::document::Document;
use evertoken_core::provider::{CheckedToken, TokenApi};
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_core::secrets::AccessToken;
use evertoken_core::token::LongLivedToken;
use fastrand::Rng;
use time::Duration;
use tokio::time::sleep;

use crate::clock::SimulatedClock;
use crate::seeded_rng::{Stream, seeded};
use crate::settings::YearSettings;
use crate::token_text::Token;

/// The lifetime of a long-lived token, and the age from which it can be renewed (Meta, "refresh access token" reference).
const LIFETIME: u32 = 60 * 24 * 3_600;
const MINIMUM_AGE: u32 = 24 * 3_600;

/// How long a call takes, in milliseconds. With two calls, a renewal takes 0.3 seconds in the mean.
const LATENCY: std::ops::Range<u64> = 100..200;

/// Tokens, calls and faults. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Instagram {
    state: Arc<Mutex<State>>,
    clock: SimulatedClock,
    seed: u64,
}

#[derive(Debug)]
struct State {
    rng: Rng,
    fault_percent: f64,
    is_away: bool,
    /// By the number of the account.
    accounts: Vec<Issued>,
    calls: Calls,
}

/// The tokens of an account, by number.
#[derive(Clone, Copy, Debug, Default)]
struct Issued {
    last: u32,
    /// The last one whose response arrived. A token in a response that was lost is known to nobody.
    delivered: u32,
}

/// Counts of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Calls {
    pub(crate) renewals: u64,
    pub(crate) all: u64,
    pub(crate) failed: u64,
    /// The age of the oldest token that was renewed, in seconds.
    pub(crate) oldest: u32,
}

/// What fault injection does to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// Instagram does nothing.
    Before,
    /// Instagram does what was asked, and the response is lost.
    After,
}

/// How a stored token relates to those that Instagram has issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoredToken {
    /// Whether the token works.
    pub(crate) works: bool,
    /// Whether no newer one has arrived.
    pub(crate) is_newest: bool,
}

impl Instagram {
    pub(crate) fn new(settings: &YearSettings, clock: SimulatedClock) -> Self {
        let state = State {
            rng: seeded(settings.seed, Stream::Instagram),
            fault_percent: settings.instagram_fault_percent,
            is_away: false,
            accounts: Vec::new(),
            calls: Calls::default(),
        };
        Self { state: Arc::new(Mutex::new(state)), clock, seed: settings.seed }
    }

    /// Lets every call fail, or work again.
    pub(crate) fn set_availability(&self, availability: Availability) {
        self.state().is_away = availability == Availability::Away;
    }

    pub(crate) fn calls(&self) -> Calls {
        self.state().calls
    }

    /// The long-lived token of a login.
    pub(crate) fn log_in(&self, account: u32) -> LongLivedToken {
        let token = self.state().issue(account, self.now(), Fault::None);
        long_lived(token.text(self.seed))
    }

    /// How a stored token relates to those that were issued.
    pub(crate) fn judge(&self, account: u32, text: &AccessToken) -> StoredToken {
        let Some(token) = Token::parse(text, self.seed).filter(|token| token.account == account) else {
            return StoredToken { works: false, is_newest: false };
        };
        let works = self.now() < token.issued_at.saturating_add(LIFETIME);
        StoredToken { works, is_newest: token.number >= self.state().issued(account).delivered }
    }

    /// In seconds since the start.
    fn now(&self) -> u32 {
        u32::try_from(self.clock.elapsed().as_secs()).unwrap_or(u32::MAX)
    }

    async fn call<T>(
        &self,
        document: &Document,
        effect: impl FnOnce(&mut State, Token, u32, Fault) -> Result<T, ProviderErrorKind>,
    ) -> Result<T, ProviderError> {
        let (latency, fault) = self.state().draw();
        sleep(latency).await;
        let answer = match (fault, Token::parse(&document.access_token, self.seed)) {
            (Fault::Before, _) => Err(ProviderErrorKind::Unreachable),
            (_, None) => Err(ProviderErrorKind::TokenInvalid),
            (_, Some(token)) if self.now() >= token.issued_at.saturating_add(LIFETIME) => {
                Err(ProviderErrorKind::Expired)
            }
            (fault, Some(token)) => {
                let answer = effect(&mut self.state(), token, self.now(), fault);
                if fault == Fault::After { Err(ProviderErrorKind::Unreachable) } else { answer }
            }
        };
        answer.map_err(ProviderError::new)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether Instagram answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Availability {
    Available,
    Away,
}

impl State {
    fn draw(&mut self) -> (Wait, Fault) {
        let latency = Wait::from_millis(self.rng.u64(LATENCY));
        self.calls.all += 1;
        let fault = if self.is_away {
            Fault::Before
        } else if self.rng.f64() * 100.0 >= self.fault_percent {
            Fault::None
        } else if self.rng.u32(..3) == 0 {
            Fault::After
        } else {
            Fault::Before
        };
        self.calls.failed += u64::from(fault != Fault::None);
        (latency, fault)
    }

    fn issued(&self, account: u32) -> Issued {
        index(account).and_then(|index| self.accounts.get(index)).copied().unwrap_or_default()
    }

    fn issue(&mut self, account: u32, issued_at: u32, fault: Fault) -> Token {
        let index = index(account).unwrap_or_default();
        if self.accounts.len() <= index {
            self.accounts.resize(index + 1, Issued::default());
        }
        let mut number = 0;
        if let Some(issued) = self.accounts.get_mut(index) {
            issued.last += 1;
            number = issued.last;
            if fault == Fault::None {
                issued.delivered = number;
            }
        }
        Token { account, number, issued_at }
    }
}

fn index(account: u32) -> Option<usize> {
    usize::try_from(account).ok()
}

impl TokenApi for Instagram {
    /// The older token stays valid, as developers report.
    async fn refresh(&self, document: &Document) -> Result<LongLivedToken, ProviderError> {
        let refresh = |state: &mut State, token: Token, now: u32, fault| {
            let age = now.saturating_sub(token.issued_at);
            if age < MINIMUM_AGE {
                return Err(ProviderErrorKind::RequestRefused);
            }
            state.calls.oldest = state.calls.oldest.max(age);
            if fault == Fault::None {
                state.calls.renewals += 1;
            }
            Ok(state.issue(token.account, now, fault))
        };
        let token = self.call(document, refresh).await?;
        Ok(long_lived(token.text(self.seed)))
    }

    async fn check(&self, document: &Document) -> Result<CheckedToken, ProviderError> {
        let token = self.call(document, |_, token, _, _| Ok(token)).await?;
        let account_id = account_id(token.account).ok_or(ProviderError::new(ProviderErrorKind::Unreadable))?;
        Ok(CheckedToken { account_id, username: username(token.account, self.seed), data_access_expires_at: None })
    }
}

fn long_lived(token: AccessToken) -> LongLivedToken {
    let expires_in = Duration::seconds(LIFETIME.into());
    LongLivedToken { token, token_type: "bearer".to_owned(), expires_in }
}

/// The id of the account with this number.
pub(crate) fn account_id(account: u32) -> Option<AccountId> {
    (17_841_400_000_000_000 + u64::from(account)).to_string().parse().ok()
}

/// The username of the account with this number: 6 to 18 characters.
pub(crate) fn username(account: u32, seed: u64) -> String {
    let mut rng = seeded(seed ^ u64::from(account), Stream::Usernames);
    let length = rng.usize(6..=18);
    (0..length).map(|_| rng.lowercase()).collect()
}
