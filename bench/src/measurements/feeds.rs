//! Runs that publish many feeds.

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::results::{Measurements, require};
use crate::table::{markdown, number};

/// What has changed before each run.
pub const CHANGES: [&str; 3] = ["Nothing", "One caption each", "One new post each"];

/// One run for each kind of change.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feeds(pub Vec<FeedRun>);

/// One run over all feeds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedRun {
    /// What has changed.
    pub change: String,
    /// The duration.
    pub seconds: f64,
    /// CPU time of all threads, in units of 10 ms.
    pub cpu_ticks: u32,
    /// Feeds in the run.
    pub feeds: u32,
    /// Feeds whose files were written.
    pub published: u32,
    /// Pictures that were converted.
    pub pictures_converted: u32,
    /// Requests to Instagram for posts.
    pub instagram_lists: u32,
    /// Downloads of pictures.
    pub downloads: u32,
    /// Files that were read.
    pub file_reads: u32,
    /// Files that were written.
    pub file_writes: u32,
    /// Calls that delete files.
    pub file_deletions: u32,
    /// Lists of files.
    pub file_lists: u32,
}

impl Measurements for Feeds {
    const NAME: &'static str = "feeds";

    fn check(&self) -> Result<()> {
        require(&CHANGES, self.0.iter().map(|run| run.change.as_str()))?;
        for run in &self.0 {
            let changed = if run.change == CHANGES[0] { 0 } else { run.feeds };
            if run.feeds == 0 || run.published != changed {
                bail!("a run published {} of {} feeds", run.published, run.feeds);
            }
        }
        Ok(())
    }
}

impl Feeds {
    /// The number of feeds in each run.
    pub fn count(&self) -> u32 {
        self.0.first().map_or(0, |run| run.feeds)
    }

    /// The table of the documentation.
    pub fn table(&self) -> String {
        let row = |run: &FeedRun| {
            let per_feed = |count: u32| number(f64::from(count) / f64::from(run.feeds));
            [
                run.change.clone(),
                number(run.seconds),
                number(f64::from(run.cpu_ticks) * 10.0 / f64::from(run.feeds)),
                per_feed(run.instagram_lists),
                per_feed(run.downloads),
                per_feed(run.file_reads),
                per_feed(run.file_writes),
                per_feed(run.file_deletions),
                run.file_lists.to_string(),
            ]
        };
        let header = [
            "Changed",
            "Seconds",
            "CPU ms per feed",
            "Lists of posts per feed",
            "Downloads per feed",
            "File reads per feed",
            "File writes per feed",
            "Deletions per feed",
            "Lists of files",
        ];
        markdown(header, &self.0.iter().map(row).collect::<Vec<_>>())
    }
}
