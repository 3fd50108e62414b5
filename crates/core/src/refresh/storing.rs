//! Getting a document into the vault, whoever else writes and however ill the vault is.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Pace;
use super::asking::jitter;
use super::deadline::Deadline;
use crate::account::AccountName;
use crate::document::{Document, VersionId, Versioned};
use crate::ports::{Entropy, Vault, VaultError};

/// How often a write starts again after somebody else's.
const WRITES: usize = 4;

/// Before a held write is made again: at first, and at most.
const WAITS: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));

/// Writes within one run.
#[derive(Debug)]
pub(super) struct Storing<'a, V, E> {
    pub(super) vault: &'a V,
    pub(super) entropy: &'a E,
    pub(super) pace: &'a Pace,
    pub(super) deadline: &'a Deadline,
}

/// What became of a write.
#[derive(Debug)]
pub(super) enum Stored {
    /// It is in the vault, in this version and with these words.
    Written(Versioned),
    /// Somebody else's document stands: it holds another token than the one that ours was made of, or the account was
    /// removed (none).
    Theirs(Option<Document>),
    /// The vault took nothing.
    Failed(VaultError),
}

/// How long a write may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// Until the deadline: it carries what Instagram has issued.
    UntilDeadline,
    /// The SDK's own tries will do: what it says will be said again.
    No,
}

impl<V: Vault, E: Entropy> Storing<'_, V, E> {
    /// Stores the next document, unless somebody else's came first.
    ///
    /// Where theirs still holds the token we started from (an operator's note, say), ours goes on top of it; where it
    /// holds another, theirs is newer and stands.
    pub(super) async fn store(&self, account: &Versioned, mut next: Document, hold: Hold) -> Stored {
        let mut version = account.version.clone();
        for _ in 0..WRITES {
            match self.held(&next.name, hold, || self.vault.replace(&version, &next)).await {
                Ok(version) => return Stored::Written(Versioned { version, document: next }),
                Err(VaultError::Conflict) => {}
                Err(error) => return Stored::Failed(error),
            }
            match self.held(&next.name, hold, || self.vault.get(&next.name)).await {
                Ok(Some(theirs)) if same_token(&theirs.document, &account.document) => {
                    next.unknown = theirs.document.unknown;
                    version = theirs.version;
                }
                Ok(theirs) => return Stored::Theirs(theirs.map(|theirs| theirs.document)),
                Err(error) => return Stored::Failed(error),
            }
        }
        Stored::Failed(VaultError::Conflict)
    }

    /// Parks a document beside the current one.
    pub(super) async fn park(&self, base: &VersionId, document: &Document, hold: Hold) -> Result<(), VaultError> {
        self.held(&document.name, hold, || self.vault.park(base, document)).await
    }

    /// Calls the vault, and again while it is ill: what Instagram has issued is nowhere else yet. The same write again
    /// is harmless.
    async fn held<T, F>(&self, name: &AccountName, hold: Hold, call: impl Fn() -> F) -> Result<T, VaultError>
    where
        F: Future<Output = Result<T, VaultError>>,
    {
        let until = self.deadline.of_write();
        let mut most = WAITS.0;
        loop {
            self.pace.turn().await;
            let error = match call().await {
                Err(error @ (VaultError::Unavailable { .. } | VaultError::Denied { .. })) => error,
                done => return done,
            };
            let wait = most / 2 + jitter(self.entropy, most / 2);
            if hold == Hold::No || Instant::now() + wait >= until {
                return Err(error);
            }
            if most == WAITS.0 {
                tracing::warn!(account.name = %name, "what Instagram has issued is held until the vault takes it: {error}");
            }
            sleep(wait).await;
            most = (most * 2).min(WAITS.1);
        }
    }
}

fn same_token(one: &Document, other: &Document) -> bool {
    one.access_token == other.access_token && one.issued_at == other.issued_at
}
