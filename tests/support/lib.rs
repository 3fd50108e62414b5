//! Shared code of the end-to-end tests: real servers, scripted stubs and the contract tests for vaults.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test may panic"
)]

pub mod api_gateway;
pub mod aws_account;
pub mod aws_limits;
pub mod aws_proxy;
pub mod binaries;
pub mod browser;
pub mod browser_client;
pub mod child_process;
pub mod cloud_formation_stub;
pub mod contract;
pub mod cookie_jar;
pub mod deployed_stack;
pub mod deployment;
pub mod embedded_metrics;
pub mod faults;
pub mod feed_function;
pub mod feed_proxy;
pub mod feed_service;
pub mod feed_visitor;
pub mod fixed_clock;
pub mod http;
pub mod https_gateway;
pub mod iam_actions;
pub mod iam_policy_check;
pub mod index_table;
pub mod instagram_proxy;
pub mod intrinsics;
pub mod lambda_emulator;
pub mod live;
pub mod log_lines;
pub mod migration;
pub mod ministack;
pub mod moto;
pub mod operator_proxy;
pub mod pack_contract;
pub mod packed_accounts;
pub mod pause_points;
pub mod permissions;
#[cfg(target_os = "linux")]
pub mod preloaded_library;
#[cfg(target_os = "linux")]
pub mod process_memory;
pub mod reader_function;
pub mod refresh_report;
pub mod refresh_semantics;
pub mod reserved_port;
pub mod runtime_api;
pub mod sam;
pub mod sample;
pub mod sandbox_server;
pub mod schema;
pub mod scripted_aws;
pub mod scripted_provider;
pub mod secret_scanner;
pub mod serve_process;
pub mod stack;
pub mod template;
pub mod terminal;
pub mod test_app;
pub mod test_cli;
pub mod tls_marker;
pub mod venv;
pub mod wait;
pub mod webhook_receiver;
pub mod workspace;
