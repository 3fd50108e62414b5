//! The arguments of the benchmarks.

use clap::Parser;

/// Numbers, and whether to record the result.
#[derive(Debug, Parser)]
pub struct Arguments {
    /// How many rounds, invocations or accounts to measure.
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    numbers: Vec<u32>,
    /// Record the result for the documentation.
    #[arg(long)]
    pub record: bool,
}

impl Arguments {
    /// The given numbers, or `default` if there are none.
    pub fn numbers(&self, default: &[u32]) -> Vec<u32> {
        if self.numbers.is_empty() { default.to_vec() } else { self.numbers.clone() }
    }
}
