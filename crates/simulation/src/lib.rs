#![doc = include_str!("../README.md")]

mod agenda;
mod browser;
mod clock;
mod credentials;
mod day;
mod dice;
mod keeping;
mod life;
mod network;
mod outcome;
mod peers;
mod plan;
mod vault;
mod weather;
mod world;
mod year;

pub use day::{Day, Mark, News, What};
pub use keeping::Keeping;
pub use outcome::{Outcome, Survival};
pub use year::{MOST_ACCOUNTS, MOST_DAYS, SimulationError, Year, run};
