//! Tests of the real binaries with AWS's Runtime Interface Emulator, moto and the sandbox.
//!
//! Every [`Deployment`](evertoken_tests::deployment::Deployment) logs at the most verbose level. When it is dropped, it
//! searches everything that was written for tokens, codes, secrets and cookies, so each test also checks for leaks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod callback_errors;
mod concurrency;
mod configuration_errors;
mod cost;
mod crash_recovery;
mod deadline;
mod dependency_failures;
mod efficiency;
#[cfg(target_os = "linux")]
mod facebook_access;
mod facebook_login;
mod fault_injection;
mod feed_cost;
mod feed_files;
mod login_and_refresh;
mod metrics;
mod pack_recipes;
mod packed;
mod packed_cost;
mod packed_limits;
mod parameters;
mod reader;
mod removal;
mod rotation;
mod secret_leaks;
mod serve;
mod unreadable_secrets;
mod workers;
