//! What EventBridge does in AWS: a refresh run every few hours.

use evertoken_core::backoff::jitter;
use evertoken_core::vault::{AccountStore, ParkedDocuments};
use std::sync::Arc;
use std::time::Duration;

use evertoken_core::clock::Clock;
use evertoken_core::events::Events;
use evertoken_core::provider::Provider;
use evertoken_core::refresh::{Refresher, Report, Request, RunObserver};
use evertoken_core::vault::Vault;

use super::shutdown::Shutdown;

/// How often the clock is looked at. It may be moved (the sandbox's) or have stood still (a laptop's).
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A run comes earlier than planned by up to this share of the time between two, so that not all who started at the
/// same hour come at the same hour for ever.
const JITTER: f64 = 0.1;

/// Begins nothing new once the end is asked for.
struct UntilTheEnd<'a>(&'a Shutdown);

impl RunObserver for UntilTheEnd<'_> {
    fn should_continue(&self) -> bool {
        !self.0.is_asked()
    }
}

/// Runs at once, then every `policy.run_every` or a little earlier, until the end is asked for. The accounts under way
/// are finished first: a renewed token must reach the vault.
pub(crate) async fn run<P: Provider, V: AccountStore + ParkedDocuments, N: Events>(
    refresher: Arc<Refresher<P, V, N>>,
    end: Shutdown,
) {
    let mut next_run_at = refresher.clock.now();
    let asked = end.asked();
    tokio::pin!(asked);
    loop {
        let now = refresher.clock.now();
        if now >= next_run_at {
            next_run_at = now + until_next(&refresher);
            match refresher.run_observed(&UntilTheEnd(&end), &Request::default(), None).await {
                Ok(report) => tell(&report),
                Err(error) => tracing::error!("the refresh run failed: {error}"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = &mut asked => return,
        }
    }
}

fn until_next<P, V, N>(refresher: &Refresher<P, V, N>) -> time::Duration {
    let every = refresher.policy.run_every;
    let earlier = Duration::try_from(every).unwrap_or_default().mul_f64(JITTER);
    every - jitter(&*refresher.entropy, earlier)
}

fn tell(report: &Report) {
    let Report { accounts, refreshed, failed, attention, login_required, .. } = report;
    if *refreshed + *failed > 0 {
        tracing::info!(
            "refresh run: {refreshed} of {accounts} accounts renewed, {failed} failed, \
             {attention} wait for their owner, {login_required} for a login"
        );
    }
}
