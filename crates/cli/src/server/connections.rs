//! How many connections are open, and which one is closed to make room for another.
//!
//! A connection waits while its client has to act: during the TLS handshake, before and within a request, and between two
//! requests. If there is no room, the connection that has waited longest is closed. A client that sends its request at once
//! is served however many slow clients there are.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::process::{Resource, getrlimit};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// More connections than this are never open.
const MAX_CONNECTIONS: usize = 1024;

/// The smallest limit, with which the service still works.
const MIN_CONNECTIONS: usize = 8;

/// The number of connections that the process's limit of open files allows. Half of the files remain for the vault, the
/// calls to Instagram and the standard streams.
pub(super) fn limit() -> usize {
    limit_with(getrlimit(Resource::Nofile).current)
}

fn limit_with(open_files: Option<u64>) -> usize {
    let half = open_files.and_then(|files| usize::try_from(files / 2).ok());
    half.unwrap_or(MAX_CONNECTIONS).clamp(MIN_CONNECTIONS, MAX_CONNECTIONS)
}

/// The open connections of one server.
#[derive(Debug)]
pub(super) struct Connections {
    free: Arc<Semaphore>,
    waiting: Mutex<Waiting>,
    started_waiting: Notify,
}

/// The waiting connections, in the order in which they started to wait.
#[derive(Debug, Default)]
struct Waiting {
    last: u64,
    connections: BTreeMap<u64, Arc<Notify>>,
}

impl Connections {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        let free = Arc::new(Semaphore::new(limit));
        Arc::new(Self { free, waiting: Mutex::default(), started_waiting: Notify::new() })
    }

    /// Makes room for a connection, which waits until [`Seat::handle`] is called.
    pub(super) async fn admit(self: &Arc<Self>) -> Option<Arc<Seat>> {
        let permit = loop {
            if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
                break permit;
            }
            let started_waiting = self.started_waiting.notified();
            if self.close_longest_waiting() {
                // Fails only if the semaphore were closed.
                break Arc::clone(&self.free).acquire_owned().await.ok()?;
            }
            // Every request is being handled.
            tokio::select! {
                permit = Arc::clone(&self.free).acquire_owned() => break permit.ok()?,
                () = started_waiting => {}
            }
        };
        let seat =
            Seat { connections: Arc::clone(self), ticket: AtomicU64::new(0), close: Arc::default(), _permit: permit };
        seat.wait();
        Some(Arc::new(seat))
    }

    /// Returns `false` if no connection is waiting.
    pub(super) fn close_longest_waiting(&self) -> bool {
        let longest = self.waiting().connections.pop_first();
        longest.inspect(|(_, close)| close.notify_one()).is_some()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one connection, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    connections: Arc<Connections>,
    /// The key among the waiting connections, or 0.
    ticket: AtomicU64,
    close: Arc<Notify>,
    _permit: OwnedSemaphorePermit,
}

impl Seat {
    /// The client has to act.
    pub(super) fn wait(&self) {
        let mut waiting = self.connections.waiting();
        waiting.last += 1;
        let ticket = waiting.last;
        waiting.connections.remove(&self.ticket.swap(ticket, Ordering::Relaxed));
        waiting.connections.insert(ticket, Arc::clone(&self.close));
        drop(waiting);
        self.connections.started_waiting.notify_one();
    }

    /// The service has to act: it has the whole request.
    pub(super) fn handle(&self) {
        self.connections.waiting().connections.remove(&self.ticket.swap(0, Ordering::Relaxed));
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.ticket.load(Ordering::Relaxed) != 0
    }

    /// Completes when the connection has to be closed.
    pub(super) async fn closed(&self) {
        self.close.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.handle();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn is_closed(seat: &Seat) -> bool {
        seat.closed().now_or_never().is_some()
    }

    #[test]
    fn the_limit_follows_from_the_limit_of_open_files() {
        let table = [(Some(4), 8), (Some(256), 128), (Some(1024), 512), (Some(65_536), 1024), (None, 1024)];
        for (open_files, expected) in table {
            assert_eq!(limit_with(open_files), expected, "{open_files:?}");
        }
    }

    #[test]
    fn the_systemd_unit_allows_the_highest_limit_and_no_core_dumps() {
        let unit = include_str!("../../../../infra/evertoken.service");
        let value = |key| unit.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        assert_eq!(limit_with(value("LimitNOFILE=").parse().ok()), MAX_CONNECTIONS);
        assert_eq!(value("LimitCORE="), "0");
    }

    #[tokio::test]
    async fn the_connection_that_waited_longest_is_closed_and_never_one_with_a_request() {
        let connections = Connections::new(3);
        let mut seats = Vec::new();
        for _ in 0..3 {
            seats.push(connections.admit().await.unwrap());
        }
        // The first has a request, and the second has had one: it started to wait last.
        seats[0].handle();
        seats[1].handle();
        seats[1].wait();
        let mut admission = Box::pin(connections.admit());
        assert!(admission.as_mut().now_or_never().is_none());
        assert_eq!(seats.iter().map(|seat| is_closed(seat)).collect::<Vec<_>>(), [false, false, true]);
        drop(seats.remove(2));
        seats.push(admission.await.unwrap());
        assert!(seats.iter().all(|seat| !is_closed(seat)));
    }

    #[tokio::test]
    async fn if_every_request_is_being_handled_the_first_to_finish_makes_room() {
        let connections = Connections::new(1);
        let seat = connections.admit().await.unwrap();
        seat.handle();
        let mut admission = Box::pin(connections.admit());
        assert!(admission.as_mut().now_or_never().is_none() && !is_closed(&seat));
        seat.wait();
        assert!(admission.as_mut().now_or_never().is_none() && is_closed(&seat));
        drop(seat);
        admission.await.unwrap();
    }
}
