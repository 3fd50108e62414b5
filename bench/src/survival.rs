//! How many tokens survive a simulated year, by renewal strategy.

pub mod chart;
mod experiment;
mod statistics;
pub mod tables;

pub use experiment::{Survival, rerun_small_years};
