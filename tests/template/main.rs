//! Tests of the templates: their resources, and their match with the binaries.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod alarm_checks;
mod alarms;
mod architecture;
mod consumer_policy;
mod deploy_policy;
mod effects;
mod environment;
mod every_stack;
mod features;
mod feed;
mod feed_dashboard;
mod feed_permissions;
mod feed_removal;
mod github_deploy_role;
mod log_queries;
mod named_tests;
mod operator_policy;
mod pack_invariants;
#[cfg(target_os = "linux")]
mod pack_permissions;
mod packed;
mod parameters;
mod permissions;
mod reader;
mod removal;
mod removal_handler;
mod resources;
mod runbook;
mod security_standards;
mod sizes;
mod supply_chain;
mod tags;
mod trust;
mod website_example;
