//! Refreshing tokens: one account, the run over all accounts, and its report.

mod circuit_breaker;
mod deadline;
mod document_change;
mod due;
#[cfg(test)]
mod model;
mod observed_report;
mod outcome;
mod rate_limiter;
mod renewal;
mod report;
mod request;
mod retrying_provider;
mod retrying_writer;
mod run;
mod run_observer;
mod run_parts;
mod task_set;
#[cfg(test)]
mod tests;

pub use outcome::RefreshOutcome;
pub use rate_limiter::RateLimiter;
pub use report::{AccountFailure, FailureKind, HealthCounts, Report};
pub use request::{InvalidRequest, Request};
pub use run::{Limits, Refresher, RunError};
pub use run_observer::RunObserver;
pub use run_parts::{PARTS_AT_ONCE, PartsReport};
