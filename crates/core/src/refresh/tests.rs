//! Refreshing one account, and runs over several.

mod checks;
mod fixture;
mod one_account;
mod one_run;
