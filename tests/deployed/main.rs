//! The whole life of a stack in an AWS account that MiniStack emulates with IAM enforced: `sam deploy`, the real Lambda
//! binaries, the real `evertoken` command, and the sandbox as Instagram.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod deploy_policy;
mod evaluated_template;
mod facebook;
mod feed;
mod life_of_an_account;
mod migration;
mod own_resources;
mod packed;
mod reader;
mod readme;
mod upgrade;
mod website_example;
