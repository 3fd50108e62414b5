#![doc = include_str!("../README.md")]

pub mod account;
pub mod app;
pub mod deletion;
pub mod document;
pub mod events;
pub mod failure;
pub mod faulty_vault;
pub mod invite;
pub mod login;
pub mod login_state;
pub mod memory;
pub mod metrics;
pub mod policy;
pub mod ports;
pub mod refresh;
#[cfg(test)]
mod sample;
pub mod scopes;
pub mod secrets;
pub mod signing;
pub mod system;
pub mod variables;
