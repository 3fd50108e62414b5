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

    #[test]
    fn dates_that_contradict_each_other_never_keep_an_account_waiting() {
        let policy = Policy::default();
        let mut document = sample("shop-de", ISSUED);
        document.expires_at = Some(ISSUED - Duration::days(1));
        for now in [ISSUED - Duration::days(2), ISSUED, aged(1)] {
            assert_eq!(decide(&document, now, &policy), Decision::Refresh, "{now}");
        }
        document.expires_at = Some(ISSUED);
        assert_eq!(decide(&document, ISSUED - Duration::hours(1), &policy), Decision::Refresh);
        let from_the_future = sample("shop-de", aged(3650));
        assert_eq!(decide(&from_the_future, ISSUED, &policy), Decision::Refresh);
        assert_eq!(decide_forced(&from_the_future, ISSUED), Decision::Refresh);
    }

    #[test]
    fn a_clock_that_is_a_day_off_either_way_changes_little() {
        let policy = Policy::default();
        let document = sample("shop-de", ISSUED);
        for (now, decision) in [
            (ISSUED - Duration::hours(24), Decision::TooYoung),
            (ISSUED - Duration::hours(24) - Duration::seconds(1), Decision::Refresh),
            (ISSUED + Duration::hours(24), Decision::NotDue),
            (aged(20) - Duration::seconds(1), Decision::NotDue),
            (aged(61), Decision::Refresh),
        ] {
            assert_eq!(decide(&document, now, &policy), decision, "{now}");
        }
        let tried_tomorrow = with_health(HealthState::Attention, aged(31));
        assert_eq!(decide(&tried_tomorrow, aged(30), &policy), Decision::AwaitOwner);
        assert_eq!(decide(&tried_tomorrow, aged(30) - Duration::seconds(1), &policy), Decision::Probe);
    }

    #[test]
    fn a_token_that_ends_within_its_first_day_is_tried_once_it_has_ended() {
        let mut document = sample("shop-de", ISSUED);
        document.expires_at = Some(ISSUED + Duration::hours(1));
        let policy = Policy::default();
        assert_eq!(decide(&document, ISSUED + Duration::minutes(59), &policy), Decision::TooYoung);
        assert_eq!(decide(&document, ISSUED + Duration::hours(1), &policy), Decision::Refresh);
        assert!(has_ended(&document, ISSUED + Duration::hours(1)));
        assert!(!has_ended(&document, ISSUED + Duration::minutes(59)));
    }

    #[test]
    fn an_end_that_only_our_clock_has_seen_is_put_to_instagram_again() {
        let policy = Policy::default();
        let mut document = with_health(HealthState::LoginRequired, aged(61));
        document.health.presumed = true;
        assert_eq!(decide(&document, aged(62), &policy), Decision::Refresh);
        assert_eq!(next_attempt_at(&document, aged(62), &policy), Some(aged(62) + policy.run_every));
        document.health.presumed = false;
        assert_eq!(decide(&document, aged(62), &policy), Decision::AwaitLogin);
    }

    #[test]
    fn an_unproven_token_is_tried_by_the_next_run() {
        let mut document = sample("shop-de", ISSUED);
        document.last_attempt.outcome = Outcome::Unproven;
        assert_eq!(decide(&document, ISSUED + Duration::hours(6), &Policy::default()), Decision::Probe);
    }

    #[test]
    fn a_wait_that_instagram_names_is_kept_but_not_for_ever() {
        let policy = Policy::default();
        assert_eq!(not_before(None, ISSUED, &policy), None);
        assert_eq!(not_before(Some(policy.run_every), ISSUED, &policy), None);
        let wait = policy.run_every + Duration::seconds(1);
        assert_eq!(not_before(Some(wait), ISSUED, &policy), Some(ISSUED + wait));
        assert_eq!(not_before(Some(Duration::days(400)), ISSUED, &policy), Some(aged(1)));

        let mut document = sample("shop-de", ISSUED);
        document.last_attempt.not_before = Some(aged(30));
        for (now, decision) in [
            (aged(29) - Duration::seconds(1), Decision::Refresh),
            (aged(29), Decision::NotDue),
            (aged(30) - Duration::seconds(1), Decision::NotDue),
            (aged(30), Decision::Refresh),
        ] {
            assert_eq!(decide(&document, now, &policy), decision, "{now}");
        }
        assert_eq!(next_attempt_at(&document, aged(29), &policy), Some(aged(30)));
        assert_eq!(decide_forced(&document, aged(29)), Decision::Refresh);
        document.health.state = HealthState::Attention;
        assert_eq!(decide(&document, aged(29), &policy), Decision::AwaitOwner);
        document.health.state = HealthState::LoginRequired;
        assert_eq!(decide(&document, aged(29), &policy), Decision::AwaitLogin);
        document.health.presumed = true;
        assert_eq!(decide(&document, aged(29), &policy), Decision::AwaitLogin);
        assert_eq!(next_attempt_at(&document, aged(29), &policy), Some(aged(30)));
    }

    #[test]
    fn the_next_attempt_is_known_for_every_state() {
        let policy = Policy::default();
        let document = sample("shop-de", ISSUED);
        let due_at = due_at(&document, &policy);
        assert_eq!(next_attempt_at(&document, aged(1), &policy), Some(due_at));
        assert_eq!(next_attempt_at(&document, due_at, &policy), Some(due_at + policy.run_every));
        assert_eq!(next_attempt_at(&document, ISSUED, &policy), Some(due_at));
        let waiting = with_health(HealthState::Attention, aged(30));
        assert_eq!(next_attempt_at(&waiting, aged(40), &policy), Some(aged(40) + policy.run_every));
    }

    #[test]
    fn only_refresh_and_probe_ask_instagram() {
        assert!(Decision::Refresh.acts() && Decision::Probe.acts());
        for idle in [Decision::NotDue, Decision::TooYoung, Decision::AwaitOwner, Decision::AwaitLogin] {
            assert!(!idle.acts(), "{idle:?}");
        }
    }

    #[test]
    fn the_dates_furthest_apart_are_no_panic() {
        let mut document = sample("shop-de", ISSUED);
        document.issued_at = datetime!(9999-12-31 00:00 UTC);
        document.expires_at = Some(datetime!(9999-12-31 23:59:59 UTC));
        assert_eq!(decide(&document, ISSUED, &Policy::default()), Decision::Refresh);
        document.issued_at = datetime!(0000-01-01 00:00 UTC);
        assert_eq!(decide(&document, ISSUED, &Policy::default()), Decision::Refresh);
    }

    #[test]
    fn accounts_connected_together_are_spread_over_a_day() {
        let policy = Policy::default();
        let dues: Vec<_> = (0..200).map(|n| due_at(&sample(&format!("shop-{n}"), ISSUED), &policy)).collect();
        let (first, last) = (*dues.iter().min().unwrap(), *dues.iter().max().unwrap());
        assert!(first >= aged(20) && last < aged(21), "{first} {last}");
        assert!(last - first > Duration::hours(20), "{first} {last}");
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
