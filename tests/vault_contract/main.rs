//! One contract, three vaults; and what is particular to each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod aws_answers;
mod credentials;
mod file;
mod killed;
mod memory;
mod secrets_manager;
