//! Tests of the templates: their resources, their match with the binaries, and their creation with moto's CloudFormation.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod alarms;
mod cloud_formation;
mod deploy_policy;
mod environment;
mod features;
mod operator_policy;
mod parameters;
mod permissions;
mod removal;
mod resources;
mod runbook;
mod sizes;
