//! The attacks of a security audit, each against the behavior that it found (docs/security.md).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod account_names;
mod deletion;
mod foreign_results;
mod hidden_characters;
mod keys_as_names;
mod operator_details;
mod planted_files;
mod replayed_callbacks;
mod return_addresses;
#[cfg(target_os = "linux")]
mod secrets_in_memory;
mod signed_requests;
mod single_use_invites;
mod slow_clients;
mod states_as_invites;
