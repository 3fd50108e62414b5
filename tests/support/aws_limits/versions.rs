//! The versions of secrets, and reads that return an old one.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use fastrand::Rng;
use tokio::time::Instant;

/// The versions of a secret that AWS keeps. A test lasts less than the 24 hours before AWS prunes one.
const MOST: usize = 100;

/// For how long a read may return a version that is not current any more.
const STALE: Duration = Duration::from_secs(2);

/// What is known about the versions of all secrets.
#[derive(Debug, Default)]
pub(super) struct Versions {
    secrets: HashMap<String, History>,
    rng: Option<Rng>,
}

#[derive(Debug, Default)]
struct History {
    all: HashSet<String>,
    /// The versions that were current, from the oldest to the newest, and since when each was.
    current: Vec<(String, Instant)>,
}

impl Versions {
    /// Lets half of the reads be stale, as the seed decides, or none.
    pub(super) fn make_stale(&mut self, seed: Option<u64>) {
        self.rng = seed.map(Rng::with_seed);
    }

    pub(super) fn record(&mut self, secret: &str, version: &str) {
        self.secrets.entry(secret.to_owned()).or_default().all.insert(version.to_owned());
    }

    /// Records a version that is current from now on. A version that is repeated stays where it was.
    pub(super) fn record_current(&mut self, secret: &str, version: &str) {
        let history = self.secrets.entry(secret.to_owned()).or_default();
        if history.all.insert(version.to_owned()) {
            history.current.push((version.to_owned(), Instant::now()));
        }
    }

    /// Forgets which versions were current, because an operator moved the label.
    pub(super) fn forget_order(&mut self, secret: &str) {
        if let Some(history) = self.secrets.get_mut(secret) {
            history.current.clear();
        }
    }

    pub(super) fn forget(&mut self, secret: &str) {
        self.secrets.remove(secret);
    }

    /// Whether AWS accepts no further version. A version that exists is none.
    pub(super) fn is_full_for(&self, secret: &str, version: &str) -> bool {
        self.secrets.get(secret).is_some_and(|history| history.all.len() >= MOST && !history.all.contains(version))
    }

    /// The version that a read of AWSCURRENT returns, if it is an old one.
    pub(super) fn stale(&mut self, secret: &str) -> Option<String> {
        let current = &self.secrets.get(secret)?.current;
        // Each was replaced by the version that follows it.
        let replaced = current.iter().zip(current.iter().skip(1));
        let candidates: Vec<&String> =
            replaced.filter(|(_, (_, since))| since.elapsed() < STALE).map(|((version, _), _)| version).collect();
        let rng = self.rng.as_mut()?;
        let is_stale = rng.bool();
        rng.choice(candidates).filter(|_| is_stale).cloned()
    }
}
