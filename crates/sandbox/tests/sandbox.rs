//! Tests of the sandbox over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod authorize;
mod code_exchange;
mod control;
mod control_media;
mod control_page;
mod facebook;
mod faults;
mod in_process;
mod long_lived_exchange;
mod media;
mod media_files;
mod profile;
mod refresh;
mod test_sandbox;
