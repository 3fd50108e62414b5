#![doc = include_str!("../README.md")]

pub mod account_file;
pub mod client_file;
pub mod date;
pub mod file_error;
mod lines;
pub mod pasted_input;
pub mod token_kind;
