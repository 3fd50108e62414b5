//! Renewing one account: refresh, prove, store.

use time::OffsetDateTime;

use super::report::AccountFailure;
use crate::document::{Document, Health, HealthState, LastAttempt, Outcome, Versioned};
use crate::failure::{Failure, Kind};
use crate::policy::{self, Decision, Policy};
use crate::ports::{Clock, LongLived, Profile, Provider, Vault, VaultError};

use super::Pace;

/// How often a write starts again after somebody else's.
const WRITES: usize = 4;

/// What came of one account.
#[derive(Debug)]
pub(super) struct Renewed {
    pub(super) end: End,
    /// The document as it stands now.
    pub(super) document: Document,
    pub(super) failure: Option<AccountFailure>,
}

/// How it ended, in the report's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Refreshed,
    NotDue,
    TooYoung,
    Attention,
    LoginRequired,
    Failed,
    Conflict,
}

/// All that renewing an account needs.
#[derive(Debug)]
pub(super) struct Renewal<'a, P, V, C> {
    pub(super) provider: &'a P,
    pub(super) vault: &'a V,
    pub(super) clock: &'a C,
    pub(super) policy: &'a Policy,
    pub(super) pace: &'a Pace,
    pub(super) force: bool,
}

impl<P: Provider, V: Vault, C: Clock> Renewal<'_, P, V, C> {
    fn decide(&self, document: &Document) -> Decision {
        let now = self.clock.now();
        if self.force { policy::decide_forced(document, now) } else { policy::decide(document, now, self.policy) }
    }

    /// Does what the account needs now.
    pub(super) async fn renew(&self, account: Versioned) -> Renewed {
        let end = match self.decide(&account.document) {
            Decision::NotDue => End::NotDue,
            Decision::TooYoung => End::TooYoung,
            Decision::AwaitOwner => End::Attention,
            Decision::AwaitLogin => End::LoginRequired,
            Decision::Refresh => return self.refresh(account).await,
            Decision::Probe => return self.probe(account).await,
        };
        Renewed { end, document: account.document, failure: None }
    }

    /// Tries the token of an account whose owner had to act; renews it where that is due.
    async fn probe(&self, account: Versioned) -> Renewed {
        match self.provider.profile(&account.document.access_token).await {
            Ok(profile) => {
                let mut document = account.document.clone();
                document.health = Health::healthy();
                if self.decide(&document) == Decision::Refresh {
                    return self.refresh(account).await;
                }
                document.username = profile.username;
                document.last_attempt = LastAttempt::succeeded(self.clock.now(), Outcome::Probed);
                self.store(account, document, End::Refreshed, None).await
            }
            Err(failure) => self.fail(account, &failure).await,
        }
    }

    async fn refresh(&self, account: Versioned) -> Renewed {
        // A parked token is younger than the current one: if it works by now, it is what we want.
        if account.document.last_attempt.outcome == Outcome::Parked
            && let Ok(Some(parked)) = self.vault.parked(&account.document.name).await
            && parked.issued_at > account.document.issued_at
            && let Ok(profile) = self.provider.profile(&parked.access_token).await
            && profile.account_id == account.document.account_id
        {
            let document = self.renewed(&account.document, parked, Some(profile));
            return self.store(account, document, End::Refreshed, None).await;
        }
        let token = match self.provider.refresh(&account.document.access_token).await {
            Ok(token) => token,
            Err(failure) => return self.fail(account, &failure).await,
        };
        let fresh = with_token(&account.document, token, self.clock.now());
        match self.provider.profile(&fresh.access_token).await {
            Ok(profile) if profile.account_id != account.document.account_id => {
                let failure = AccountFailure::ours(
                    account.document.name.as_str(),
                    Kind::Unknown.as_str(),
                    "Instagram's new token belongs to another account; it was parked and the old one kept.",
                );
                self.park(account, fresh, failure).await
            }
            Ok(profile) => {
                let document = self.renewed(&account.document, fresh, Some(profile));
                self.store(account, document, End::Refreshed, None).await
            }
            Err(failure) if refuses_the_token(&failure) => {
                let document = &account.document;
                let failure = AccountFailure::of_provider(&document.name, &document.username, &failure);
                self.park(account, fresh, failure).await
            }
            // No answer about the token: Instagram issued it, so it is the best there is.
            Err(_) => {
                let document = self.renewed(&account.document, fresh, None);
                self.store(account, document, End::Refreshed, None).await
            }
        }
    }

    /// The document after a renewal that went well.
    fn renewed(&self, old: &Document, fresh: Document, profile: Option<Profile>) -> Document {
        Document {
            username: profile.map_or_else(|| old.username.clone(), |profile| profile.username),
            health: Health::healthy(),
            last_attempt: LastAttempt::succeeded(self.clock.now(), Outcome::Refreshed),
            unknown: old.unknown.clone(),
            ..fresh
        }
    }

    /// Keeps the old token current and the refused new one beside it.
    async fn park(&self, account: Versioned, fresh: Document, failure: AccountFailure) -> Renewed {
        self.pace.turn().await;
        match self.vault.park(&account.version, &fresh).await {
            Ok(()) => {
                let mut document = account.document.clone();
                document.last_attempt = document.last_attempt.failed(self.clock.now(), Outcome::Parked);
                self.store(account, document, End::Failed, Some(failure)).await
            }
            Err(error) => self.not_stored(account.document, &error),
        }
    }

    /// Writes down that Instagram refused. Only what it says about this token changes the account's health.
    async fn fail(&self, account: Versioned, failure: &Failure) -> Renewed {
        let now = self.clock.now();
        let mut document = account.document.clone();
        let (end, state) = match failure.kind() {
            Kind::Attention => (End::Attention, Some(HealthState::Attention)),
            Kind::LoginRequired => (End::LoginRequired, Some(HealthState::LoginRequired)),
            Kind::Transient | Kind::Throttled | Kind::SetUp | Kind::Unknown => (End::Failed, None),
        };
        if let Some(state) = state {
            document.health = document.health.worsened(state, failure, now);
        }
        document.last_attempt = document.last_attempt.failed(now, Outcome::Failed);
        let report = AccountFailure::of_provider(&document.name, &document.username, failure);
        self.store(account, document, end, Some(report)).await
    }

    /// Stores the next document, unless somebody else's came first.
    ///
    /// Where theirs still holds the token we started from (an operator's note, say), ours goes on top of it; where it
    /// holds another, theirs is newer and stands.
    async fn store(&self, account: Versioned, next: Document, end: End, failure: Option<AccountFailure>) -> Renewed {
        let base = account.document;
        let mut version = account.version;
        let mut next = next;
        for _ in 0..WRITES {
            self.pace.turn().await;
            match self.vault.replace(&version, &next).await {
                Ok(_) => return self.finished(end, next, failure),
                Err(VaultError::Conflict) => {}
                Err(error) => return self.not_stored(base, &error),
            }
            match self.vault.get(&next.name).await {
                Ok(Some(theirs)) if same_token(&theirs.document, &base) => {
                    next.unknown = theirs.document.unknown;
                    version = theirs.version;
                }
                Ok(Some(theirs)) => return Renewed { end: End::Conflict, document: theirs.document, failure: None },
                // Removed meanwhile: so it stays.
                Ok(None) => break,
                Err(error) => return self.not_stored(base, &error),
            }
        }
        Renewed { end: End::Conflict, document: base, failure: None }
    }

    fn finished(&self, end: End, document: Document, failure: Option<AccountFailure>) -> Renewed {
        let next_attempt_at = policy::next_attempt_at(&document, self.clock.now(), self.policy);
        let failure = failure.map(|failure| AccountFailure { next_attempt_at, ..failure });
        Renewed { end, document, failure }
    }

    fn not_stored(&self, document: Document, error: &VaultError) -> Renewed {
        let failure = AccountFailure {
            username: Some(document.username.clone()),
            ..AccountFailure::ours(document.name.as_str(), "vault", error.to_string())
        };
        self.finished(End::Failed, document, Some(failure))
    }
}

fn with_token(old: &Document, token: LongLived, now: OffsetDateTime) -> Document {
    Document {
        access_token: token.token,
        token_type: token.token_type,
        issued_at: now,
        expires_at: Some(now + token.expires_in),
        ..old.clone()
    }
}

/// Whether a failure is a definite answer about the token, not about the weather.
fn refuses_the_token(failure: &Failure) -> bool {
    matches!(failure.kind(), Kind::LoginRequired | Kind::Attention | Kind::SetUp)
}

fn same_token(one: &Document, other: &Document) -> bool {
    one.access_token == other.access_token && one.issued_at == other.issued_at
}
