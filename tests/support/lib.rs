//! What the end-to-end tests share: real servers, scripted partners, and the contract that every vault keeps.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test may stop at the first surprise"
)]

pub mod contract;
pub mod fixed_clock;
pub mod log_lines;
pub mod login_house;
pub mod moto;
pub mod sample;
pub mod scripted_aws;
pub mod scripted_provider;
pub mod visitor;
