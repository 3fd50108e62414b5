#![doc = include_str!("../README.md")]

pub mod caption;
pub mod feed_key;
#[cfg(any(test, feature = "test-support"))]
pub mod sample;
pub mod selection;
pub mod settings;
