#![doc = include_str!("../README.md")]

mod accounts;
mod actions;
mod audit;
mod aws;
mod clock;
mod cost;
mod due_times;
mod error;
mod import;
mod instagram;
mod outcome;
mod plan;
pub mod price;
mod runs;
mod scanned_vault;
mod seeded_rng;
mod services;
mod settings;
mod token_text;
mod year;

pub use aws::{Operation, Phase, Usage};
pub use cost::MonthlyCost;
pub use error::SimulationError;
pub use outcome::{Kept, Outcome, Packs, RecoveryOutcome, Renewals, SteadyRuns};
pub use settings::{FEWEST_DAYS, Recovery, Scan, YearSettings};
pub use year::run;
