//! Pauses calls to a test double until the test resumes or aborts them.

use std::collections::{HashMap, VecDeque};
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Mutex;

use tokio::sync::oneshot;

/// The calls that a test double is going to pause, by the kind of call.
#[derive(Debug)]
pub struct PausePoints<K>(Mutex<HashMap<K, VecDeque<PausePoint>>>);

#[derive(Debug)]
struct PausePoint {
    reached: oneshot::Sender<()>,
    resumed: oneshot::Receiver<()>,
}

/// A paused call, or one that is going to pause. Dropping it aborts the call.
#[derive(Debug)]
pub struct PausedCall {
    reached: oneshot::Receiver<()>,
    resume: oneshot::Sender<()>,
}

/// The test aborted the call.
#[derive(Debug)]
pub struct Aborted;

impl<K> Default for PausePoints<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> PausePoints<K> {
    /// Pauses the next call of this kind that no other pause point catches.
    pub fn pause_next(&self, call: K) -> PausedCall {
        let (has_reached, reached) = oneshot::channel();
        let (resume, resumed) = oneshot::channel();
        let point = PausePoint { reached: has_reached, resumed };
        self.0.lock().unwrap().entry(call).or_default().push_back(point);
        PausedCall { reached, resume }
    }

    /// Waits while the call is paused. A test double calls this for each call it receives.
    pub async fn pass(&self, call: &K) -> Result<(), Aborted> {
        let point = self.0.lock().unwrap().get_mut(call).and_then(VecDeque::pop_front);
        let Some(point) = point else { return Ok(()) };
        point.reached.send(()).ok();
        point.resumed.await.map_err(|_| Aborted)
    }
}

impl PausedCall {
    /// Waits until the call has been made and is paused.
    pub async fn reached(&mut self) {
        (&mut self.reached).await.expect("the test double is gone");
    }

    /// Lets the call continue.
    pub fn resume(self) {
        self.resume.send(()).expect("the call is not paused");
    }
}
