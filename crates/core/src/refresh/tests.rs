//! Refreshing one account, and runs over several.

mod checks;
mod cohorts;
mod failures;
mod fixture;
mod one_run;
mod parts;
mod proof;
mod renewal;
mod writes;
