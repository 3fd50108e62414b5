//! Sizes of deployment packages.

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::results::{Measurements, require};
use crate::table::{markdown, number};

const FEED: &str = "Evertoken feed";

/// The largest zip of the function that publishes feeds (docs/decisions/0048).
const FEED_LIMIT: u64 = 6_000_000;

/// The deployment packages that the documentation shows.
pub const PACKAGES: [&str; 7] = [
    "Evertoken callback",
    "Evertoken refresh",
    FEED,
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
        self.check_limits()
    }
}

impl Sizes {
    /// Checks the packages that were measured.
    ///
    /// # Errors
    /// If a package is empty, or the function that publishes feeds is too large.
    pub fn check_limits(&self) -> Result<()> {
        for Size { name, zip_bytes } in &self.0 {
            if *zip_bytes < 500 {
                bail!("the package of {name} is empty");
            }
            if name == FEED && *zip_bytes > FEED_LIMIT {
                bail!("the package of {name} has {zip_bytes} bytes, more than {FEED_LIMIT}");
            }
        }
        Ok(())
    }

    /// The table of the documentation.
    pub fn table(&self) -> String {
        let rows: Vec<_> = self.0.iter().map(|size| [size.name.clone(), megabytes(size.zip_bytes)]).collect();
        markdown(["", "Zip (MB)"], &rows)
    }
}

fn megabytes(bytes: u64) -> String {
    number(f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1_000_000.0)
}
