//! The fixtures of the contract tests, and what several of them need.

use std::collections::BTreeSet;
use std::sync::Arc;

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::group::Group;
use evertoken_core::vault::VaultError;
use evertoken_packed_vault::{
    DayBudget, Generation, PackId, PackIndex, PackSecret, PackSecrets, PackState, PackValue, Place, Reservation,
    ReserveError, UseId,
};
use time::macros::datetime;
use time::{Date, OffsetDateTime};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::sample;

/// Provides secrets of which none exists at first. Their storage lives as long as the fixture.
pub trait PackSecretsFixture: Send + Sync {
    /// The implementation under test. A clone accesses the same secrets.
    type Secrets: PackSecrets + Clone;

    /// Returns the secrets.
    fn secrets(&self) -> Self::Secrets;
}

/// Provides an index that is empty at first. Its storage lives as long as the fixture.
pub trait PackIndexFixture: Send + Sync {
    /// The implementation under test. A clone accesses the same index.
    type Index: PackIndex + Clone;

    /// Returns the index.
    fn index(&self) -> Self::Index;
}

pub(super) const NOW: OffsetDateTime = datetime!(2026-11-26 16:00 UTC);

pub(super) fn today() -> Date {
    NOW.date()
}

/// A pack of the main group.
pub(super) fn pack(number: u32) -> PackId {
    PackId::new(Group::main(), number)
}

/// The first secret of a pack.
pub(super) fn secret(number: u32) -> PackSecret {
    pack(number).at(Generation::FIRST)
}

pub(super) fn value(bytes: impl AsRef<[u8]>) -> PackValue {
    PackValue::new(bytes.as_ref().to_vec())
}

pub(super) fn name(text: &str) -> AccountName {
    sample::name(text)
}

pub(super) fn names<const N: usize>(names: [&str; N]) -> BTreeSet<AccountName> {
    names.into_iter().map(name).collect()
}

pub(super) fn ids<const N: usize>(ids: [&str; N]) -> BTreeSet<AccountId> {
    ids.into_iter().map(|id| id.parse().unwrap()).collect()
}

/// The names that an id finds.
pub(super) async fn names_of(index: &impl PackIndex, id: &str) -> BTreeSet<AccountName> {
    index.names(&id.parse().unwrap()).await.unwrap()
}

pub(super) fn use_id(number: usize) -> UseId {
    UseId::new(format!("{number:016x}"))
}

/// A place in a pack that takes 16 accounts, for an account without ids, whatever the day.
pub(super) fn reservation(account: &str, pack: PackId) -> Reservation {
    Reservation {
        name: name(account),
        ids: BTreeSet::new(),
        pack,
        used_by: use_id(1),
        replaces: None,
        size: 16,
        budget: DayBudget::Ignore,
    }
}

/// The index with two packs.
pub(super) async fn with_two_packs<F: PackIndexFixture>(fixture: &F) -> F::Index {
    let index = fixture.index();
    for number in 1..=2 {
        index.add_pack(&pack(number)).await.unwrap();
    }
    index
}

/// Reserves a place in the first pack, and returns it.
pub(super) async fn placed(index: &impl PackIndex, account: &str) -> Place {
    index.reserve(&reservation(account, pack(1))).await.unwrap();
    place(index, account).await.unwrap()
}

pub(super) async fn place(index: &impl PackIndex, account: &str) -> Option<Place> {
    index.place(&name(account)).await.unwrap()
}

pub(super) async fn state(index: &impl PackIndex, number: u32) -> PackState {
    index.pack(&pack(number)).await.unwrap().unwrap()
}

/// Runs `work` concurrently, once for each number below `count`. Returns the results.
pub(super) async fn concurrently<T, F>(count: usize, work: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(count));
    let mut running = JoinSet::new();
    for number in 0..count {
        let (start, work) = (Arc::clone(&start), work(number));
        running.spawn(async move {
            start.wait().await;
            work.await
        });
    }
    running.join_all().await
}

/// Asserts that one result is a success, and all others are conflicts.
pub(super) fn assert_one_wins(results: &[Result<(), VaultError>]) {
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    assert!(results.iter().all(|result| matches!(result, Ok(()) | Err(VaultError::Conflict))), "{results:?}");
}

/// Reserves a place. Tries again after a conflict with another transaction.
pub(super) async fn reserve_in_the_end(index: impl PackIndex, wanted: Reservation) -> Result<(), ReserveError> {
    loop {
        let result = index.reserve(&wanted).await;
        if result != Err(ReserveError::Vault(VaultError::Conflict)) {
            return result;
        }
    }
}
