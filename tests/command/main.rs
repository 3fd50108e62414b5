//! The operator's command as its user meets it: the real binary, over both vaults, with the sandbox as Instagram.
//!
//! A [`CommandHouse`](evertoken_tests::command::CommandHouse) is a vault (a folder, or Secrets Manager in moto) with an
//! Instagram of its own. `run` and `run_with` give back exit code, standard output and standard error; the command line
//! and both outputs are searched for secrets when the house is dropped. A test that holds for both vaults goes through
//! `CommandHouse::each()`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod accounts;
mod debugging;
mod doctor;
mod exporting;
mod files;
mod importing;
mod inviting;
mod places;
mod refreshing;
mod removing;
mod secrets;
mod serving;
mod setup;
mod tokens;
mod usage;
