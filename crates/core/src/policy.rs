//! What to do with one account now. Pure: a document, a time and a policy in, a decision out.

use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::account::AccountName;
use crate::document::{Document, HealthState, Outcome};

/// Meta refuses to refresh a token younger than this ("refresh access token" reference).
const MINIMUM_AGE: Duration = Duration::hours(24);

/// How often an account that needs its owner is tried: it may have revived.
const PROBE_EVERY: Duration = Duration::hours(24);

/// When tokens are renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// A token is due at this age, or at a third of its lifetime if that is sooner.
    pub refresh_after: Duration,
    /// How often a run comes by: what is due and fails is tried again after this long.
    pub run_every: Duration,
}

impl Default for Policy {
    /// 20 of 60 days, four runs a day: some 160 tries before a token can be lost.
    fn default() -> Self {
        Self { refresh_after: Duration::days(20), run_every: Duration::hours(6) }
    }
}

/// How far apart our clock and the one that wrote a document may be.
const CLOCK_SKEW: Duration = Duration::hours(24);

/// The longest that a wait named by Instagram is believed.
const LONGEST_WAIT: Duration = Duration::hours(24);

/// What to do with one account now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Renew the token.
    Refresh,
    /// See whether the token works again.
    Probe,
    /// Nothing to do yet.
    NotDue,
    /// Younger than Meta allows: nothing to do, whoever asks.
    TooYoung,
    /// The owner must act, and the last try was less than a day ago.
    AwaitOwner,
    /// Only a new login helps: left alone.
    AwaitLogin,
}

impl Decision {
    /// Whether Instagram is to be asked.
    pub fn acts(self) -> bool {
        matches!(self, Self::Refresh | Self::Probe)
    }
}

/// Decides about `document` at `now`.
pub fn decide(document: &Document, now: OffsetDateTime, policy: &Policy) -> Decision {
    match document.health.state {
        _ if wait(document, now).is_some() => match document.health.state {
            HealthState::Healthy => Decision::NotDue,
            HealthState::Attention => Decision::AwaitOwner,
            HealthState::LoginRequired => Decision::AwaitLogin,
        },
        // Our clock alone says that it has ended. Clocks err: Instagram is asked until it has said so itself.
        HealthState::LoginRequired if document.health.presumed => Decision::Refresh,
        HealthState::LoginRequired => Decision::AwaitLogin,
        HealthState::Attention if now - document.last_attempt.at >= PROBE_EVERY => Decision::Probe,
        // Tried in the future: the clock was wrong then, and must not keep the account waiting.
        HealthState::Attention if document.last_attempt.at - now > CLOCK_SKEW => Decision::Probe,
        HealthState::Attention => Decision::AwaitOwner,
        // Stored without having been proven: the next run proves it.
        HealthState::Healthy if document.last_attempt.outcome == Outcome::Unproven => Decision::Probe,
        HealthState::Healthy => decide_by_age(document, now, |due_at| due_at <= now, policy),
    }
}

/// Decides about an account that somebody named and wants renewed now.
pub fn decide_forced(document: &Document, now: OffsetDateTime) -> Decision {
    if document.expires_at.is_none() {
        Decision::Probe
    } else {
        decide_by_age(document, now, |_| true, &Policy::default())
    }
}

fn decide_by_age(
    document: &Document,
    now: OffsetDateTime,
    is_due: impl Fn(OffsetDateTime) -> bool,
    policy: &Policy,
) -> Decision {
    let Some(expires_at) = document.expires_at else { return Decision::NotDue };
    if expires_at <= now || contradictory(document, now) {
        // Instagram's answer is what counts; a refresh that it finds too early does no harm.
        Decision::Refresh
    } else if now - document.issued_at < MINIMUM_AGE {
        Decision::TooYoung
    } else if is_due(due_at(document, policy)) {
        Decision::Refresh
    } else {
        Decision::NotDue
    }
}

/// Whether the dates cannot all be true: nothing can be concluded from them then, least of all that there is time.
fn contradictory(document: &Document, now: OffsetDateTime) -> bool {
    document.issued_at - now > CLOCK_SKEW || document.expires_at.is_some_and(|end| end <= document.issued_at)
}

/// Whether a token has ended by our clock.
pub fn has_ended(document: &Document, now: OffsetDateTime) -> bool {
    document.expires_at.is_some_and(|end| end <= now)
}

/// When a wait that Instagram names ends: none if the next run comes later anyway.
pub fn not_before(retry_after: Option<Duration>, now: OffsetDateTime, policy: &Policy) -> Option<OffsetDateTime> {
    retry_after.filter(|wait| *wait > policy.run_every).map(|wait| now + wait.min(LONGEST_WAIT))
}

/// When the token is due: from a third of its lifetime or `refresh_after` on, whichever is sooner, spread by name over
/// a sixtieth of its lifetime (a day of 60), and never before Meta allows.
///
/// A token without an end is never due: the far future.
pub fn due_at(document: &Document, policy: &Policy) -> OffsetDateTime {
    let Some(expires_at) = document.expires_at else {
        return time::macros::datetime!(9999-12-31 23:59:59 UTC);
    };
    let lifetime = (expires_at - document.issued_at).max(Duration::ZERO);
    let spread: Duration = (lifetime / 60) * share(&document.name);
    let age = policy.refresh_after.min(lifetime / 3) + spread;
    // Whole seconds, as everywhere.
    let age = Duration::seconds(age.max(MINIMUM_AGE).whole_seconds());
    document.issued_at.checked_add(age).unwrap_or(expires_at)
}

/// When this account is next looked at closely; none if that waits for a login.
pub fn next_attempt_at(document: &Document, now: OffsetDateTime, policy: &Policy) -> Option<OffsetDateTime> {
    let health = &document.health;
    if health.state == HealthState::LoginRequired && !health.presumed {
        return None;
    }
    if let Some(wait) = wait(document, now) {
        return Some(wait);
    }
    Some(match decide(document, now, policy) {
        // Due and yet to be done: the next run tries.
        Decision::Refresh | Decision::Probe | Decision::AwaitLogin => now + policy.run_every,
        Decision::AwaitOwner => now + (PROBE_EVERY - (now - document.last_attempt.at)),
        Decision::TooYoung | Decision::NotDue => due_at(document, policy),
    })
}

/// When a wait that Instagram has named ends, if it is still on and believable.
fn wait(document: &Document, now: OffsetDateTime) -> Option<OffsetDateTime> {
    document.last_attempt.not_before.filter(|at| now < *at && *at - now <= LONGEST_WAIT)
}

/// A name's fixed place in `0.0..1.0`, so that accounts connected together are not renewed together.
fn share(name: &AccountName) -> f64 {
    let [first, second, ..]: [u8; 32] = Sha256::digest(name.as_str()).into();
    f64::from(u16::from_be_bytes([first, second])) / 65_536.0
}

#[cfg(test)]
mod tests;
