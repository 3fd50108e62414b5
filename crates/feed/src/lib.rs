#![doc = include_str!("../README.md")]

pub mod caption;
pub mod convert;
pub mod feed_key;
pub mod file_path;
pub mod picture;
#[cfg(any(test, feature = "test-support"))]
pub mod sample;
pub mod selection;
pub mod settings;
