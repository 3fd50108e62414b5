//! Sizes of deployment packages.

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::results::{Measurements, require};
use crate::table::{markdown, number};

/// The deployment packages that the documentation shows.
pub const PACKAGES: [&str; 6] = [
    "Evertoken callback",
    "Evertoken refresh",
    "Python with boto3",
    "Python without boto3",
    "Node, AWS SDK",
    "Node, AWS SDK, bundled",
];

/// The zips of all packages.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sizes(pub Vec<Size>);

/// One zip.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// The package.
    pub name: String,
    /// The size of the zip.
    pub zip_bytes: u64,
}

impl Measurements for Sizes {
    const NAME: &'static str = "size";

    fn check(&self) -> Result<()> {
        require(&PACKAGES, self.0.iter().map(|size| size.name.as_str()))?;
        match self.0.iter().find(|size| size.zip_bytes < 500) {
            Some(empty) => bail!("the package of {} is empty", empty.name),
            None => Ok(()),
        }
    }
}

impl Sizes {
    /// The table of the documentation.
    pub fn table(&self) -> String {
        let rows: Vec<_> = self.0.iter().map(|size| [size.name.clone(), megabytes(size.zip_bytes)]).collect();
        markdown(["", "Zip (MB)"], &rows)
    }
}

fn megabytes(bytes: u64) -> String {
    number(f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1_000_000.0)
}
