//! What a browser loads for a page with a feed.

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::results::{Measurements, require};
use crate::table::{markdown, number};

/// The widgets that the documentation compares.
pub const WIDGETS: [&str; 3] = ["Evertoken", "Behold widget", "instafeed.js"];

/// The devices on which each widget is measured.
pub const DEVICES: [&str; 2] = ["desktop", "phone"];

/// All pages.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedPages(pub Vec<FeedPage>);

/// A page with one widget. Sizes are those of response bodies.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedPage {
    /// The widget.
    pub name: String,
    /// The device.
    pub device: String,
    /// Requests, without that for the page.
    pub requests: u32,
    /// Scripts, compressed by gzip.
    pub script_bytes: u32,
    /// The feed, compressed by gzip.
    pub data_bytes: u32,
    /// Pictures.
    pub picture_bytes: u32,
    /// Cumulative layout shift, without a unit.
    pub layout_shift: f64,
}

impl Measurements for FeedPages {
    const NAME: &'static str = "feed_page";

    fn check(&self) -> Result<()> {
        for device in DEVICES {
            let pages = self.0.iter().filter(|page| page.device == device);
            require(&WIDGETS, pages.map(|page| page.name.as_str()))?;
        }
        match self.0.iter().find(|page| page.picture_bytes == 0 || page.script_bytes == 0 || page.data_bytes == 0) {
            Some(page) => bail!("the page of {} loaded no pictures, no script or no feed", page.name),
            None => Ok(()),
        }
    }
}

impl FeedPages {
    /// The table of the documentation.
    pub fn table(&self) -> String {
        let row = |page: &FeedPage| {
            let sizes = [page.script_bytes, page.data_bytes, page.picture_bytes];
            let [script, data, pictures] = sizes.map(kilobytes);
            let total = kilobytes(sizes.iter().sum());
            let (name, requests) = (format!("{} ({})", page.name, page.device), page.requests.to_string());
            [name, requests, script, data, pictures, total, format!("{:.2}", page.layout_shift)]
        };
        let header = ["", "Requests", "Script (kB)", "Feed (kB)", "Pictures (kB)", "Total (kB)", "Layout shift"];
        markdown(header, &self.0.iter().map(row).collect::<Vec<_>>())
    }
}

fn kilobytes(bytes: u32) -> String {
    number(f64::from(bytes) / 1000.0)
}
