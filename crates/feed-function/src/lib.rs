#![doc = include_str!("../README.md")]

pub mod account_event;
mod bucket;
mod cached_paths;
mod configuration;
mod distribution;
pub mod invocation;
mod measurements;

pub use bucket::Bucket;
pub use configuration::Configuration;
pub use distribution::Distribution;
