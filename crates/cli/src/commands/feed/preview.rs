//! `evertoken feed preview`: shows a feed on a page of its own.

use std::io::{self, IsTerminal};

use askama::Template;
use evertoken_feed::request::{FeedStatus, FeedUrls};

use super::status::urls;
use crate::context::Context;
use crate::error::{CliError, Result};
use crate::exit_status::ExitStatus;
use crate::terminal::output;

/// A page with the widget in each layout.
#[derive(Template)]
#[template(path = "feed_preview.html")]
struct Page<'a> {
    account: &'a str,
    urls: &'a FeedUrls,
}

/// Writes the page into the folder for temporary files and prints its path. At a terminal, the browser opens it.
pub(super) fn preview(feed: &FeedStatus, context: &Context) -> Result<ExitStatus> {
    let page = Page { account: feed.account.as_str(), urls: urls(feed)? };
    let html = page.render().map_err(|_| CliError::Panic("the preview"))?;
    let path = std::env::temp_dir();
    let file =
        tempfile::Builder::new().prefix(&format!("evertoken-{}-", feed.account)).suffix(".html").tempfile_in(path);
    let file = file.map_err(CliError::TemporaryFolder)?;
    std::fs::write(file.path(), html).map_err(|source| CliError::WriteFile { path: file.path().to_owned(), source })?;
    // The browser reads it after this command has ended.
    let (_, path) = file.keep().map_err(|error| CliError::TemporaryFolder(error.error))?;
    if context.is_json() {
        output::json(&serde_json::json!({ "page": path }))?;
    } else {
        output::data(&path.display().to_string())?;
        if io::stdout().is_terminal() && open::that_detached(&path).is_err() {
            output::note("Open this file in your browser.");
        }
    }
    Ok(ExitStatus::Ok)
}
