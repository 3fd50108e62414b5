#![doc = include_str!("../README.md")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::missing_panics_doc,
    reason = "a measurement prints, and may stop at the first surprise"
)]

pub mod arguments;
pub mod contenders;
pub mod meter;
pub mod process;
pub mod runtime_api;
pub mod samples;
pub mod secrets;
pub mod stage;
pub mod table;
