//! The sandbox over a real listener, as its users meet it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails there"
)]

mod authorize;
mod code_exchange;
mod control;
mod faults;
mod long_lived_exchange;
mod other_time;
mod profile;
mod refresh;
mod running;
