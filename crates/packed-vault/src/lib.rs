#![doc = include_str!("../README.md")]

mod ids;
mod pack_index;
mod pack_secrets;
mod request_token;
mod revision;

pub use ids::{Generation, Group, InvalidId, PackId, PackSecret, PackSize};
pub use pack_index::{BATCH, DayBudget, GroupState, PackIndex, PackState, Place, Reservation, ReserveError, UseId};
pub use pack_secrets::{CreateError, PackDeletion, PackSecrets, PackValue, PutError, SecretPage, StoredPack};
pub use request_token::RequestToken;
pub use revision::AccountVersion;
