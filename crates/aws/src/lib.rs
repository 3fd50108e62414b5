#![doc = include_str!("../README.md")]

mod account_tags;
mod cached;
mod client;
mod connector;
mod credentials;
mod embedded_metrics;
mod error_code;
mod event_bus;
mod lambda_deadline;
pub mod logging;
mod rotation;
mod scheduled_removals;
pub mod secret_names;
pub mod settings;
mod startup;
mod vault;

pub use aws_config::SdkConfig;
pub use client::Aws;
pub use connector::Connections;
pub use credentials::{SecretsManagerApp, SecretsManagerSigningKeys};
pub use embedded_metrics::EmbeddedMetrics;
pub use error_code::AwsErrorCode;
pub use event_bus::{EventBus, bus_name};
pub use lambda_deadline::lambda_deadline;
pub use rotation::{RotationError, RotationEvent};
pub use scheduled_removals::{ATTEMPTS_HEADER, RemovalSettings, SCHEDULER_API_ID, ScheduledRemovals};
pub use startup::refuse_to_start;
pub use vault::{CURRENT, ListedSecret, RECOVERY_WINDOW, SecretsManagerVault, delete_if_exists};
