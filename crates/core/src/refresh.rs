//! Renewing tokens: one account, the run over all, and its answer.

mod pace;
mod renewal;
mod report;
mod run;

pub use pace::Pace;
pub use report::{AccountFailure, InvalidRequest, Report, Request};
pub use run::{Limits, Refresher, RunError};
