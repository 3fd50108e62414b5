//! The measurements of each benchmark, and their tables in the documentation.

pub mod facebook_year;
pub mod feed_page;
pub mod feeds;
pub mod instructions;
pub mod login_wait;
pub mod packed_year;
pub mod pictures;
pub mod refresh_run;
pub mod size;
pub mod start;
pub mod warm;

use anyhow::{Result, bail};

use crate::results::require;
use crate::samples::Samples;

/// The implementations that every comparison needs.
const IMPLEMENTATIONS: [&str; 4] = ["Evertoken", "Python, boto3, requests", "Node, AWS SDK", "Node, AWS SDK, bundled"];

/// What each implementation does.
const WORK: [&str; 2] = ["login", "refresh"];

/// # Errors
/// If an implementation is missing, or one of its samples.
fn check<'a>(rows: impl Iterator<Item = (&'a str, &'a str, Vec<&'a Samples>)>) -> Result<()> {
    let rows: Vec<_> = rows.collect();
    for work in WORK {
        require(&IMPLEMENTATIONS, rows.iter().filter(|row| row.1 == work).map(|row| row.0))?;
    }
    check_samples(rows.into_iter().map(|(name, work, samples)| (format!("{name} ({work})"), samples)))
}

/// # Errors
/// If a row has different numbers of samples, or none.
fn check_samples<'a>(rows: impl Iterator<Item = (String, Vec<&'a Samples>)>) -> Result<()> {
    for (name, samples) in rows {
        let counts: Vec<_> = samples.iter().map(|samples| samples.count()).collect();
        if samples.iter().any(|samples| !samples.is_complete()) || counts.iter().any(|count| *count != counts[0]) {
            bail!("samples of {name} are missing");
        }
    }
    Ok(())
}
