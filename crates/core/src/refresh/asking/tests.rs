//! When a question is asked again, and when not.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio::time::Instant;

use super::*;
use crate::failure::Problem;
use crate::ports::EntropyError;

/// Always the same share of a wait.
struct Share(u16);

impl Entropy for Share {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        bytes.copy_from_slice(&self.0.to_be_bytes());
        Ok(())
    }
}

struct Asked {
    answer: Result<u32, NoAnswer>,
    calls: u32,
    waited: Duration,
    shut: bool,
}

/// Asks somebody who fails the first `times` times.
async fn ask(failure: &Failure, times: u32, given: Option<time::Duration>) -> Asked {
    let (gate, calls, begun) = (Gate::default(), AtomicU32::new(0), Instant::now());
    let deadline = Deadline::new(given, time::Duration::seconds(45));
    let asking = Asking { entropy: &Share(0x8000), deadline: &deadline, gate: &gate };
    let call = || async {
        let number = calls.fetch_add(1, Ordering::SeqCst) + 1;
        if number <= times { Err(failure.clone()) } else { Ok(number) }
    };
    let answer = asking.ask(call).await;
    Asked { answer, calls: calls.load(Ordering::SeqCst), waited: begun.elapsed(), shut: gate.is_shut() }
}

fn told(problem: Problem, seconds: i64) -> Failure {
    Failure { retry_after: Some(time::Duration::seconds(seconds)), ..Failure::new(problem) }
}

#[tokio::test(start_paused = true)]
async fn a_passing_fault_is_asked_again_with_longer_waits() {
    let asked = ask(&Failure::new(Problem::Unavailable), 2, None).await;
    assert_eq!((asked.answer, asked.calls), (Ok(3), 3));
    // Half of one second, half of two.
    assert_eq!(asked.waited, Duration::from_millis(1500));
}

#[tokio::test(start_paused = true)]
async fn three_tries_are_all() {
    let failure = Failure::new(Problem::Unclassified);
    let asked = ask(&failure, 9, None).await;
    assert_eq!((asked.answer, asked.calls), (Err(NoAnswer::Failed(failure)), 3));
}

#[tokio::test(start_paused = true)]
async fn a_definite_answer_is_not_asked_again() {
    for problem in [Problem::Expired, Problem::Checkpoint, Problem::TesterNotAccepted, Problem::PolicyBlock] {
        let asked = ask(&told(problem, 1), 9, None).await;
        assert_eq!((asked.calls, asked.waited, asked.shut), (1, Duration::ZERO, false), "{problem:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_instagram_names_is_kept() {
    for problem in [Problem::Unavailable, Problem::RateLimited, Problem::AppRateLimited] {
        let asked = ask(&told(problem, 7), 1, None).await;
        assert_eq!((asked.answer, asked.shut), (Ok(2), false), "{problem:?}");
        assert_eq!(asked.waited, Duration::from_millis(7500));
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_wait_is_left_to_the_next_run() {
    let asked = ask(&told(Problem::RateLimited, 61), 1, None).await;
    assert_eq!((asked.calls, asked.waited, asked.shut), (1, Duration::ZERO, false));
    let asked = ask(&Failure::new(Problem::RateLimited), 1, None).await;
    assert_eq!((asked.calls, asked.shut), (1, false));
}

#[tokio::test(start_paused = true)]
async fn the_apps_limit_ends_the_run_unless_it_passes_soon() {
    for failure in [Failure::new(Problem::AppRateLimited), told(Problem::AppRateLimited, 600)] {
        let asked = ask(&failure, 1, None).await;
        assert_eq!((asked.answer, asked.calls, asked.shut), (Err(NoAnswer::Failed(failure)), 1, true));
    }
    // Three times in a row.
    assert!(ask(&told(Problem::AppRateLimited, 1), 9, None).await.shut);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_through_a_shut_gate() {
    let (gate, deadline) = (Gate::default(), Deadline::new(None, time::Duration::ZERO));
    gate.shut();
    let asking = Asking { entropy: &Share(0), deadline: &deadline, gate: &gate };
    let answer: Result<(), _> = asking.ask(|| async { panic!("was asked") }).await;
    assert_eq!(answer, Err(NoAnswer::NotAsked));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_again_once_the_deadline_is_near() {
    let asked = ask(&told(Problem::Unavailable, 4), 1, Some(time::Duration::seconds(4))).await;
    assert_eq!((asked.calls, asked.waited), (1, Duration::ZERO));
}

#[test]
fn jitter_is_between_nothing_and_all() {
    let second = Duration::from_secs(1);
    assert_eq!(jitter(&Share(0), second), Duration::ZERO);
    assert_eq!(jitter(&Share(0x4000), second), second / 4);
    assert!(jitter(&Share(u16::MAX), second) < second);
}
