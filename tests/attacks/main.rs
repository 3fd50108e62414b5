//! The attacks of a security audit, each against the behavior that it found (docs/security.md).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod foreign_results;
mod replayed_callbacks;
mod states_as_invites;
