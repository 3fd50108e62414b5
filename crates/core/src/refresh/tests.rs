//! One account and one run, case by case.

mod fixture;
mod one_account;
mod one_run;
