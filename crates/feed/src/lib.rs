#![doc = include_str!("../README.md")]

pub mod atom;
pub mod caption;
pub mod convert;
pub mod converter;
pub mod feed;
pub mod feed_key;
pub mod file_path;
pub mod files;
pub mod folder_files;
pub mod html;
pub mod json_feed;
#[cfg(any(test, feature = "test-support"))]
pub mod memory_files;
#[cfg(any(test, feature = "test-support"))]
pub mod memory_instagram;
pub mod picture;
pub mod polling;
pub mod publisher;
#[cfg(test)]
mod rendering_tests;
pub mod report;
pub mod request;
#[cfg(any(test, feature = "test-support"))]
pub mod sample;
pub mod selection;
pub mod settings;
pub mod state;
