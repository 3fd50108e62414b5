//! Which errors are retried, and when.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio::time::Instant;

use super::*;
use crate::entropy::EntropyError;
use crate::provider_error::ProviderErrorKind;

/// Always returns the same share of a wait.
struct Share(u16);

impl Entropy for Share {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        bytes.copy_from_slice(&self.0.to_be_bytes());
        Ok(())
    }
}

struct Called {
    answer: Result<u32, CallError>,
    calls: u32,
    waited: Duration,
    opened: bool,
}

/// Calls a provider that fails `times` times.
async fn call(failure: &ProviderError, times: u32, given: Option<time::Duration>) -> Called {
    let (circuit_breaker, calls, begun) = (CircuitBreaker::default(), AtomicU32::new(0), Instant::now());
    let deadline = Deadline::new(given, time::Duration::seconds(45));
    let provider = RetryingProvider { entropy: &Share(0x8000), deadline: &deadline, circuit_breaker: &circuit_breaker };
    let call = || async {
        let number = calls.fetch_add(1, Ordering::SeqCst) + 1;
        if number <= times { Err(failure.clone()) } else { Ok(number) }
    };
    let answer = provider.call(call).await;
    Called { answer, calls: calls.load(Ordering::SeqCst), waited: begun.elapsed(), opened: circuit_breaker.is_open() }
}

fn with_retry_after(kind: ProviderErrorKind, seconds: i64) -> ProviderError {
    ProviderError { retry_after: Some(time::Duration::seconds(seconds)), ..ProviderError::new(kind) }
}

#[tokio::test(start_paused = true)]
async fn a_temporary_error_is_retried_with_longer_waits() {
    let called = call(&ProviderError::new(ProviderErrorKind::Unavailable), 2, None).await;
    assert_eq!((called.answer, called.calls), (Ok(3), 3));
    // Half of one second, half of two.
    assert_eq!(called.waited, Duration::from_millis(1500));
}

#[tokio::test(start_paused = true)]
async fn gives_up_after_three_attempts() {
    let failure = ProviderError::new(ProviderErrorKind::Unclassified);
    let called = call(&failure, 9, None).await;
    assert_eq!((called.answer, called.calls), (Err(CallError::Failed(failure)), 3));
}

#[tokio::test(start_paused = true)]
async fn a_permanent_error_is_not_retried() {
    for kind in [
        ProviderErrorKind::Expired,
        ProviderErrorKind::Checkpoint,
        ProviderErrorKind::TesterNotAccepted,
        ProviderErrorKind::PolicyBlock,
    ] {
        let called = call(&with_retry_after(kind, 1), 9, None).await;
        assert_eq!((called.calls, called.waited, called.opened), (1, Duration::ZERO, false), "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn honors_the_wait_that_instagram_asks_for() {
    for kind in [ProviderErrorKind::Unavailable, ProviderErrorKind::RateLimited, ProviderErrorKind::AppRateLimited] {
        let called = call(&with_retry_after(kind, 7), 1, None).await;
        assert_eq!((called.answer, called.opened), (Ok(2), false), "{kind:?}");
        assert_eq!(called.waited, Duration::from_millis(7500));
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_wait_is_left_to_the_next_run() {
    let called = call(&with_retry_after(ProviderErrorKind::RateLimited, 61), 1, None).await;
    assert_eq!((called.calls, called.waited, called.opened), (1, Duration::ZERO, false));
    let called = call(&ProviderError::new(ProviderErrorKind::RateLimited), 1, None).await;
    assert_eq!((called.calls, called.opened), (1, false));
}

#[tokio::test(start_paused = true)]
async fn an_app_rate_limit_opens_the_breaker_unless_the_wait_is_short() {
    for failure in [
        ProviderError::new(ProviderErrorKind::AppRateLimited),
        with_retry_after(ProviderErrorKind::AppRateLimited, 600),
    ] {
        let called = call(&failure, 1, None).await;
        assert_eq!((called.answer, called.calls, called.opened), (Err(CallError::Failed(failure)), 1, true));
    }
    // Three times in a row.
    assert!(call(&with_retry_after(ProviderErrorKind::AppRateLimited, 1), 9, None).await.opened);
}

#[tokio::test(start_paused = true)]
async fn a_short_app_rate_limit_pauses_the_calls_of_other_accounts() {
    let (circuit_breaker, deadline) = (CircuitBreaker::default(), Deadline::new(None, time::Duration::ZERO));
    let provider = RetryingProvider { entropy: &Share(0), deadline: &deadline, circuit_breaker: &circuit_breaker };
    let limited = with_retry_after(ProviderErrorKind::AppRateLimited, 7);
    let (begun, first) = (Instant::now(), AtomicU32::new(0));
    let limited_once =
        || async { if first.fetch_add(1, Ordering::SeqCst) == 0 { Err(limited.clone()) } else { Ok(()) } };
    let other = async {
        // The other account comes to its call after the answer to the first one.
        tokio::time::sleep(Duration::from_secs(1)).await;
        provider.call(|| async { Ok(()) }).await.unwrap();
        begun.elapsed()
    };
    let (answer, waited) = tokio::join!(provider.call(limited_once), other);
    assert_eq!((answer, waited), (Ok(()), Duration::from_secs(7)));
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_breaker_prevents_calls() {
    let (circuit_breaker, deadline) = (CircuitBreaker::default(), Deadline::new(None, time::Duration::ZERO));
    circuit_breaker.open(None);
    let provider = RetryingProvider { entropy: &Share(0), deadline: &deadline, circuit_breaker: &circuit_breaker };
    let answer: Result<(), _> = provider.call(|| async { panic!("called") }).await;
    assert_eq!(answer, Err(CallError::CircuitOpen));
}

#[tokio::test(start_paused = true)]
async fn does_not_retry_close_to_the_deadline() {
    let called = call(&with_retry_after(ProviderErrorKind::Unavailable, 4), 1, Some(time::Duration::seconds(4))).await;
    assert_eq!((called.calls, called.waited), (1, Duration::ZERO));
}

#[test]
fn jitter_is_a_share_of_the_upper_bound() {
    let second = Duration::from_secs(1);
    assert_eq!(jitter(&Share(0), second), Duration::ZERO);
    assert_eq!(jitter(&Share(0x4000), second), second / 4);
    assert!(jitter(&Share(u16::MAX), second) < second);
}
