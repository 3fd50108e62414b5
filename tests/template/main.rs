//! The templates, held against what they are for, against the binaries, and against moto's CloudFormation.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod alarms;
mod cloud_formation;
mod environment;
mod parameters;
mod permissions;
mod removal;
mod resources;
mod runbook;
mod sizes;
