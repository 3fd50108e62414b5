//! Warm invocations: self time, CPU time and total time.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::results::Measurements;
use crate::samples::Samples;
use crate::table::{markdown, number, ratio};

/// The warm invocations of all implementations, interleaved.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarmInvocations(pub Vec<Warm>);

/// The warm invocations of one implementation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warm {
    /// The implementation's name.
    pub name: String,
    /// `login` or `refresh`.
    pub work: String,
    /// The duration without waits for Instagram or AWS, in milliseconds.
    pub self_ms: Samples,
    /// CPU time in milliseconds.
    pub cpu_ms: Samples,
    /// The duration in milliseconds.
    pub total_ms: Samples,
    /// Peak memory in MiB after each invocation.
    pub memory_mib: Samples,
}

impl Measurements for WarmInvocations {
    const NAME: &'static str = "warm";

    fn check(&self) -> Result<()> {
        super::check(self.0.iter().map(|warm| {
            let samples = vec![&warm.self_ms, &warm.cpu_ms, &warm.total_ms, &warm.memory_mib];
            (warm.name.as_str(), warm.work.as_str(), samples)
        }))
    }
}

impl WarmInvocations {
    /// The number of invocations of each implementation.
    pub fn invocations(&self) -> usize {
        self.0.first().map_or(0, |warm| warm.self_ms.count())
    }

    /// The table of the documentation.
    pub fn table(&self) -> String {
        let row = |it: &Warm| {
            // Evertoken comes first in the list.
            let evertoken = self.0.iter().find(|other| other.work == it.work);
            let ratio_of = |samples: fn(&Warm) -> &Samples| {
                ratio(samples(it).median(), evertoken.map_or(f64::NAN, |evertoken| samples(evertoken).median()))
            };
            [
                format!("{} ({})", it.name, it.work),
                number(it.self_ms.median()),
                number(it.self_ms.percentile(90)),
                number(it.cpu_ms.median()),
                number(it.total_ms.median()),
                number(it.memory_mib.percentile(100)),
                ratio_of(|warm| &warm.self_ms),
                ratio_of(|warm| &warm.cpu_ms),
            ]
        };
        markdown(
            ["", "Self time", "90%", "CPU", "Total", "Memory (MiB)", "Self time vs. Evertoken", "CPU vs. Evertoken"],
            &self.0.iter().map(row).collect::<Vec<_>>(),
        )
    }
}
