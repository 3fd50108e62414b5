#![doc = include_str!("../README.md")]

mod cached;
mod client;
mod connector;
mod credentials;
mod embedded_metrics;
mod event_bus;
mod fault;
pub mod logging;
mod rotation;
pub mod settings;
mod startup;
mod tags;
mod vault;

pub use aws_config::SdkConfig;
pub use client::Aws;
pub use connector::Connections;
pub use credentials::SecretsManagerCredentials;
pub use embedded_metrics::{DIMENSION, EmbeddedMetrics, NAMESPACE};
pub use event_bus::{EventBus, bus_name};
pub use fault::Fault;
pub use rotation::{RotationError, RotationEvent};
pub use startup::refuse_to_start;
pub use vault::SecretsManagerVault;
