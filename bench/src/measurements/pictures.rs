//! How fast pictures are converted, and how much memory that takes.

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use super::check_samples;
use crate::results::{Measurements, require};
use crate::samples::Samples;
use crate::table::{markdown, number, ratio};

/// The converters that the documentation compares.
pub const CONVERTERS: [&str; 3] = ["Evertoken", "sharp (libvips)", "Pillow"];

/// The numbers of threads with which each converter is measured.
pub const THREADS: [u32; 2] = [1, 2];

/// All converters.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pictures(pub Vec<Converter>);

/// A converter with a number of threads. Each sample is a process that converts all pictures.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Converter {
    /// The converter.
    pub name: String,
    /// Pictures that are converted at the same time.
    pub threads: u32,
    /// Pictures per second.
    pub pictures_per_second: Samples,
    /// CPU time for each picture in milliseconds.
    pub cpu_ms: Samples,
    /// Peak memory of the process in MiB.
    pub memory_mib: Samples,
    /// The average size of the three WebP files of a picture in kB.
    pub webp_kb: f64,
    /// The average size of the three JPEG files of a picture in kB.
    pub jpeg_kb: f64,
}

impl Measurements for Pictures {
    const NAME: &'static str = "pictures";

    fn check(&self) -> Result<()> {
        for threads in THREADS {
            require(&CONVERTERS, self.rows(threads).map(|row| row.name.as_str()))?;
        }
        if let Some(row) = self.0.iter().find(|row| !(row.webp_kb > 0.0 && row.jpeg_kb > 0.0)) {
            bail!("{} wrote no pictures", row.name);
        }
        let samples = |row: &Converter| {
            (format!("{} ({} threads)", row.name, row.threads), row.pictures_per_second.clone(), row.cpu_ms.clone())
        };
        let rows: Vec<_> = self.0.iter().map(samples).collect();
        check_samples(rows.iter().map(|(name, speed, cpu)| (name.clone(), vec![speed, cpu])))
    }
}

impl Pictures {
    fn rows(&self, threads: u32) -> impl Iterator<Item = &Converter> {
        self.0.iter().filter(move |row| row.threads == threads)
    }

    /// How often each converter was measured.
    pub fn rounds(&self) -> usize {
        self.0.first().map_or(0, |row| row.cpu_ms.count())
    }

    /// The table of the documentation.
    pub fn table(&self) -> String {
        let row = |row: &Converter| {
            let reference = self.rows(row.threads).find(|row| row.name == CONVERTERS[0]);
            let compared = |samples: fn(&Converter) -> &Samples| {
                ratio(samples(row).median(), reference.map_or(f64::NAN, |reference| samples(reference).median()))
            };
            [
                format!("{} ({})", row.name, if row.threads == 1 { "1 thread" } else { "2 threads" }),
                number(row.pictures_per_second.median()),
                number(row.cpu_ms.median()),
                number(row.memory_mib.median()),
                number(row.webp_kb),
                number(row.jpeg_kb),
                compared(|row| &row.pictures_per_second),
                compared(|row| &row.cpu_ms),
            ]
        };
        let header = [
            "",
            "Pictures per second",
            "CPU ms",
            "Memory (MiB)",
            "WebP (kB)",
            "JPEG (kB)",
            "Pictures per second vs. Evertoken",
            "CPU vs. Evertoken",
        ];
        markdown(header, &self.0.iter().map(row).collect::<Vec<_>>())
    }
}
