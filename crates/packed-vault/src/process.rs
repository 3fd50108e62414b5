//! Fault injection: the requests of one simulated process, which take time, fail, and stop for ever when it crashes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use evertoken_core::vault::{OutageCause, VaultError};
use fastrand::Rng;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// A simulated process. The requests of [`MemorySecrets`](crate::MemorySecrets) and [`MemoryIndex`](crate::MemoryIndex) pass
/// through it. With a paused clock, the same seed gives the same order of requests. Clones are the same process.
#[derive(Clone, Debug)]
pub struct Process(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    crashed: Notify,
    paused: Notify,
    resumed: Notify,
}

#[derive(Debug)]
struct State {
    rng: Rng,
    latency: Duration,
    /// The points at which the process can still crash: one before and one after each request.
    points_left: Option<u32>,
    has_crashed: bool,
    /// The points until the process pauses.
    pause_in: Option<u32>,
    /// The points until one request fails.
    fail_in: Option<u32>,
    outages_per_mille: u32,
}

impl Default for Process {
    /// A process whose requests take no time and never fail.
    fn default() -> Self {
        Self::new(0, Duration::ZERO)
    }
}

impl Process {
    /// A process whose requests take up to `latency` on each way.
    pub fn new(seed: u64, latency: Duration) -> Self {
        let state = State {
            rng: Rng::with_seed(seed),
            latency,
            points_left: None,
            has_crashed: false,
            pause_in: None,
            fail_in: None,
            outages_per_mille: 0,
        };
        let [crashed, paused, resumed] = [(); 3].map(|()| Notify::new());
        Self(Arc::new(Shared { state: Mutex::new(state), crashed, paused, resumed }))
    }

    /// Lets the process crash at the point with this number, counted from 0. Each request has a point before and one after
    /// its effect.
    #[must_use]
    pub fn crashing_at(self, point: u32) -> Self {
        self.state().points_left = Some(point);
        self
    }

    /// Lets the process pause at the point with this number, counted as by [`crashing_at`](Self::crashing_at).
    #[must_use]
    pub fn pausing_at(self, point: u32) -> Self {
        self.state().pause_in = Some(point);
        self
    }

    /// Waits until the process pauses or crashes, or until its work is done. Returns whether it has stopped before that.
    pub async fn stops<T>(&self, work: &JoinHandle<T>) -> bool {
        let done = async {
            while !work.is_finished() {
                sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::select! {
            () = self.0.paused.notified() => true,
            () = self.crashed() => true,
            () = done => false,
        }
    }

    /// Lets the process go on.
    pub fn resume(&self) {
        self.0.resumed.notify_one();
    }

    /// Lets this share of the requests fail, half of them after their effect.
    #[must_use]
    pub fn failing(self, per_mille: u32) -> Self {
        self.state().outages_per_mille = per_mille;
        self
    }

    /// Lets one request fail, at the point with this number, counted as by [`crashing_at`](Self::crashing_at).
    #[must_use]
    pub fn failing_at(self, point: u32) -> Self {
        self.state().fail_in = Some(point);
        self
    }

    /// Whether the process has crashed.
    pub fn has_crashed(&self) -> bool {
        self.state().has_crashed
    }

    /// Waits until the process crashes.
    pub async fn crashed(&self) {
        loop {
            let crashed = self.0.crashed.notified();
            if self.has_crashed() {
                return;
            }
            crashed.await;
        }
    }

    /// Makes a request. `effect` is what it does at the other end.
    pub(crate) async fn request<T>(&self, effect: impl FnOnce() -> T) -> Result<T, VaultError> {
        self.travel().await?;
        let done = effect();
        self.travel().await?;
        Ok(done)
    }

    pub(crate) async fn travel(&self) -> Result<(), VaultError> {
        let wait = {
            let mut state = self.state();
            let most = u64::try_from(state.latency.as_micros()).unwrap_or(u64::MAX);
            Duration::from_micros(if most == 0 { 0 } else { state.rng.u64(..=most) })
        };
        if !wait.is_zero() {
            sleep(wait).await;
        }
        let pauses = {
            let mut state = self.state();
            let pauses = state.pause_in == Some(0);
            state.pause_in = state.pause_in.and_then(|left| left.checked_sub(1));
            pauses
        };
        if pauses {
            self.0.paused.notify_one();
            self.0.resumed.notified().await;
        }
        let (stop, fail) = {
            let mut state = self.state();
            match state.points_left {
                Some(0) => state.has_crashed = true,
                Some(left) => state.points_left = Some(left - 1),
                None => {}
            }
            let is_chosen = state.fail_in == Some(0);
            state.fail_in = state.fail_in.and_then(|left| left.checked_sub(1));
            let chance = state.outages_per_mille;
            (state.has_crashed, is_chosen || (chance > 0 && state.rng.u32(..2_000) < chance))
        };
        if stop {
            self.0.crashed.notify_waiters();
            std::future::pending::<()>().await;
        }
        if fail { Err(throttled("ThrottlingException")) } else { Ok(()) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn throttled(code: &str) -> VaultError {
    VaultError::Unavailable { cause: OutageCause::Throttled, code: code.to_owned() }
}
