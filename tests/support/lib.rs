//! What the end-to-end tests share: real servers, scripted partners, and the contract that every vault keeps.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test may stop at the first surprise"
)]

pub mod api_gateway;
pub mod aws_call;
pub mod aws_proxy;
pub mod binaries;
pub mod browser;
pub mod cloud_formation;
pub mod command;
pub mod contract;
pub mod cookies;
pub mod deployed_stack;
pub mod deployment;
pub mod embedded_metrics;
pub mod fixed_clock;
pub mod gatekeeper;
pub mod intrinsics;
pub mod leaks;
pub mod leashed;
pub mod log_lines;
pub mod login_house;
pub mod moto;
pub mod permissions;
pub mod receiver;
pub mod report;
pub mod rie;
pub mod sample;
pub mod schema;
pub mod scripted_aws;
pub mod scripted_provider;
pub mod served_sandbox;
pub mod stack;
pub mod template;
pub mod venv;
pub mod visitor;
pub mod waiting;
pub mod web;
