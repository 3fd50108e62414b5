#![doc = include_str!("../README.md")]

pub mod account;
pub mod app;
pub mod backoff;
pub mod clock;
pub mod connected_account;
pub mod credentials;
pub mod deletion;
pub mod document;
pub mod entropy;
pub mod events;
pub mod invite;
pub mod login;
pub mod login_state;
pub mod metrics;
pub mod policy;
pub mod provider;
pub mod provider_error;
pub mod public_url;
pub mod receipt;
pub mod refresh;
pub mod removal_queue;
#[cfg(test)]
mod sample;
pub mod scopes;
pub mod secrets;
pub mod signing;
pub mod token;
pub mod variables;
pub mod vault;
pub mod visible_text;
