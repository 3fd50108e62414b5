//! Instruction counts of Evertoken's Lambda functions.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::results::{Measurements, require};
use crate::table::{markdown, number};

/// Counts by `ARCHITECTURE FUNCTION PHASE`, such as `x86_64 evertoken-callback start`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Instructions(pub BTreeMap<String, u64>);

impl Measurements for Instructions {
    const NAME: &'static str = "instructions";

    fn check(&self) -> Result<()> {
        let functions = ["evertoken-callback", "evertoken-refresh"];
        for phase in ["start", "first", "warm"] {
            let keys = functions.map(|function| format!("x86_64 {function} {phase}"));
            require(&keys.each_ref().map(String::as_str), self.0.keys().map(String::as_str))?;
        }
        Ok(())
    }
}

impl Instructions {
    /// The table of the documentation, in millions.
    pub fn table(&self) -> String {
        let row = |name: &str, function: &str| {
            let count = |phase: &str| {
                let count = self.0.get(&format!("x86_64 {function} {phase}")).copied().unwrap_or_default();
                number(f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / 1e6)
            };
            [name.to_owned(), count("start"), count("first"), count("warm")]
        };
        let rows = [
            row("Evertoken callback (login)", "evertoken-callback"),
            row("Evertoken refresh (refresh)", "evertoken-refresh"),
        ];
        markdown(["", "Start", "First invocation", "Warm invocation"], &rows)
    }
}
