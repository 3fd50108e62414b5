//! One account and one run, case by case.

mod house;
mod one_account;
mod one_run;
