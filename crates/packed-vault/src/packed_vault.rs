//! The vault over packs: its settings and its state in this process.

mod commit;
mod create;
mod departures;
mod listing;
mod moves;
mod open;
mod reindex;
mod removal;
mod roles;
mod rollover;
#[cfg(test)]
mod tests;
mod transit;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use evertoken_core::account::AccountId;
use evertoken_core::backoff::{Backoff, Jitter};
use evertoken_core::clock::Clock;
use evertoken_core::document::{Document, DocumentError};
use evertoken_core::entropy::Entropy;
use evertoken_core::group::Group;
use evertoken_core::refresh::RateLimiter;
use evertoken_core::vault::{OutageCause, VaultError};

use self::commit::{Queue, Urgency};
pub use self::reindex::{IndexProblem, Reindexed};
pub(crate) use self::transit::{Expectation, Leaving};
use crate::ids::{Generation, PackId, PackSize};
use crate::pack::Pack;

/// Account documents in packs. Clones share the state of this process: what it has read, and the changes that wait.
pub struct PackedVault<S, I>(Arc<Shared<S, I>>);

struct Shared<S, I> {
    secrets: S,
    index: I,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    settings: PackSettings,
    write_limiter: RateLimiter,
    /// The newest versions that this process has seen, so that no read goes back in time.
    seen: Mutex<HashMap<PackId, (Generation, u64)>>,
    queues: Mutex<HashMap<PackId, Queue>>,
    /// The number of the last pack of each group that a login of this process has added.
    last_added: tokio::sync::Mutex<HashMap<Group, u32>>,
}

/// How a [`PackedVault`] fills packs and writes to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackSettings {
    /// The group that new accounts join whose documents name none.
    pub group: Group,
    /// How many accounts a pack takes.
    pub size: PackSize,
    /// How many new accounts a pack takes in a day. Each is a write, and a secret has at most 100 versions of one day.
    pub logins_per_day: u32,
    /// How long the first of several replacements waits for others, to be written with them. Zero for a service that answers
    /// people.
    pub commit_window: Duration,
    /// Writes to Secrets Manager per second, to packs and to other secrets of a [`LayeredVault`](crate::LayeredVault). `None`
    /// for a process that writes little.
    pub writes_per_second: Option<u32>,
    /// Whether this process may change anything.
    pub access: Access,
    /// Whether new accounts wait for others too.
    pub new_accounts: NewAccounts,
}

/// What a process may do with packs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read them only. What other processes have left unfinished stays so, and a sealed pack is read as it is.
    Read,
    /// Also write them, and finish what other processes have left unfinished.
    Write,
}

/// When a new account is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NewAccounts {
    /// At once: somebody waits for the login.
    #[default]
    AtOnce,
    /// Together with others of its commit window, as an import does. Otherwise the import of many accounts would exceed the
    /// 50 writes a second that an AWS account has (AWS, "Secrets Manager quotas").
    Together,
}

impl NewAccounts {
    fn urgency(self) -> Urgency {
        match self {
            Self::AtOnce => Urgency::Now,
            Self::Together => Urgency::CanWait,
        }
    }
}

impl Default for PackSettings {
    fn default() -> Self {
        Self {
            group: Group::main(),
            size: PackSize::default(),
            logins_per_day: 64,
            commit_window: Duration::from_secs(1),
            writes_per_second: None,
            access: Access::Write,
            new_accounts: NewAccounts::AtOnce,
        }
    }
}

/// How many packs are read at the same time when accounts are listed.
/// Packs of a million accounts take about ten seconds then, and 10 MB of memory.
pub const LISTED_AT_ONCE: usize = 32;

/// How many documents are read at once, so that a pack of which all accounts are wanted is seldom read twice.
pub(crate) const MOST_AT_ONCE: usize = 256;

/// How often an operation starts again because another process was faster.
pub(crate) const ROUNDS: u32 = 8;

/// The waits between them.
const BACKOFF: Backoff =
    Backoff { first: Duration::from_millis(50), longest: Duration::from_secs(1), jitter: Jitter::Equal };

impl<S, I> PackedVault<S, I> {
    /// A vault over these secrets and this index. Sends no request.
    pub fn new(secrets: S, index: I, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>, settings: PackSettings) -> Self {
        let (seen, queues, last_added) = (Mutex::default(), Mutex::default(), tokio::sync::Mutex::default());
        let write_limiter = settings.writes_per_second.map_or_else(RateLimiter::unlimited, RateLimiter::new);
        Self(Arc::new(Shared { secrets, index, clock, entropy, settings, write_limiter, seen, queues, last_added }))
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<PackId, (Generation, u64)>> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this process has seen a newer version.
    fn is_outdated(&self, pack: &Pack) -> bool {
        let secret = pack.secret();
        self.seen().get(&secret.pack).is_some_and(|seen| *seen > (secret.generation, pack.next_revision()))
    }

    fn remember_pack(&self, pack: &Pack) {
        let secret = pack.secret();
        let version = (secret.generation, pack.next_revision());
        let mut seen = self.seen();
        let newest = seen.entry(secret.pack).or_insert(version);
        *newest = version.max(*newest);
    }

    /// Waits until one more secret may be written.
    pub(crate) async fn acquire_write(&self) {
        self.0.write_limiter.acquire().await;
    }

    /// Waits before the attempt after this one, counted from 0.
    pub(crate) async fn wait(&self, round: u32) {
        tokio::time::sleep(BACKOFF.delay(round + 1, &*self.0.entropy)).await;
    }
}

impl<S, I> Clone for PackedVault<S, I> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S, I> fmt::Debug for PackedVault<S, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PackedVault").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

/// All ids that an account can be found by.
fn ids_of(document: &Document) -> BTreeSet<AccountId> {
    let ids = [&document.account_id, &document.app_scoped_id];
    ids.into_iter().chain(&document.meta_user_id).cloned().collect()
}

/// Other processes were faster in every round.
fn contended(pack: &PackId) -> VaultError {
    let code = format!("too many processes write to the pack {pack}");
    VaultError::Unavailable { cause: OutageCause::Throttled, code }
}

/// The document does not fit into a pack, or its pack has no room.
fn too_large() -> VaultError {
    let code = "the document is too large for a pack".to_owned();
    VaultError::Unavailable { cause: OutageCause::StorageFull, code }
}

/// The secrets hold what the index does not know.
fn index_lost(what: &str) -> VaultError {
    let code = format!("the index does not know {what}; rebuild the index with `evertoken reindex`");
    VaultError::Unavailable { cause: OutageCause::Other, code }
}

/// A pack that cannot be read, for a reason other than its value.
fn unreadable(problem: String) -> VaultError {
    VaultError::Unreadable(DocumentError::InPack { problem })
}
