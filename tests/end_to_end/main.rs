//! The real binaries on real parts: AWS's Runtime Interface Emulator, moto, the sandbox.
//!
//! Every [`Deployment`](evertoken_tests::deployment::Deployment) logs all it can, and at its end everything that was
//! written is searched for tokens, codes, secrets and cookies: each of these tests is a test for leaks too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod bad_callbacks;
mod cost;
mod failed_exchanges;
mod foreign_values;
mod metrics;
mod races;
mod resilience;
mod rotation;
mod secrets;
mod serve;
mod story;
mod variables;
