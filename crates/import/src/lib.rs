#![doc = include_str!("../README.md")]

pub mod account_file;
pub mod date;
pub mod file_error;
pub mod pasted_input;
pub mod token_kind;
