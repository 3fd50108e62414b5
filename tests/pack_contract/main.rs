//! The contract tests of the ports of the packed vault, and tests that are specific to one implementation.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod aws_limits;
mod dynamo_db;
mod emulated_aws;
mod memory;
mod migration;
mod ministack;
mod moto;
mod secrets_manager;
