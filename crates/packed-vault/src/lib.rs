#![doc = include_str!("../README.md")]

mod ids;
mod layered_vault;
#[cfg(any(test, feature = "test-support"))]
mod memory_index;
#[cfg(any(test, feature = "test-support"))]
mod memory_secrets;
mod pack;
mod pack_index;
mod pack_secrets;
mod packed_vault;
#[cfg(any(test, feature = "test-support"))]
mod process;
mod request_token;
mod revision;
#[cfg(test)]
mod seeded_entropy;

pub use ids::{Generation, InvalidId, PackId, PackSecret, PackSize};
pub use layered_vault::{LayeredVault, Moved};
#[cfg(any(test, feature = "test-support"))]
pub use memory_index::MemoryIndex;
#[cfg(any(test, feature = "test-support"))]
pub use memory_secrets::MemorySecrets;
pub use pack::{Pack, PackError};
pub use pack_index::{
    BATCH, DayBudget, Departure, FoundPack, GroupState, PackIndex, PackState, Place, Reservation, ReserveError, UseId,
};
pub use pack_secrets::{
    CreateError, PackDeletion, PackSecrets, PackValue, PutError, SecretPage, StoredPack, VERSIONS_USED_UP,
};
pub use packed_vault::{Access, IndexProblem, LISTED_AT_ONCE, NewAccounts, PackSettings, PackedVault, Reindexed};
#[cfg(any(test, feature = "test-support"))]
pub use process::Process;
pub use request_token::RequestToken;
pub use revision::AccountVersion;
