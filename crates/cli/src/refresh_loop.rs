//! What EventBridge does in AWS: a refresh run every few hours.

use std::sync::Arc;
use std::time::Duration;

use evertoken_core::ports::{Clock, Entropy, Events, Provider, Vault};
use evertoken_core::refresh::{Refresher, Report, Request};

use crate::listen::End;

/// How often the clock is looked at. It may be moved (the sandbox's) or have stood still (a laptop's).
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Runs at once, then every `policy.run_every`, until the end is asked for. A run under way is finished first: a renewed
/// token must reach the vault.
pub(crate) async fn run<P: Provider, V: Vault, C: Clock, E: Entropy, N: Events>(
    refresher: Arc<Refresher<P, V, C, E, N>>,
    end: End,
) {
    let mut next_run_at = refresher.clock.now();
    let asked = end.asked();
    tokio::pin!(asked);
    loop {
        let now = refresher.clock.now();
        if now >= next_run_at {
            next_run_at = now + refresher.policy.run_every;
            match refresher.run(&Request::default(), None).await {
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

fn tell(report: &Report) {
    let Report { accounts, refreshed, failed, attention, login_required, .. } = report;
    if *refreshed + *failed > 0 {
        tracing::info!(
            "refresh run: {refreshed} of {accounts} accounts renewed, {failed} failed, \
             {attention} wait for their owner, {login_required} for a login"
        );
    }
}
