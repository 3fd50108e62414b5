//! Starts: from exec to the first poll of the Runtime API, and the first invocation.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::results::Measurements;
use crate::samples::Samples;
use crate::table::{markdown, number, ratio};

/// The starts of all implementations, interleaved.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Starts(pub Vec<Start>);

/// The starts of one implementation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// The implementation's name.
    pub name: String,
    /// `login` or `refresh`.
    pub work: String,
    /// From exec to the first poll, in milliseconds.
    pub start_ms: Samples,
    /// CPU time until the first poll, in milliseconds.
    pub cpu_ms: Samples,
    /// The first invocation, in milliseconds.
    pub first_ms: Samples,
    /// Peak memory in MiB.
    pub memory_mib: Samples,
}

impl Measurements for Starts {
    const NAME: &'static str = "start";

    fn check(&self) -> Result<()> {
        super::check(self.0.iter().map(|start| {
            let samples = vec![&start.start_ms, &start.cpu_ms, &start.first_ms, &start.memory_mib];
            (start.name.as_str(), start.work.as_str(), samples)
        }))
    }
}

impl Starts {
    /// The number of starts of each implementation.
    pub fn rounds(&self) -> usize {
        self.0.first().map_or(0, |start| start.start_ms.count())
    }

    /// The table of the documentation.
    pub fn table(&self) -> String {
        let row = |it: &Start| {
            // Evertoken comes first in the list.
            let evertoken = self.0.iter().find(|other| other.work == it.work);
            let ratio_of = |samples: fn(&Start) -> &Samples| {
                ratio(samples(it).median(), evertoken.map_or(f64::NAN, |evertoken| samples(evertoken).median()))
            };
            [
                format!("{} ({})", it.name, it.work),
                number(it.start_ms.median()),
                number(it.start_ms.percentile(90)),
                number(it.cpu_ms.median()),
                number(it.first_ms.median()),
                number(it.first_ms.percentile(90)),
                number(it.memory_mib.median()),
                ratio_of(|start| &start.start_ms),
                ratio_of(|start| &start.cpu_ms),
            ]
        };
        markdown(
            [
                "",
                "Start",
                "90%",
                "CPU",
                "First invocation",
                "90%",
                "Memory (MiB)",
                "Start vs. Evertoken",
                "CPU vs. Evertoken",
            ],
            &self.0.iter().map(row).collect::<Vec<_>>(),
        )
    }
}
