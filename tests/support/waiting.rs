//! Waiting for a condition, with an end.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Longer than anything takes on a busy machine; whoever waits this long waits for ever.
const LIMIT: Duration = Duration::from_secs(30);

/// What `look` finds, as soon as it finds something.
pub async fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < LIMIT, "waited in vain for {what}");
        a_moment().await;
    }
}

/// The time between two looks.
pub async fn a_moment() {
    sleep(Duration::from_millis(5)).await;
}
