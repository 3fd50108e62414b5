//! A cache of one value. Concurrent callers share one fetch.

use evertoken_core::clock::Clock;
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;

/// The time-to-live of a value. A changed secret takes effect within this time.
const VALUE_TTL: Duration = Duration::minutes(5);

/// The time-to-live of an error, so that a flood of requests does not cause a flood of calls.
const ERROR_TTL: Duration = Duration::seconds(5);

/// The result of the last fetch and when it expires.
#[derive(Debug)]
pub(crate) struct Cached<T, E>(Mutex<Option<(OffsetDateTime, Result<T, E>)>>);

impl<T: Clone, E: Clone> Cached<T, E> {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// The cached result, or a new one if there is none or it has expired. Concurrent callers wait for one fetch.
    pub(crate) async fn get(&self, clock: &dyn Clock, fetch: impl AsyncFnOnce() -> Result<T, E>) -> Result<T, E> {
        let mut cached = self.0.lock().await;
        let now = clock.now();
        if let Some((expires_at, result)) = cached.as_ref()
            && now < *expires_at
        {
            return result.clone();
        }
        let result = fetch().await;
        let ttl = if result.is_ok() { VALUE_TTL } else { ERROR_TTL };
        *cached = Some((now + ttl, result.clone()));
        result
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex as StdMutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use time::macros::datetime;

    use super::*;

    struct ManualClock(StdMutex<OffsetDateTime>);

    impl ManualClock {
        fn advance(&self, by: Duration) {
            *self.0.lock().unwrap() += by;
        }
    }

    impl Clock for ManualClock {
        fn now(&self) -> OffsetDateTime {
            *self.0.lock().unwrap()
        }
    }

    fn clock() -> ManualClock {
        ManualClock(StdMutex::new(datetime!(2026-11-22 05:00 UTC)))
    }

    #[tokio::test]
    async fn a_value_expires_after_five_minutes() {
        let (clock, cached, fetches) = (clock(), Cached::<_, ()>::new(), AtomicUsize::new(0));
        let get = async || cached.get(&clock, async || Ok(fetches.fetch_add(1, Ordering::SeqCst))).await;
        assert_eq!((get().await, get().await), (Ok(0), Ok(0)));
        clock.advance(Duration::minutes(5));
        assert_eq!(get().await, Ok(1));
    }

    #[tokio::test]
    async fn an_error_expires_after_five_seconds() {
        let (clock, cached, fetches) = (clock(), Cached::<(), _>::new(), AtomicUsize::new(0));
        let get = async || cached.get(&clock, async || Err(fetches.fetch_add(1, Ordering::SeqCst))).await;
        assert_eq!((get().await, get().await), (Err(0), Err(0)));
        clock.advance(Duration::seconds(5));
        assert_eq!(get().await, Err(1));
    }

    #[tokio::test]
    async fn concurrent_callers_share_one_fetch() {
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
