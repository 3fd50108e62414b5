//! A value that is fetched now and then, never twice at once.

use evertoken_core::clock::Clock;
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;

/// How long a value is good. A changed secret is noticed after this long at the latest.
const FRESH: Duration = Duration::minutes(5);

/// How long an error is: a flood of requests must not become a flood of calls.
const FAILED: Duration = Duration::seconds(5);

/// The last answer and how long it stands.
#[derive(Debug)]
pub(crate) struct Cached<T, E>(Mutex<Option<(OffsetDateTime, Result<T, E>)>>);

impl<T: Clone, E: Clone> Cached<T, E> {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// The value, fetched if there is none or it is too old. Callers at the same time wait for one fetch.
    pub(crate) async fn get(&self, clock: &dyn Clock, fetch: impl AsyncFnOnce() -> Result<T, E>) -> Result<T, E> {
        let mut kept = self.0.lock().await;
        let now = clock.now();
        if let Some((until, answer)) = kept.as_ref()
            && now < *until
        {
            return answer.clone();
        }
        let answer = fetch().await;
        let stands = if answer.is_ok() { FRESH } else { FAILED };
        *kept = Some((now + stands, answer.clone()));
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex as StdMutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use time::macros::datetime;

    use super::*;

    struct HandClock(StdMutex<OffsetDateTime>);

    impl HandClock {
        fn advance(&self, by: Duration) {
            *self.0.lock().unwrap() += by;
        }
    }

    impl Clock for HandClock {
        fn now(&self) -> OffsetDateTime {
            *self.0.lock().unwrap()
        }
    }

    fn clock() -> HandClock {
        HandClock(StdMutex::new(datetime!(2026-11-22 05:00 UTC)))
    }

    #[tokio::test]
    async fn a_value_is_fetched_again_after_five_minutes() {
        let (clock, cached, fetches) = (clock(), Cached::<_, ()>::new(), AtomicUsize::new(0));
        let get = async || cached.get(&clock, async || Ok(fetches.fetch_add(1, Ordering::SeqCst))).await;
        assert_eq!((get().await, get().await), (Ok(0), Ok(0)));
        clock.advance(Duration::minutes(5));
        assert_eq!(get().await, Ok(1));
    }

    #[tokio::test]
    async fn an_error_stands_for_seconds_only() {
        let (clock, cached, fetches) = (clock(), Cached::<(), _>::new(), AtomicUsize::new(0));
        let get = async || cached.get(&clock, async || Err(fetches.fetch_add(1, Ordering::SeqCst))).await;
        assert_eq!((get().await, get().await), (Err(0), Err(0)));
        clock.advance(Duration::seconds(5));
        assert_eq!(get().await, Err(1));
    }

    #[tokio::test]
    async fn callers_at_the_same_time_share_one_fetch() {
        let (clock, cached, fetches) = (clock(), Cached::<_, ()>::new(), AtomicUsize::new(0));
        let get = async || {
            let fetch = async || {
                tokio::task::yield_now().await;
                Ok(fetches.fetch_add(1, Ordering::SeqCst))
            };
            cached.get(&clock, fetch).await
        };
        let (one, two, three) = tokio::join!(get(), get(), get());
        assert_eq!((one, two, three), (Ok(0), Ok(0), Ok(0)));
    }
}
