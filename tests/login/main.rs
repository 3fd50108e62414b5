//! The login as people and strangers meet it: the real router, the sandbox, a vault in memory.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod bad_input;
mod events;
mod invites;
mod journeys;
mod leaks;
mod metrics;
mod pages;
mod refusals;
mod removal;
mod rotation;
mod symptoms;
