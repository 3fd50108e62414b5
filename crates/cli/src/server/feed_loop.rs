//! Publishes the feeds that are due, as the schedule does in AWS.

use std::sync::Arc;
use std::time::Duration;

use evertoken_feed::request::{Request, Response};
use tokio::time::{Instant, sleep};

use super::shutdown::Shutdown;
use crate::feeds::local_publisher::LocalPublisher;

/// How often the clock is read. It may jump: the sandbox's clock can be advanced, and a laptop sleeps.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The time between two runs. A run calls Instagram only for the feeds that are due.
const RUN_EVERY: time::Duration = time::Duration::minutes(15);

/// Looks for feeds whose account is gone this often, whatever the clock says. That costs a few reads of the folder, and
/// their pictures are deleted within a minute of a data deletion request.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Runs until the shutdown is requested. A run that is cut off leaves consistent feeds behind, and the next one continues.
pub(super) async fn run(publisher: Arc<LocalPublisher>, shutdown: Shutdown) {
    tokio::select! {
        () = publish_forever(&publisher) => {}
        () = shutdown.requested() => {}
    }
}

async fn publish_forever(publisher: &Arc<LocalPublisher>) {
    loop {
        let (begun_at, next_run_at) = (Instant::now(), publisher.clock.now() + RUN_EVERY);
        publish(publisher).await;
        while publisher.clock.now() < next_run_at && begun_at.elapsed() < LOOK_EVERY {
            sleep(POLL_INTERVAL).await;
        }
    }
}

async fn publish(publisher: &Arc<LocalPublisher>) {
    match publisher.run(Request::PublishDue, None).await {
        Ok(Response::Published { report }) if report.published + report.removed + report.failed > 0 => {
            tracing::info!(
                "feeds: {} published, {} removed, {} failed",
                report.published,
                report.removed,
                report.failed
            );
        }
        Ok(_) => {}
        Err(error) => tracing::error!("the feeds were not published: {error}"),
    }
}
