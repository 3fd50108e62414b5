//! Polls for a condition, with a timeout.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Longer than any condition takes on a busy machine.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Longer than a schedule that fires once a minute, and everything after it, takes on a busy machine.
const SERVER_TIMEOUT: Duration = Duration::from_mins(3);

/// Short enough to go unnoticed, and long enough not to slow down the server that is polled.
const SERVER_POLLING_INTERVAL: Duration = Duration::from_millis(100);

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

/// Polls a server until `poll` returns a value, and returns that value. `what` names the condition in the timeout message.
pub async fn until_async<T>(what: &str, mut poll: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = poll().await {
            return value;
        }
        assert!(start.elapsed() < SERVER_TIMEOUT, "timed out waiting for {what}");
        sleep(SERVER_POLLING_INTERVAL).await;
    }
}

/// Sleeps for the polling interval.
pub async fn briefly() {
    sleep(Duration::from_millis(5)).await;
}
