//! Models of Secrets Manager and DynamoDB with latency, rate limits, faults, and counts of all calls.

mod latency;
mod meter;
mod metered_index;
mod metered_secrets;
mod metered_singles;
mod operation;
mod rate_limits;
mod transactions;
mod usage;

pub(crate) use meter::Meter;
pub(crate) use metered_index::MeteredIndex;
pub(crate) use metered_secrets::MeteredSecrets;
pub(crate) use metered_singles::{MeteredSingles, SingleCalls};
pub use operation::Operation;
pub use usage::{Phase, Usage};
