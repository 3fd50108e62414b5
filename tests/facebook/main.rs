//! Tests of the login through Facebook: the real router and adapters with the sandbox and an in-memory vault.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod attacks;
mod choosing;
mod connecting;
mod facebook_app;
mod keeping;
mod no_account;
mod posts;
mod removal;
