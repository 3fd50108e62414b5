//! Tests of the login service: the real router with the sandbox and an in-memory vault.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod app_removal;
mod app_secret_rotation;
mod bad_input;
mod brand;
mod events;
mod invites;
mod login_flow;
mod metrics;
mod pages;
mod provider_errors;
mod reported_issues;
mod reveal;
mod secret_leaks;
mod time_limits;
