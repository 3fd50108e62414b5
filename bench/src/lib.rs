#![doc = include_str!("../README.md")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::missing_panics_doc,
    reason = "a benchmark prints its results and may panic on an unexpected error"
)]

pub mod arguments;
pub mod fake_secrets_manager;
pub mod implementations;
pub mod latency_proxy;
pub mod measurements;
pub mod process;
pub mod provenance;
pub mod published;
pub mod recording;
pub mod response_framing;
pub mod results;
pub mod runtime_api;
pub mod samples;
pub mod survival;
pub mod table;
pub mod testbed;
pub mod wait_recorder;
