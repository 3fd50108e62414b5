//! Polls for a condition, with a timeout.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Longer than any condition takes on a busy machine.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Polls until `poll` returns a value, and returns that value. `what` names the condition in the timeout message.
pub async fn until<T>(what: &str, mut poll: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = poll() {
            return value;
        }
        assert!(start.elapsed() < TIMEOUT, "timed out waiting for {what}");
        briefly().await;
    }
}

/// Sleeps for the polling interval.
pub async fn briefly() {
    sleep(Duration::from_millis(5)).await;
}
