//! Decides when Instagram is asked for an account's posts: a pure function of what is remembered.

use evertoken_core::account::AccountName;
use evertoken_core::policy::share;
use time::{Duration, OffsetDateTime};

use crate::state::FeedState;

/// How often to poll after a change.
const SHORTEST: Duration = Duration::minutes(15);

/// How often to poll a quiet account.
const LONGEST: Duration = Duration::hours(6);

/// The interval grows to this share of the time since the last change, so it is longest after two days.
const SHARE_OF_QUIET: i32 = 8;

/// Percentage of Meta's budget of calls from which polls are half as frequent.
const MOST_OF_BUDGET: u32 = 80;

/// Runs start at whole quarters of an hour, and up to this much later than the one before.
const LATE_START: Duration = Duration::minutes(1);

/// When the next poll is due. `None` for a feed that was never polled, which is due at once.
pub fn due_at(account: &AccountName, state: &FeedState) -> Option<OffsetDateTime> {
    let polled_at = state.polled_at?;
    let is_quiet = !state.pending;
    let quiet = state.changed_at.filter(|_| is_quiet).map_or(Duration::ZERO, |at| polled_at - at);
    let mut interval = (quiet / SHARE_OF_QUIET).clamp(SHORTEST, LONGEST);
    if state.usage.is_some_and(|usage| usage.percent >= MOST_OF_BUDGET) {
        interval *= 2;
    }
    // Accounts that were enabled together are polled at different times.
    let due_at = polled_at + interval * (1.0 - share(account) / 8.0) - LATE_START;
    let blocked_for = state.usage.and_then(|usage| usage.blocked_for).unwrap_or_default();
    let not_before = state.error.as_ref().and_then(|error| error.not_before);
    Some(due_at.max(polled_at + blocked_for).max(not_before.unwrap_or(due_at)))
}

/// Whether a poll is due.
pub fn is_due(account: &AccountName, state: &FeedState, now: OffsetDateTime) -> bool {
    // A poll in the future was recorded by a clock that was wrong, and must not delay the next one.
    let is_future = state.polled_at.is_some_and(|at| at > now + LONGEST);
    is_future || due_at(account, state).is_none_or(|at| at <= now)
}

#[cfg(test)]
mod tests {
    use evertoken_core::media::CallUsage;

    use super::*;
    use crate::report::FailureKind;
    use crate::sample::EPOCH;
    use crate::state::PollError;

    fn quiet_for(quiet: Duration) -> FeedState {
        FeedState { polled_at: Some(EPOCH), changed_at: Some(EPOCH - quiet), ..FeedState::default() }
    }

    fn interval(name: &str, state: &FeedState) -> Duration {
        due_at(&name.parse().unwrap(), state).unwrap() - EPOCH
    }

    fn minutes(state: &FeedState) -> Duration {
        // Up to an eighth earlier, by name.
        let (earliest, latest) = (0..200).fold((Duration::MAX, Duration::MIN), |(earliest, latest), number| {
            let interval = interval(&format!("shop-{number}"), state);
            (earliest.min(interval), latest.max(interval))
        });
        assert!(earliest >= latest * 0.85 - Duration::minutes(1), "{earliest} to {latest}");
        assert!(latest - earliest > latest / 10, "{earliest} to {latest}: not spread");
        latest + Duration::minutes(1)
    }

    #[test]
    fn the_interval_grows_from_15_minutes_to_six_hours() {
        for (quiet, expected) in [
            (Duration::ZERO, Duration::minutes(15)),
            (Duration::hours(2), Duration::minutes(15)),
            (Duration::hours(24), Duration::hours(3)),
            (Duration::hours(48), Duration::hours(6)),
            (Duration::days(300), Duration::hours(6)),
        ] {
            let slowest = minutes(&quiet_for(quiet));
            assert!(slowest <= expected && slowest > expected * 0.99, "{quiet}: {slowest}");
        }
    }

    #[test]
    fn a_run_every_15_minutes_polls_a_lively_account_each_time() {
        let state = quiet_for(Duration::ZERO);
        for number in 0..200 {
            let name = format!("shop-{number}").parse().unwrap();
            assert!(is_due(&name, &state, EPOCH + Duration::seconds(14 * 60 + 1)));
            assert!(!is_due(&name, &state, EPOCH + Duration::minutes(10)));
        }
    }

    #[test]
    fn polls_are_half_as_frequent_from_80_percent_of_the_budget() {
        let used = |percent| FeedState {
            usage: Some(CallUsage { percent, blocked_for: None }),
            ..quiet_for(Duration::hours(24))
        };
        assert!(minutes(&used(79)) <= Duration::hours(3));
        assert!(minutes(&used(80)) > Duration::hours(5) && minutes(&used(80)) <= Duration::hours(6));
    }

    #[test]
    fn nothing_is_polled_before_instagram_allows_it() {
        let blocked_for = Some(Duration::hours(5));
        let blocked = FeedState { usage: Some(CallUsage { percent: 100, blocked_for }), ..quiet_for(Duration::ZERO) };
        assert_eq!(interval("shop", &blocked), Duration::hours(5));
        let not_before = Some(EPOCH + Duration::hours(9));
        let error = PollError { at: EPOCH, kind: FailureKind::Throttled, message: String::new(), not_before };
        assert_eq!(
            interval("shop", &FeedState { error: Some(error), ..quiet_for(Duration::ZERO) }),
            Duration::hours(9)
        );
    }

    #[test]
    fn missing_pictures_do_not_wait_for_the_longer_interval() {
        assert!(minutes(&FeedState { pending: true, ..quiet_for(Duration::days(9)) }) <= Duration::minutes(15));
    }

    #[test]
    fn new_feeds_are_due_at_once_and_so_are_feeds_after_a_wrong_clock() {
        let name = "shop".parse().unwrap();
        assert!(is_due(&name, &FeedState::default(), EPOCH));
        let future = FeedState { polled_at: Some(EPOCH + Duration::days(900)), ..FeedState::default() };
        assert!(is_due(&name, &future, EPOCH));
    }
}
