#![doc = include_str!("../README.md")]

mod error;
mod file_vault;
mod folder;
pub mod safe_folder;
mod unsafe_file;

pub use error::OpenError;
pub use file_vault::FileVault;
pub use folder::Inspection;
pub use unsafe_file::{Problem, UnsafeFile, reason};
