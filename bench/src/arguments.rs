//! The arguments of the benchmarks.

use anyhow::{Result, bail, ensure};
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
    /// The given numbers.
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// The given numbers, or the usual ones if there are none.
    ///
    /// # Errors
    /// If a result with other numbers than usual is to be recorded.
    pub fn numbers_or(&self, usual: &[u32]) -> Result<Vec<u32>> {
        let numbers = if self.numbers.is_empty() { usual } else { self.numbers.as_slice() };
        ensure!(!self.record || numbers == usual, "a result with other numbers than {usual:?} is not recorded");
        Ok(numbers.to_vec())
    }

    /// Like [`numbers_or`](Self::numbers_or), for a benchmark with one number.
    ///
    /// # Errors
    /// If several numbers are given, or if a result with another number than usual is to be recorded.
    pub fn number_or(&self, usual: u32) -> Result<u32> {
        match *self.numbers_or(&[usual])? {
            [number] => Ok(number),
            _ => bail!("this benchmark takes one number"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_result_with_the_usual_numbers_is_recorded() {
        let number = |arguments: &[&str]| {
            let arguments = Arguments::parse_from([&["start"][..], arguments].concat());
            arguments.number_or(30).map_err(|error| error.to_string())
        };
        for arguments in [&[][..], &["--record"], &["30", "--record"]] {
            assert_eq!(number(arguments), Ok(30), "{arguments:?}");
        }
        assert_eq!(number(&["1"]), Ok(1));
        let refused = "a result with other numbers than [30] is not recorded";
        assert_eq!(number(&["1", "--record"]), Err(refused.to_owned()));
        assert_eq!(number(&["1", "2"]), Err("this benchmark takes one number".to_owned()));
    }
}
