//! Transactions that meet at an item.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use evertoken_packed_vault::PackId;
use tokio::time::Instant;

/// How long a transaction holds an item. DynamoDB rejects another one that arrives meanwhile (AWS, "DynamoDB transactions",
/// "Transaction conflict handling"). AWS does not publish the duration.
const HELD: Duration = Duration::from_millis(5);

/// The items of packs that a transaction holds. An account has only its own logins, so its items are left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Transactions(Arc<Mutex<HashMap<PackId, Instant>>>);

impl Transactions {
    /// Holds a pack's item. Returns false if another transaction holds it.
    pub(super) fn hold(&self, pack: &PackId) -> bool {
        let now = Instant::now();
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.get(pack).is_some_and(|until| *until > now) {
            return false;
        }
        if held.len() > 1_000 {
            held.retain(|_, until| *until > now);
        }
        held.insert(pack.clone(), now + HELD);
        true
    }
}
