//! A refresh run every few hours, as EventBridge schedules it in AWS.

use std::sync::Arc;
use std::time::Duration;

use evertoken_core::backoff::jitter;
use evertoken_core::events::Events;
use evertoken_core::policy;
use evertoken_core::provider::TokenApi;
use evertoken_core::refresh::{Refresher, Report, Request, RunObserver};
use evertoken_core::vault::Vault;
use time::OffsetDateTime;
use tokio::sync::oneshot;

use super::refresh_trigger::RefreshRequests;
use super::shutdown::Shutdown;

/// How often the clock is read. It may jump: the sandbox's clock can be advanced, and a laptop sleeps.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The largest part of the interval by which a run starts early, so that services that were started together do not call
/// Instagram together forever.
const JITTER: f64 = 0.1;

/// Starts no further account once the shutdown is requested.
struct UntilShutdown<'a>(&'a Shutdown);

impl RunObserver for UntilShutdown<'_> {
    fn should_continue(&self) -> bool {
        !self.0.is_requested()
    }
}

/// Runs at once, then about every `policy.run_every`, until the shutdown is requested. The accounts in progress are
/// finished first: a renewed token must reach the vault. Also runs for each of the `requests`. `before_run` is called before
/// each run, and `after_run` after each one that has read the vault. `last_run_at` is when an earlier process ended its last run:
/// after a longer break, a run also checks the accounts whose turn was in it.
pub(crate) async fn run<P: TokenApi, V: Vault, N: Events>(
    refresher: Arc<Refresher<P, V, N>>,
    shutdown: Shutdown,
    mut requests: RefreshRequests,
    mut last_run_at: Option<OffsetDateTime>,
    before_run: impl AsyncFn(),
    after_run: impl Fn(OffsetDateTime),
) {
    let mut next_run_at = refresher.clock.now();
    let mut requested_run: Option<oneshot::Sender<()>> = None;
    let requested = shutdown.requested();
    tokio::pin!(requested);
    loop {
        let now = refresher.clock.now();
        if is_due(now, next_run_at, refresher.policy.run_every) || requested_run.is_some() {
            next_run_at = now + interval(&refresher);
            before_run().await;
            let window = policy::check_window(&refresher.policy);
            let check_missed = last_run_at.is_none_or(|last| (now - last).abs() > window);
            let request = Request { check_missed, ..Request::default() };
            match refresher.run_observed(&UntilShutdown(&shutdown), &request, None).await {
                Ok(report) => {
                    log(&report);
                    let ended_at = refresher.clock.now();
                    last_run_at = Some(ended_at);
                    after_run(ended_at);
                }
                Err(error) => tracing::error!("the refresh run failed: {error}"),
            }
            if let Some(done) = requested_run.take() {
                // Nobody waits any more if the browser has closed the page.
                done.send(()).ok();
            }
        }
        tokio::select! {
            () = tokio::time::sleep(POLL_INTERVAL) => {}
            Some(request) = requests.next() => requested_run = Some(request),
            () = &mut requested => return,
        }
    }
}

/// A next run that is further away than the interval was scheduled before the clock was set back.
fn is_due(now: OffsetDateTime, next_run_at: OffsetDateTime, run_every: time::Duration) -> bool {
    now >= next_run_at || next_run_at - now > run_every
}

fn interval<P, V, N>(refresher: &Refresher<P, V, N>) -> time::Duration {
    let every = refresher.policy.run_every;
    let earlier = Duration::try_from(every).unwrap_or_default().mul_f64(JITTER);
    every - jitter(refresher.entropy.as_ref(), earlier)
}

fn log(report: &Report) {
    let Report { accounts, refreshed, failed, attention, login_required, .. } = report;
    if *refreshed + *failed > 0 {
        tracing::info!(
            "refresh run: {refreshed} of {accounts} accounts refreshed, {failed} failed, \
             {attention} need their owner, {login_required} need a new login"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use evertoken_core::clock::{Clock, SystemClock};
    use evertoken_core::document::Document;
    use evertoken_core::entropy::SystemEntropy;
    use evertoken_core::events::MemoryEvents;
    use evertoken_core::policy::Policy;
    use evertoken_core::provider::{CheckedToken, Logins};
    use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
    use evertoken_core::refresh::Limits;
    use evertoken_core::sample;
    use evertoken_core::token::LongLivedToken;
    use evertoken_core::vault::{AccountStore, FaultyVault, MemoryVault, OutageCause, VaultError, VaultFaults};
    use evertoken_instagram::InstagramLogin;

    use super::*;
    use crate::server::refresh_trigger::RefreshTrigger;

    struct Outage;

    impl VaultFaults for Outage {
        async fn pass<T: Send>(&self, _: impl Future<Output = Result<T, VaultError>> + Send) -> Result<T, VaultError> {
            Err(outage())
        }

        async fn before_list(&self) -> Result<(), VaultError> {
            Err(outage())
        }
    }

    fn outage() -> VaultError {
        VaultError::Unavailable { cause: OutageCause::Other, code: "injected".to_owned() }
    }

    /// Runs at the start and once on request. Returns how many runs were started, and how many of them were recorded.
    async fn run_twice(vault: impl Vault) -> (usize, usize) {
        let refresher = Refresher {
            // A vault without accounts needs no login.
            provider: Logins::<InstagramLogin>::new(Vec::new()),
            vault,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            events: MemoryEvents::default(),
            policy: Policy::default(),
            limits: Limits::default(),
        };
        let (stop, shutdown) = Shutdown::by_hand();
        let (started, recorded) = (Cell::new(0), Cell::new(0));
        let (trigger, requests) = RefreshTrigger::new();
        let before_run = async || started.set(started.get() + 1);
        let after_run = |_| recorded.set(recorded.get() + 1);
        let request = async {
            trigger.run().await.unwrap();
            stop.send(true).unwrap();
        };
        tokio::join!(run(Arc::new(refresher), shutdown, requests, None, before_run, after_run), request);
        (started.get(), recorded.get())
    }

    /// Counts the checks. Every token works.
    #[derive(Clone, Debug, Default)]
    struct CountedChecks(Arc<AtomicUsize>);

    impl TokenApi for CountedChecks {
        async fn refresh(&self, _: &Document) -> Result<LongLivedToken, ProviderError> {
            Err(ProviderError::new(ProviderErrorKind::Unreachable))
        }

        async fn check(&self, document: &Document) -> Result<CheckedToken, ProviderError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            let (account_id, username) = (document.account_id.clone(), document.username.clone());
            Ok(CheckedToken { account_id, username, data_access_expires_at: None })
        }
    }

    #[tokio::test]
    async fn the_first_run_after_a_break_checks_the_accounts_whose_turn_was_in_it() {
        let (now, policy) = (SystemClock.now(), Policy::default());
        let window = policy::check_window(&policy);
        let documents =
            (0..100).map(|number| sample::document(&format!("shop-{number}"), now - time::Duration::days(5)));
        // Its turn is not in the time that every run looks back.
        let document = documents.into_iter().find(|one| !policy::is_check_due(one, now, window, &policy)).unwrap();
        let day = time::Duration::DAY;
        // The last is the record of a clock that was set back since.
        for (last_run_at, checked) in [(Some(now), 0), (Some(now - day), 1), (None, 1), (Some(now + day), 1)] {
            let vault = MemoryVault::default();
            vault.create(&document).await.unwrap();
            let provider = CountedChecks::default();
            let refresher = Refresher {
                provider: provider.clone(),
                vault,
                clock: Arc::new(SystemClock),
                entropy: Arc::new(SystemEntropy),
                events: MemoryEvents::default(),
                policy,
                limits: Limits::default(),
            };
            let (stop, shutdown) = Shutdown::by_hand();
            let after_run = |_| stop.send(true).unwrap();
            run(Arc::new(refresher), shutdown, RefreshTrigger::new().1, last_run_at, async || {}, after_run).await;
            assert_eq!(provider.0.load(Ordering::Relaxed), checked, "{last_run_at:?}");
        }
    }

    #[test]
    fn a_run_is_due_after_the_interval_or_if_the_clock_was_set_back() {
        let (now, every) = (SystemClock.now(), Policy::default().run_every);
        let second = time::Duration::SECOND;
        for (until_next_run, expected) in
            [(-second, true), (time::Duration::ZERO, true), (second, false), (every, false), (every + second, true)]
        {
            assert_eq!(is_due(now, now + until_next_run, every), expected, "{until_next_run}");
        }
    }

    #[tokio::test]
    async fn only_a_run_that_has_read_the_vault_is_recorded() {
        assert_eq!(run_twice(MemoryVault::default()).await, (2, 2));
        assert_eq!(run_twice(FaultyVault { vault: MemoryVault::default(), faults: Outage }).await, (2, 0));
    }
}
