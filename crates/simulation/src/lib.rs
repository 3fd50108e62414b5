#![doc = include_str!("../README.md")]

mod account_state;
mod accounts;
mod baselines;
mod browser;
mod clock;
mod credentials;
mod daily_review;
mod day;
mod error;
mod event_handling;
mod fault_injector;
mod incident;
mod outcome;
mod owner_actions;
mod plan;
mod renewal_strategy;
mod renewals;
mod router_client;
mod schedule;
mod seeded_rng;
mod settings;
mod simulated_year;
mod simulation;
mod testbed;
mod timeline;
mod token_status;
mod transport;
mod vault;

pub use day::{Day, DayStatus};
pub use error::SimulationError;
pub use outcome::{Outcome, Survival};
pub use renewal_strategy::RenewalStrategy;
pub use settings::{MAX_ACCOUNTS, MAX_DAYS, YearSettings};
pub use simulation::run;
pub use timeline::{TimelineEntry, TimelineEvent};
