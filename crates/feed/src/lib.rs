#![doc = include_str!("../README.md")]

pub mod atom;
pub mod caption;
pub mod convert;
pub mod feed;
pub mod feed_key;
pub mod file_path;
pub mod html;
pub mod json_feed;
pub mod picture;
#[cfg(test)]
mod rendering_tests;
#[cfg(any(test, feature = "test-support"))]
pub mod sample;
pub mod selection;
pub mod settings;
