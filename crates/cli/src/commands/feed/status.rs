//! What is known about feeds, as tables.

use evertoken_core::media::MediaId;
use evertoken_feed::request::{FeedStatus, FeedUrls};
use evertoken_feed::settings::{FeedSettings, Word};
use time::OffsetDateTime;

use crate::context::Context;
use crate::error::{CliError, Result};
use crate::exit_status::ExitStatus;
use crate::terminal::output;
use crate::terminal::plural::counted;
use crate::terminal::table::{BAD, Cell, GOOD, Table, WARNING};
use crate::vault::account_summary::minute;

/// The addresses of a feed.
pub(super) fn urls(feed: &FeedStatus) -> Result<&FeedUrls> {
    feed.urls.as_ref().ok_or_else(|| {
        let reason = feed.settings_error.clone().unwrap_or_default();
        CliError::FeedSettings { account: feed.account.clone(), reason }
    })
}

/// Prints one feed.
pub(super) fn print(feed: &FeedStatus, context: &Context) -> Result<ExitStatus> {
    if context.is_json() {
        output::json(feed)?;
    } else {
        print_details(feed)?;
    }
    Ok(status_of([feed]))
}

/// Prints all feeds as a table.
pub(super) fn print_all(feeds: &[FeedStatus], context: &Context) -> Result<ExitStatus> {
    if context.is_json() {
        output::json(&feeds)?;
        return Ok(status_of(feeds));
    }
    if feeds.is_empty() {
        let enable = context.vault_option.command("feed enable NAME");
        output::note(&format!("No feeds. To publish one: {enable}"));
        return Ok(ExitStatus::Ok);
    }
    let mut table = Table::new(["NAME", "POSTS", "STATE", "CHANGED (UTC)", "NEXT (UTC)"]);
    for feed in feeds {
        let times = [feed.updated_at, feed.next_poll_at].map(time);
        let [changed, next] = times;
        table.push([feed.account.to_string().into(), feed.posts.to_string().into(), state(feed), changed, next]);
    }
    table.print()?;
    for feed in feeds {
        if let Some(problem) = problem(feed) {
            output::note(&format!("{}: {problem}", feed.account));
        }
    }
    Ok(status_of(feeds))
}

/// Prints everything about a feed.
pub(super) fn print_details(feed: &FeedStatus) -> Result<()> {
    let mut table = Table::without_header();
    table.push(["account".into(), feed.account.to_string().into()]);
    if let Some(FeedUrls { json, html, atom, widget }) = &feed.urls {
        for (format, url) in [("JSON Feed", json), ("HTML", html), ("Atom", atom), ("widget", widget)] {
            table.push([format.into(), url.as_str().into()]);
        }
    }
    table.push(["state".into(), state(feed)]);
    table.push(["posts".into(), feed.posts.to_string().into()]);
    if feed.left_out > 0 {
        table.push(["left out".into(), counted(feed.left_out, "post").into()]);
    }
    for (label, at) in
        [("changed", feed.updated_at), ("last success", feed.succeeded_at), ("next poll", feed.next_poll_at)]
    {
        table.push([label.into(), time(at)]);
    }
    if let Some(usage) = &feed.usage {
        table.push(["call budget".into(), format!("{} % used", usage.percent).into()]);
    }
    if let Some(settings) = &feed.settings {
        for (label, value) in named(settings) {
            table.push([label.into(), value.into()]);
        }
    }
    table.print()?;
    if let Some(problem) = problem(feed) {
        output::note(&problem);
    }
    Ok(())
}

/// The settings that differ from the defaults, and the number of posts and the layout.
fn named(settings: &FeedSettings) -> Vec<(&'static str, String)> {
    let kinds: Vec<_> = settings.kinds.iter().map(|kind| kind.as_str()).collect();
    let words = |words: &[Word]| words.iter().map(Word::as_str).collect::<Vec<_>>().join(", ");
    let ids = |ids: &[MediaId]| ids.iter().map(MediaId::as_str).collect::<Vec<_>>().join(", ");
    let all = [
        ("at most", counted(settings.posts.get(), "post")),
        ("layout", settings.layout.to_string()),
        ("kinds", kinds.join(", ")),
        ("off-feed reels", if settings.off_feed_reels { "shown".to_owned() } else { String::new() }),
        ("include", words(&settings.include)),
        ("exclude", words(&settings.exclude)),
        ("pinned", ids(&settings.pinned)),
        ("hidden", ids(&settings.hidden)),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

fn time(at: Option<OffsetDateTime>) -> Cell {
    at.map_or_else(|| "-".to_owned(), minute).into()
}

fn state(feed: &FeedStatus) -> Cell {
    if feed.settings_error.is_some() {
        Cell::new("invalid settings", BAD)
    } else if feed.stale {
        Cell::new("stale", BAD)
    } else if feed.error.is_some() {
        Cell::new("failing", WARNING)
    } else if feed.succeeded_at.is_none() {
        Cell::new("waiting", WARNING)
    } else {
        Cell::new("current", GOOD)
    }
}

/// What is wrong with a feed.
pub(super) fn problem(feed: &FeedStatus) -> Option<String> {
    feed.settings_error.clone().or_else(|| feed.error.as_ref().map(|error| error.message.clone()))
}

fn status_of<'a>(feeds: impl IntoIterator<Item = &'a FeedStatus>) -> ExitStatus {
    let is_healthy = |feed: &FeedStatus| !feed.stale && problem(feed).is_none();
    ExitStatus::healthy_if(feeds.into_iter().all(is_healthy))
}
