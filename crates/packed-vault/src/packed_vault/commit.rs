//! Writes changes to packs: all that wait for a pack in one write, by compare-and-swap.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use evertoken_core::vault::{OutageCause, VaultError};
use tokio::sync::{Notify, oneshot};

use super::open::Freshness;
use super::{PackedVault, ROUNDS, contended, too_large};
use crate::ids::PackId;
use crate::pack::{Applied, Change, ChangeError, LARGEST_VALUE, Pack};
use crate::pack_index::PackIndex;
use crate::pack_secrets::{PackSecrets, PackValue, PutError};
use crate::request_token::RequestToken;

/// A pack of this size takes no new accounts, so that it has room for longer tokens and parked documents.
pub(super) const FULL: usize = 40 * 1024;

/// Room that only moves and rollovers use, in bytes. They make room.
const RESERVED: usize = 1_024;

/// A window closes early when this many changes wait.
const MOST_CHANGES: usize = 64;

/// The changes that wait for a pack. It exists while a task writes to the pack.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Vec<Waiting>,
    urgent: bool,
    wake: Arc<Notify>,
}

struct Waiting {
    change: Change,
    answer: oneshot::Sender<Result<Applied, CommitError>>,
}

/// A change was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CommitError {
    /// The pack does not allow it.
    Refused(ChangeError),
    /// The pack was not written.
    Vault(VaultError),
}

impl From<VaultError> for CommitError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

/// Whether a change may wait for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Urgency {
    /// For the commit window.
    CanWait,
    /// Somebody waits for it.
    Now,
}

/// How much of a pack a write may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// Accounts are moved to another pack if there is not enough room.
    Accounts,
    /// The reserve too.
    All,
}

impl<S: PackSecrets, I: PackIndex> PackedVault<S, I> {
    /// Writes a change together with all others that wait for the pack.
    pub(super) async fn submit(&self, id: &PackId, change: Change, urgency: Urgency) -> Result<Applied, CommitError> {
        let (answer, answered) = oneshot::channel();
        self.enqueue(id, Waiting { change, answer }, urgency);
        // Nobody answers if the task has panicked, or if the runtime shuts down.
        answered.await.unwrap_or_else(|_| Err(interrupted().into()))
    }

    fn enqueue(&self, id: &PackId, waiting: Waiting, urgency: Urgency) {
        let mut queues = self.queues();
        let is_idle = !queues.contains_key(id);
        let queue = queues.entry(id.clone()).or_default();
        queue.waiting.push(waiting);
        queue.urgent |= urgency == Urgency::Now;
        if queue.urgent || queue.waiting.len() >= MOST_CHANGES {
            queue.wake.notify_one();
        }
        if is_idle {
            let running = Running { vault: self.clone(), id: id.clone(), is_done: false };
            let wake = Arc::clone(&queue.wake);
            drop(queues);
            // A task of its own, so that a caller that gives up does not take the others' changes with it.
            tokio::spawn(running.run(wake));
        }
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<PackId, Queue>> {
        self.0.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes one change without waiting for others.
    pub(super) async fn commit_one(&self, id: &PackId, change: Change) -> Result<Applied, CommitError> {
        let results = self.commit(id, &[change], Room::All).await?;
        results.into_iter().next().unwrap_or(Err(ChangeError::Conflict)).map_err(CommitError::Refused)
    }

    /// Writes changes in one write, each decided against the newest version. The result has one entry for each change.
    ///
    /// Starts again whenever another process was faster. So a change fails because of what happened to its own account, and
    /// never because of another account of the pack.
    pub(super) async fn commit(
        &self,
        id: &PackId,
        changes: &[Change],
        room: Room,
    ) -> Result<Vec<Result<Applied, ChangeError>>, VaultError> {
        let (mut freshness, mut has_spilled) = (Freshness::Any, false);
        for round in 0..ROUNDS {
            let held = self.open(id, freshness).await?;
            let mut pack = held.pack.clone();
            let results: Vec<_> = changes.iter().map(|change| pack.apply(change)).collect();
            let is_change = |result: &Result<Applied, ChangeError>| result.as_ref().is_ok_and(|done| done.changed);
            // The write proves that the pack was the newest. Nothing proves it for a change that is not written.
            if !held.is_newest && !results.iter().all(is_change) {
                freshness = Freshness::Newest;
                continue;
            }
            if !results.iter().any(is_change) {
                return Ok(results);
            }
            let Some(value) = encode(&pack, room)? else {
                if room == Room::All || has_spilled {
                    return Err(too_large());
                }
                self.spill(&held.pack, changes).await?;
                has_spilled = true;
                continue;
            };
            self.acquire_write().await;
            match self.0.secrets.put(&pack.secret(), &RequestToken::after(&held.base), &value).await {
                Ok(()) => {
                    self.remember_pack(&pack);
                    self.forget_departures(id, &held.departures).await;
                    if value.expose().len() > FULL && held.bytes <= FULL {
                        self.close(id).await;
                    }
                    return Ok(results);
                }
                Err(PutError::TokenTaken | PutError::Absent) => {
                    freshness = Freshness::Newest;
                    self.wait(round).await;
                }
                Err(PutError::Vault(error)) => return Err(error),
            }
        }
        Err(contended(id))
    }

    /// Closes a pack for new accounts. Not essential: a pack that stays open is closed by the next write that makes it larger.
    pub(super) async fn close(&self, id: &PackId) {
        if let Err(error) = self.0.index.close(id).await {
            tracing::warn!(pack = %id, reason = %error, "a full pack could not be closed for new accounts");
        }
    }
}

/// The value of a pack, or `None` if there is no room for it. What is written can be read again.
fn encode(pack: &Pack, room: Room) -> Result<Option<PackValue>, VaultError> {
    let Ok(value) = pack.encode() else { return Ok(None) };
    let most = match room {
        Room::Accounts => LARGEST_VALUE - RESERVED,
        Room::All => LARGEST_VALUE,
    };
    if value.expose().len() > most {
        return Ok(None);
    }
    if Pack::decode(&pack.secret(), &value).as_ref() == Ok(pack) {
        return Ok(Some(value));
    }
    let code = format!("the pack {} would not be readable, so it was not written", pack.secret());
    Err(VaultError::Unavailable { cause: OutageCause::Other, code })
}

fn interrupted() -> VaultError {
    VaultError::Unavailable { cause: OutageCause::Other, code: "interrupted".to_owned() }
}

/// The task that writes the changes of one queue.
struct Running<S: PackSecrets, I: PackIndex> {
    vault: PackedVault<S, I>,
    id: PackId,
    is_done: bool,
}

impl<S: PackSecrets, I: PackIndex> Running<S, I> {
    async fn run(mut self, wake: Arc<Notify>) {
        loop {
            let window = self.vault.0.settings.commit_window;
            if !window.is_zero() {
                // Elapsed or woken: either ends the window.
                let _ = tokio::time::timeout(window, wake.notified()).await;
            }
            let Some(batch) = self.next_batch() else { return };
            let (changes, answers): (Vec<_>, Vec<_>) =
                batch.into_iter().map(|waiting| (waiting.change, waiting.answer)).unzip();
            let results = match self.vault.commit(&self.id, &changes, Room::Accounts).await {
                Ok(results) => results.into_iter().map(|result| result.map_err(CommitError::Refused)).collect(),
                Err(error) => vec![Err(CommitError::Vault(error)); answers.len()],
            };
            for (answer, result) in answers.into_iter().zip(results) {
                // The caller may have given up.
                let _ = answer.send(result);
            }
        }
    }

    /// The changes that wait. `None` if there are none: the task is done then, and the next change starts another one.
    fn next_batch(&mut self) -> Option<Vec<Waiting>> {
        let mut queues = self.vault.queues();
        let queue = queues.get_mut(&self.id)?;
        queue.urgent = false;
        let batch = std::mem::take(&mut queue.waiting);
        if !batch.is_empty() {
            return Some(batch);
        }
        queues.remove(&self.id);
        drop(queues);
        self.is_done = true;
        None
    }
}

impl<S: PackSecrets, I: PackIndex> Drop for Running<S, I> {
    /// After a panic, whoever waits gets an error and the next change starts another task.
    fn drop(&mut self) {
        if !self.is_done {
            self.vault.queues().remove(&self.id);
        }
    }
}
