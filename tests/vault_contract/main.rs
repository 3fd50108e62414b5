//! The contract tests of all vaults, and tests that are specific to one of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod aws_errors;
mod aws_limits;
mod aws_responses;
mod crash_safety;
mod credentials;
#[cfg(target_os = "linux")]
mod durability;
mod file_vault;
mod layered_vault;
mod memory_vault;
mod packed_vault;
mod secrets_manager;
