#![doc = include_str!("../README.md")]

mod error;
mod file_vault;
mod folder;
pub mod private_file;

pub use error::OpenError;
pub use file_vault::FileVault;
