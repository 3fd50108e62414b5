//! Renewing tokens: one account, the run over all, and its answer.

mod asking;
mod deadline;
mod gate;
#[cfg(test)]
mod model;
mod onlooker;
mod pace;
mod renewal;
mod report;
mod run;
mod storing;
#[cfg(test)]
mod tests;
mod work;

pub use asking::jitter;
pub use onlooker::Onlooker;
pub use pace::Pace;
pub use renewal::End;
pub use report::{AccountFailure, HealthCounts, InvalidRequest, Report, Request};
pub use run::{Limits, Refresher, RunError};
