//! Renewing one account: refresh, prove, store, tell.

use super::Pace;
use super::asking::{Asking, NoAnswer};
use super::deadline::Deadline;
use super::gate::Gate;
use super::report::AccountFailure;
use super::storing::{Hold, Stored, Storing};
use crate::document::{Document, Health, HealthState, LastAttempt, Outcome, Versioned};
use crate::events::{self, Event};
use crate::failure::{Failure, Kind, Problem};
use crate::policy::{self, Decision, Policy};
use crate::ports::{Clock, Entropy, Events, Profile, Provider, Vault, VaultError};

/// What came of one account.
#[derive(Debug)]
pub(super) struct Renewed {
    pub(super) end: End,
    /// The document as it stands now.
    pub(super) document: Document,
    pub(super) failure: Option<AccountFailure>,
}

/// How a run left an account: the report's counts, one each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Renewed, or found alive again.
    Refreshed,
    /// Not yet due.
    NotDue,
    /// Younger than the 24 hours that Meta asks for.
    TooYoung,
    /// Waiting for its owner to act on Instagram.
    Attention,
    /// Waiting for a new login.
    LoginRequired,
    /// Due, and not renewed this time.
    Failed,
    /// Changed by somebody else meanwhile.
    Conflict,
    /// Due, and not reached; or, in a dry run, due.
    Left,
}

impl From<Decision> for End {
    /// The end of an account that nothing is to be asked about.
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::TooYoung => Self::TooYoung,
            Decision::AwaitOwner => Self::Attention,
            Decision::AwaitLogin => Self::LoginRequired,
            Decision::NotDue | Decision::Refresh | Decision::Probe => Self::NotDue,
        }
    }
}

/// All that renewing an account needs.
#[derive(Debug)]
pub(super) struct Renewal<'a, P, V, C, E, N> {
    pub(super) provider: &'a P,
    pub(super) vault: &'a V,
    pub(super) clock: &'a C,
    pub(super) entropy: &'a E,
    pub(super) events: &'a N,
    pub(super) policy: &'a Policy,
    pub(super) pace: &'a Pace,
    pub(super) deadline: &'a Deadline,
    pub(super) gate: &'a Gate,
    pub(super) force: bool,
}

/// What an account comes to, before it is stored.
struct Next {
    document: Document,
    end: End,
    hold: Hold,
    failure: Option<AccountFailure>,
}

/// Nothing is to be stored: this is what came of it.
type Early = Box<Renewed>;

impl<P: Provider, V: Vault, C: Clock, E: Entropy, N: Events> Renewal<'_, P, V, C, E, N> {
    fn decide(&self, document: &Document) -> Decision {
        let now = self.clock.now();
        if self.force { policy::decide_forced(document, now) } else { policy::decide(document, now, self.policy) }
    }

    fn asking(&self) -> Asking<'_, E> {
        Asking { entropy: self.entropy, deadline: self.deadline, gate: self.gate }
    }

    fn storing(&self) -> Storing<'_, V, E> {
        Storing { vault: self.vault, entropy: self.entropy, pace: self.pace, deadline: self.deadline }
    }

    /// Does what the account needs now.
    pub(super) async fn renew(&self, account: Versioned) -> Renewed {
        let next = match self.decide(&account.document) {
            Decision::Refresh => self.refresh(&account).await,
            Decision::Probe => self.probe(&account).await,
            waits => {
                self.tell(&account.document, &account, None).await;
                return Renewed { end: waits.into(), document: account.document, failure: None };
            }
        };
        match next {
            Ok(next) => self.store(account, next).await,
            Err(early) => *early,
        }
    }

    /// Tries the token of an account whose owner had to act, or one that was stored unproven; renews it where that is
    /// due.
    async fn probe(&self, account: &Versioned) -> Result<Next, Early> {
        let profile = match self.profile_of(&account.document).await {
            Ok(profile) => profile,
            Err(no_answer) => return self.refused(account, no_answer).await,
        };
        let mut document = account.document.clone();
        document.health = Health::healthy();
        document.username = profile.username;
        document.last_attempt = LastAttempt::succeeded(self.clock.now(), Outcome::Probed);
        if self.decide(&document) == Decision::Refresh {
            return self.refresh(account).await;
        }
        Ok(Next { document, end: End::Refreshed, hold: Hold::No, failure: None })
    }

    async fn refresh(&self, account: &Versioned) -> Result<Next, Early> {
        let old = &account.document;
        // A parked token is younger than the current one: if it works by now, it is what we want.
        if old.last_attempt.outcome == Outcome::Parked
            && let Some(next) = self.revived(account).await
        {
            return Ok(next);
        }
        let token = match self.asking().ask(|| self.provider.refresh(&old.access_token)).await {
            Ok(token) => token,
            Err(no_answer) => return self.refused(account, no_answer).await,
        };
        let fresh = old.with_token(token, self.clock.now());
        match self.profile_of(&fresh).await {
            Ok(profile) => Ok(self.renewed(old, fresh, Some(profile))),
            Err(NoAnswer::Failed(failure))
                if failure.problem == Problem::OtherAccount || failure.refuses_the_token() =>
            {
                self.park(account, &fresh, &failure).await
            }
            // No answer about the token: Instagram issued it, so it is the best there is. Where it is another one, the
            // old one is kept at hand, in case.
            Err(_) if fresh.access_token == old.access_token => Ok(self.renewed(old, fresh, None)),
            Err(_) => {
                if let Err(error) = self.storing().park(&account.version, old, Hold::UntilDeadline).await {
                    tracing::warn!(account.name = %old.name, "the old token could not be kept beside: {error}");
                }
                let mut next = self.renewed(old, fresh, None);
                next.document.last_attempt.outcome = Outcome::Unproven;
                Ok(next)
            }
        }
    }

    /// Whose token a document's is. Another account's is none of ours.
    async fn profile_of(&self, document: &Document) -> Result<Profile, NoAnswer> {
        let profile = self.asking().ask(|| self.provider.profile(&document.access_token)).await?;
        if profile.account_id == document.account_id {
            Ok(profile)
        } else {
            Err(NoAnswer::Failed(Failure::new(Problem::OtherAccount)))
        }
    }

    /// The parked token, if there is one to go back or on to and it works.
    async fn revived(&self, account: &Versioned) -> Option<Next> {
        let current = &account.document;
        let parked = self.vault.parked(&current.name).await.ok().flatten()?;
        let wanted = parked.issued_at > current.issued_at || current.last_attempt.outcome == Outcome::Unproven;
        if !wanted || parked.account_id != current.account_id || parked.access_token == current.access_token {
            return None;
        }
        let profile = self.profile_of(&parked).await.ok()?;
        Some(self.renewed(current, parked, Some(profile)))
    }

    /// The document after a renewal that went well.
    fn renewed(&self, old: &Document, fresh: Document, profile: Option<Profile>) -> Next {
        let document = Document {
            username: profile.map_or_else(|| old.username.clone(), |profile| profile.username),
            health: Health::healthy(),
            last_attempt: LastAttempt::succeeded(self.clock.now(), Outcome::Refreshed),
            unknown: old.unknown.clone(),
            ..fresh
        };
        Next { document, end: End::Refreshed, hold: Hold::UntilDeadline, failure: None }
    }

    /// Keeps the old token current and the refused new one beside it.
    async fn park(&self, account: &Versioned, fresh: &Document, failure: &Failure) -> Result<Next, Early> {
        if let Err(error) = self.storing().park(&account.version, fresh, Hold::UntilDeadline).await {
            return Err(Box::new(self.not_stored(account.document.clone(), &error)));
        }
        let mut document = account.document.clone();
        document.last_attempt = document.last_attempt.failed(self.clock.now(), Outcome::Parked);
        let failure = AccountFailure::of_provider(&document.name, &document.username, failure);
        Ok(Next { document, end: End::Failed, hold: Hold::No, failure: Some(failure) })
    }

    /// Instagram did not renew. Only what it says about this token changes the account's health, or the token's end.
    async fn refused(&self, account: &Versioned, no_answer: NoAnswer) -> Result<Next, Early> {
        let failure = match no_answer {
            NoAnswer::Failed(failure) => failure,
            NoAnswer::NotAsked => {
                let document = account.document.clone();
                return Err(Box::new(Renewed { end: End::Left, document, failure: None }));
            }
        };
        if failure.kind() == Kind::LoginRequired
            && let Some(next) = self.revived(account).await
        {
            return Ok(next);
        }
        let now = self.clock.now();
        let mut document = account.document.clone();
        let attempt = &document.last_attempt;
        let outcome = match attempt.outcome {
            // Still to be looked at, once Instagram answers.
            kept @ (Outcome::Unproven | Outcome::Parked) if !failure.refuses_the_token() => kept,
            _ => Outcome::Failed,
        };
        document.last_attempt = LastAttempt {
            not_before: policy::not_before(failure.retry_after, now, self.policy),
            ..attempt.failed(now, outcome)
        };
        let mut report = AccountFailure::of_provider(&document.name, &document.username, &failure);
        let end = match failure.kind() {
            Kind::LoginRequired => {
                document.health = document.health.worsened(HealthState::LoginRequired, &failure, now);
                End::LoginRequired
            }
            // A token that has ended cannot be renewed, nor revive (Meta, "refresh access token"). By our clock it has;
            // Instagram is asked until it says so.
            _ if policy::has_ended(&document, now) => {
                let ended = Failure::new(Problem::Expired);
                document.health = document.health.worsened(HealthState::LoginRequired, &ended, now);
                document.health.presumed = true;
                report.message = format!("{} It was tried all the same: {}", ended.message(), report.message);
                End::LoginRequired
            }
            Kind::Attention => {
                document.health = document.health.worsened(HealthState::Attention, &failure, now);
                End::Attention
            }
            Kind::Transient | Kind::Throttled | Kind::SetUp | Kind::Unknown => End::Failed,
        };
        Ok(Next { document, end, hold: Hold::No, failure: Some(report) })
    }

    async fn store(&self, account: Versioned, next: Next) -> Renewed {
        let Next { document: next, end, hold, failure } = next;
        match self.storing().store(&account, next.clone(), hold).await {
            Stored::Written(stored) => {
                self.tell(&account.document, &stored, failure.as_ref()).await;
                self.finished(end, stored.document, failure)
            }
            Stored::Theirs(theirs) => {
                Renewed { end: End::Conflict, document: theirs.unwrap_or(account.document), failure: None }
            }
            Stored::Failed(error) if hold == Hold::UntilDeadline => {
                let parked = self.storing().park(&account.version, &next, Hold::No).await.is_ok();
                tracing::error!(
                    account.name = %next.name,
                    account.parked = parked,
                    "a renewed token could not be stored; the old one is still in the vault"
                );
                self.not_stored(account.document, &error)
            }
            Stored::Failed(error) => self.not_stored(account.document, &error),
        }
    }

    /// Announces what is to be announced about `now`, and writes down that somebody was told of a state: a crash before
    /// that makes a second event, never none.
    async fn tell(&self, before: &Document, now: &Versioned, failure: Option<&AccountFailure>) {
        if !self.events.wanted() {
            return;
        }
        let (document, at) = (&now.document, self.clock.now());
        let Some(kind) = events::of_change(before, document, at, self.runs_a_week()) else { return };
        let mut reference = [0; 8];
        // It only joins an event to a line of the log: without randomness, all zeros do as well.
        self.entropy.fill(&mut reference).ok();
        let reference = format!("{:016x}", u64::from_be_bytes(reference));
        let mut event = Event::about(document, kind, at, reference.as_str());
        // A passing fault stands in no health.
        event.reason = event.reason.or_else(|| failure.map(|failure| failure.message.clone()));
        match self.events.send(event).await {
            Ok(()) => {
                tracing::info!(account.name = %document.name, event = kind.as_str(), reference, "an event was sent");
            }
            Err(error) => {
                tracing::error!(account.name = %document.name, event = kind.as_str(), reference, "{error}");
                return;
            }
        }
        if document.health.state != HealthState::Healthy {
            let mut document = document.clone();
            document.health.announced_at = Some(at);
            self.pace.turn().await;
            if let Err(error) = self.vault.replace(&now.version, &document).await {
                tracing::info!(account.name = %document.name, "the event may be sent again: {error}");
            }
        }
    }

    fn runs_a_week(&self) -> u32 {
        let seconds = self.policy.run_every.whole_seconds().max(1);
        u32::try_from(time::Duration::WEEK.whole_seconds() / seconds).unwrap_or(u32::MAX)
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
