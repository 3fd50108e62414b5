//! What to do with one account now. Pure: a document, a time and a policy in, a decision out.

use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::account::AccountName;
use crate::document::{Document, HealthState};

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
        HealthState::LoginRequired => Decision::AwaitLogin,
        HealthState::Attention if document.last_attempt.at + PROBE_EVERY <= now => Decision::Probe,
        HealthState::Attention => Decision::AwaitOwner,
        HealthState::Healthy if document.expires_at.is_none() => Decision::NotDue,
        HealthState::Healthy if now < document.issued_at + MINIMUM_AGE => Decision::TooYoung,
        HealthState::Healthy if now < due_at(document, policy) => Decision::NotDue,
        // One that has expired by our clock is tried as well: Instagram's answer is what counts.
        HealthState::Healthy => Decision::Refresh,
    }
}

/// Decides about an account that somebody named and wants renewed now.
pub fn decide_forced(document: &Document, now: OffsetDateTime) -> Decision {
    if document.expires_at.is_none() {
        Decision::Probe
    } else if now < document.issued_at + MINIMUM_AGE {
        Decision::TooYoung
    } else {
        Decision::Refresh
    }
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
    document.issued_at + Duration::seconds(age.max(MINIMUM_AGE).whole_seconds())
}

/// When this account is next looked at closely; none if that waits for a login.
pub fn next_attempt_at(document: &Document, now: OffsetDateTime, policy: &Policy) -> Option<OffsetDateTime> {
    match document.health.state {
        HealthState::LoginRequired => None,
        HealthState::Attention => Some((document.last_attempt.at + PROBE_EVERY).max(now)),
        HealthState::Healthy => {
            let due_at = due_at(document, policy);
            // Due and yet to be done: the next run tries.
            Some(if due_at > now { due_at } else { now + policy.run_every })
        }
    }
}

/// A name's fixed place in `0.0..1.0`, so that accounts connected together are not renewed together.
fn share(name: &AccountName) -> f64 {
    let [first, second, ..]: [u8; 32] = Sha256::digest(name.as_str()).into();
    f64::from(u16::from_be_bytes([first, second])) / 65_536.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;
    use crate::document::{Health, LastAttempt, Outcome};
    use crate::sample::document as sample;

    const ISSUED: OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

    fn aged(days: i64) -> OffsetDateTime {
        ISSUED + Duration::days(days)
    }

    fn with_health(state: HealthState, tried_at: OffsetDateTime) -> Document {
        let mut document = sample("shop-de", ISSUED);
        document.health = Health { state, ..Health::healthy() };
        document.last_attempt = LastAttempt::succeeded(tried_at, Outcome::Failed);
        document
    }

    #[test]
    fn a_healthy_account_is_renewed_from_a_third_of_its_life_on() {
        let document = sample("shop-de", ISSUED);
        let policy = Policy::default();
        let table = [
            (ISSUED - Duration::hours(1), Decision::TooYoung),
            (ISSUED, Decision::TooYoung),
            (ISSUED + Duration::hours(23), Decision::TooYoung),
            (aged(1), Decision::NotDue),
            (aged(19), Decision::NotDue),
            (aged(21), Decision::Refresh),
            (aged(59), Decision::Refresh),
            (aged(61), Decision::Refresh),
        ];
        for (now, decision) in table {
            assert_eq!(decide(&document, now, &policy), decision, "{now}");
        }
    }

    #[test]
    fn an_account_that_needs_its_owner_is_probed_once_a_day() {
        let document = with_health(HealthState::Attention, aged(30));
        let policy = Policy::default();
        assert_eq!(decide(&document, aged(30) + Duration::hours(23), &policy), Decision::AwaitOwner);
        assert_eq!(decide(&document, aged(31), &policy), Decision::Probe);
        assert_eq!(next_attempt_at(&document, aged(30), &policy), Some(aged(31)));
    }

    #[test]
    fn an_account_that_needs_a_login_is_left_alone() {
        let document = with_health(HealthState::LoginRequired, aged(1));
        let policy = Policy::default();
        assert_eq!(decide(&document, aged(400), &policy), Decision::AwaitLogin);
        assert_eq!(next_attempt_at(&document, aged(30), &policy), None);
    }

    #[test]
    fn a_token_without_an_end_is_never_due() {
        let mut document = sample("shop-de", ISSUED);
        document.expires_at = None;
        assert_eq!(decide(&document, aged(4000), &Policy::default()), Decision::NotDue);
    }

    #[test]
    fn force_renews_what_is_old_enough_and_only_that() {
        let document = sample("shop-de", ISSUED);
        assert_eq!(decide_forced(&document, ISSUED + Duration::hours(23)), Decision::TooYoung);
        assert_eq!(decide_forced(&document, aged(2)), Decision::Refresh);
    }

    proptest! {
        #[test]
        fn once_due_always_due(name in "[a-z0-9]{1,20}", life in 2i64..200, first in 0i64..5000, later in 0i64..5000) {
            let mut document = sample(&name, ISSUED);
            document.expires_at = Some(aged(life));
            let policy = Policy::default();
            let at = ISSUED + Duration::hours(first);
            if decide(&document, at, &policy) == Decision::Refresh {
                prop_assert_eq!(decide(&document, at + Duration::hours(later), &policy), Decision::Refresh);
            }
        }

        #[test]
        fn due_in_time_and_never_too_early(name in "[a-z0-9]{1,20}", life in 3i64..200, days in 1i64..60) {
            let mut document = sample(&name, ISSUED);
            document.expires_at = Some(aged(life));
            let policy = Policy { refresh_after: Duration::days(days), ..Policy::default() };
            let due = due_at(&document, &policy);
            prop_assert!(due >= ISSUED + MINIMUM_AGE);
            prop_assert!(due < aged(life), "due {due}");
        }
    }
}
