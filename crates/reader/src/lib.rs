#![doc = include_str!("../README.md")]

mod answer;
mod configuration;
mod reader;

pub use configuration::Configuration;
pub use reader::Reader;
