//! Tests of the real `evertoken` binary with both vaults and the sandbox.
//!
//! A [`TestCli`](evertoken_tests::test_cli::TestCli) has its own vault (a folder, or Secrets Manager in moto) and its own
//! sandbox. Its `run` methods return the exit code, standard output and standard error. When it is dropped, it searches the
//! command lines and outputs for secrets. Tests that apply to both vaults iterate over `TestCli::for_each_vault()`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod accounts;
mod aws_credentials;
mod debug;
mod doctor;
mod export;
mod facebook;
mod feed;
mod feed_failures;
mod file_vault_errors;
mod import;
mod invite;
mod packs;
mod refresh;
mod refresh_semantics;
mod remove;
mod sandbox_vault;
mod secret_files;
mod secrets;
mod serve;
mod serve_on_renewed;
mod serve_tls;
mod serve_webhook;
mod setup;
mod stack_settings;
mod token;
mod usage;
mod vault_location;
