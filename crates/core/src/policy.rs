//! Decides what to do with one account: a pure function of the document, the time and the policy.

use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::account::AccountName;
use crate::cohort::Cohort;
use crate::document::{Document, HealthState, Outcome};

/// Meta does not refresh a younger token (Meta, "refresh access token" reference).
const MINIMUM_AGE: Duration = Duration::hours(24);

/// The lifetime of a long-lived token (Meta, "refresh access token" reference).
const USUAL_LIFETIME: Duration = Duration::days(60);

/// How often to check an account that needs its owner, because its token may work again.
const PROBE_EVERY: Duration = Duration::hours(24);

/// When tokens are renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The age at which a token of 60 days is due. A shorter-lived token is due at a third of its lifetime at the latest, or
    /// at the same share of its lifetime if `refresh_after` is more than 20 days.
    pub refresh_after: Duration,
    /// The interval between runs, after which a failed refresh is attempted again.
    pub run_every: Duration,
    /// How often a token that is not due is checked; `None` for never.
    pub check_every: Option<Duration>,
    /// For an account of a cohort, when in each cycle of `refresh_after` the cohort is renewed. `None` for an account that is
    /// renewed by its own age alone.
    pub phase: Option<Duration>,
}

impl Policy {
    /// The policy for an account that is stored alone, or with this cohort.
    #[must_use]
    pub fn of(&self, cohort: Option<&Cohort>) -> Self {
        Self { phase: cohort.map(|cohort| self.refresh_after * share_of(cohort.as_str())), ..*self }
    }
}

impl Default for Policy {
    /// 20 of 60 days and four runs a day: about 160 attempts before a token expires. A token that stops working is noticed
    /// within a day.
    fn default() -> Self {
        Self {
            refresh_after: Duration::days(20),
            run_every: Duration::hours(6),
            check_every: Some(Duration::hours(24)),
            phase: None,
        }
    }
}

/// How much later than planned a run may start: EventBridge Scheduler's flexible time window of 30 minutes (template.yaml),
/// and the first retries.
const LATEST_START: Duration = Duration::minutes(45);

/// The largest accepted difference between our clock and the clock that wrote a document.
const CLOCK_SKEW: Duration = Duration::hours(24);

/// The longest wait requested by Instagram that is honored.
const LONGEST_WAIT: Duration = Duration::hours(24);

/// What to do with one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Renew the token.
    Refresh,
    /// Check whether the token works.
    Probe,
    /// Nothing to do yet.
    NotDue,
    /// Nothing, even if forced: the token is younger than Meta allows.
    TooYoung,
    /// Nothing: the owner must act, and the last attempt was less than a day ago.
    AwaitOwner,
    /// Nothing: only a new login helps.
    AwaitLogin,
}

impl Decision {
    /// Whether the decision calls Instagram.
    pub fn acts(self) -> bool {
        matches!(self, Self::Refresh | Self::Probe)
    }
}

/// Decides what to do with an account at `now`.
pub fn decide(document: &Document, now: OffsetDateTime, policy: &Policy) -> Decision {
    match document.health.state {
        _ if wait(document, now).is_some() => match document.health.state {
            HealthState::Healthy => Decision::NotDue,
            HealthState::Attention => Decision::AwaitOwner,
            HealthState::LoginRequired => Decision::AwaitLogin,
        },
        // The token has expired by our clock only. Keep asking Instagram until it confirms that.
        HealthState::LoginRequired if document.health.presumed => Decision::Refresh,
        HealthState::LoginRequired => Decision::AwaitLogin,
        // An account of a cohort has its turn, as in [`is_check_due`]: the time of its last attempt is not stored again.
        HealthState::Attention if policy.phase.is_some() => Decision::AwaitOwner,
        HealthState::Attention if now - document.last_attempt.at >= PROBE_EVERY => Decision::Probe,
        // The last attempt lies in the future, so the clock was wrong. That must not delay the account.
        HealthState::Attention if document.last_attempt.at - now > CLOCK_SKEW => Decision::Probe,
        HealthState::Attention => Decision::AwaitOwner,
        HealthState::Healthy => match decide_by_age(document, now, |due_at| due_at <= now, policy) {
            // The token was stored without proof that it works.
            Decision::NotDue | Decision::TooYoung if document.last_attempt.outcome == Outcome::Unproven => {
                Decision::Probe
            }
            by_age => by_age,
        },
    }
}

/// How far back a run looks for accounts whose turn it was to be checked.
pub fn check_window(policy: &Policy) -> Duration {
    policy.run_every + LATEST_START
}

/// Whether the token of an account that is not due must be checked, in a run that started at `run_started_at` and looks back
/// for `window`.
///
/// Each name has its turn at a fixed time in every [`Policy::check_every`]. The first run after it checks the account, unless
/// the token was proven since. Nothing needs to be stored, and the calls are spread over the runs. A run that starts late
/// repeats some of the previous run's checks rather than skip any. An account of a cohort also has its turn while it needs its
/// owner.
pub fn is_check_due(document: &Document, run_started_at: OffsetDateTime, window: Duration, policy: &Policy) -> bool {
    let has_turn = match document.health.state {
        HealthState::Healthy => true,
        HealthState::Attention => policy.phase.is_some(),
        HealthState::LoginRequired => false,
    };
    if !has_turn || wait(document, run_started_at).is_some() {
        return false;
    }
    let Some((_, since_turn)) = turn(document, run_started_at, policy) else { return false };
    since_turn < window.whole_seconds()
        && document.last_attempt.at.unix_timestamp() < run_started_at.unix_timestamp() - since_turn
}

/// The interval between an account's turns to be checked, and the time since the last one, both in seconds; `None` without
/// checks.
fn turn(document: &Document, now: OffsetDateTime, policy: &Policy) -> Option<(i64, i64)> {
    let every = match document.health.state {
        HealthState::Attention => Some(PROBE_EVERY),
        HealthState::Healthy | HealthState::LoginRequired => policy.check_every,
    };
    let every = every.map(Duration::whole_seconds).filter(|every| *every > 0)?;
    let offset = (Duration::seconds(every) * share(&document.name)).whole_seconds();
    Some((every, (now.unix_timestamp() - offset).rem_euclid(every)))
}

/// Decides what to do with an account whose refresh was forced.
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
        // Let Instagram decide. A refresh that is too early does no harm.
        Decision::Refresh
    } else if now - document.issued_at < MINIMUM_AGE {
        Decision::TooYoung
    } else if is_due(due_at(document, policy)) {
        Decision::Refresh
    } else {
        Decision::NotDue
    }
}

/// Whether the document's dates contradict each other, so that nothing can be concluded from them.
fn contradictory(document: &Document, now: OffsetDateTime) -> bool {
    document.issued_at - now > CLOCK_SKEW || document.expires_at.is_some_and(|end| end <= document.issued_at)
}

/// Whether a token has expired by our clock.
pub fn has_ended(document: &Document, now: OffsetDateTime) -> bool {
    document.expires_at.is_some_and(|end| end <= now)
}

/// When a wait requested by Instagram ends; `None` if the next run is later anyway.
pub fn not_before(retry_after: Option<Duration>, now: OffsetDateTime, policy: &Policy) -> Option<OffsetDateTime> {
    retry_after.filter(|wait| *wait > policy.run_every).map(|wait| now + wait.min(LONGEST_WAIT))
}

/// When the token is due, as [`Policy::refresh_after`] says, and never before Meta allows. Accounts are spread by name over
/// a sixtieth of the lifetime, which is a day of 60. An account of a cohort is due when its cohort is, if that is sooner.
///
/// A token whose expiry is only assumed is due as soon as Meta allows. A token that does not expire is never due, so the
/// result lies in the far future.
pub fn due_at(document: &Document, policy: &Policy) -> OffsetDateTime {
    let Some(expires_at) = document.expires_at else {
        return time::macros::datetime!(9999-12-31 23:59:59 UTC);
    };
    if document.expires_at_assumed {
        return document.issued_at.checked_add(MINIMUM_AGE).unwrap_or(expires_at);
    }
    let lifetime = (expires_at - document.issued_at).max(Duration::ZERO);
    let spread: Duration = (lifetime / 60) * share(&document.name);
    let latest = Duration::max(lifetime / 3, lifetime * (policy.refresh_after / USUAL_LIFETIME));
    let age = policy.refresh_after.min(latest) + spread;
    // Documents hold whole seconds.
    let age = Duration::seconds(age.max(MINIMUM_AGE).whole_seconds());
    let at_age = document.issued_at.checked_add(age).unwrap_or(expires_at);
    let in_phase =
        policy.phase.and_then(|phase| next_phase(document.issued_at.checked_add(MINIMUM_AGE)?, phase, policy));
    in_phase.map_or(at_age, |in_phase| in_phase.min(at_age))
}

/// The first time from `start` on at which a cohort with this phase is renewed.
fn next_phase(start: OffsetDateTime, phase: Duration, policy: &Policy) -> Option<OffsetDateTime> {
    let cycle = policy.refresh_after.whole_seconds().max(1);
    let wait = (phase.whole_seconds() - start.unix_timestamp()).rem_euclid(cycle);
    start.checked_add(Duration::seconds(wait))
}

/// When the next attempt is due; `None` if the account needs a login, or if its token does not expire and is not checked.
pub fn next_attempt_at(document: &Document, now: OffsetDateTime, policy: &Policy) -> Option<OffsetDateTime> {
    let health = &document.health;
    if health.state == HealthState::LoginRequired && !health.presumed {
        return None;
    }
    if let Some(wait) = wait(document, now) {
        return Some(wait);
    }
    Some(match decide(document, now, policy) {
        // Already due: the next run makes the attempt.
        Decision::Refresh | Decision::Probe | Decision::AwaitLogin => now + policy.run_every,
        Decision::AwaitOwner if policy.phase.is_some() => {
            let (every, since_turn) = turn(document, now, policy)?;
            now + Duration::seconds(every - since_turn)
        }
        Decision::AwaitOwner => now + (PROBE_EVERY - (now - document.last_attempt.at)),
        // A token that does not expire is only checked.
        Decision::NotDue if document.expires_at.is_none() => {
            let (every, since_turn) = turn(document, now, policy)?;
            now + Duration::seconds(every - since_turn)
        }
        Decision::TooYoung | Decision::NotDue => due_at(document, policy),
    })
}

/// When a wait requested by Instagram ends, if it has not ended yet and is plausible.
fn wait(document: &Document, now: OffsetDateTime) -> Option<OffsetDateTime> {
    document.last_attempt.not_before.filter(|at| now < *at && *at - now <= LONGEST_WAIT)
}

/// A fixed number in `0.0..1.0` for each name, so that accounts connected together are not renewed together.
pub fn share(name: &AccountName) -> f64 {
    share_of(name.as_str())
}

fn share_of(name: &str) -> f64 {
    let [first, second, ..]: [u8; 32] = Sha256::digest(name).into();
    f64::from(u16::from_be_bytes([first, second])) / 65_536.0
}

#[cfg(test)]
mod tests;
