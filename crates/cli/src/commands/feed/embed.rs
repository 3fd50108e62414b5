//! `evertoken feed embed`: the lines that put a feed on a page.

use clap::{Args, ValueEnum};
use evertoken_core::account::AccountName;
use evertoken_feed::request::{FeedStatus, FeedUrls};
use serde_json::{Map, Value};

use super::status::urls;
use crate::context::Context;
use crate::error::Result;
use crate::exit_status::ExitStatus;
use crate::terminal::output;
use crate::vault::location::VaultLocation;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Account name, as shown by `evertoken list`.
    pub(super) name: AccountName,
    /// Print the lines for this kind of page only.
    #[arg(long = "for", value_name = "TARGET")]
    pub(super) target: Option<Target>,
    #[command(flatten)]
    pub(super) vault: VaultLocation,
}

/// Where the feed is embedded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Target {
    /// A page, with the widget.
    Html,
    /// A page that PHP renders, without a script.
    Php,
    /// WordPress, with the plug-in.
    Wordpress,
    /// Next.js, without a script in the browser.
    Nextjs,
}

impl Target {
    const fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Php => "php",
            Self::Wordpress => "wordpress",
            Self::Nextjs => "nextjs",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Html => "HTML, with the widget",
            Self::Php => "PHP, without a script",
            Self::Wordpress => "WordPress, with the plug-in of integrations/wordpress",
            Self::Nextjs => "Next.js, without a script in the browser",
        }
    }

    /// The lines to paste. The URLs contain no character that one of these languages treats specially.
    ///
    /// The content of the widget's element is what visitors see while no script runs.
    fn lines(self, feed: &FeedStatus, urls: &FeedUrls) -> String {
        let FeedUrls { json, html, widget, .. } = urls;
        match self {
            Self::Html => format!(
                "<script type=\"module\" src=\"{widget}\"></script>\n\
                 <style>{}</style>\n\
                 <evertoken-feed src=\"{json}\" posts=\"{}\"><a href=\"{html}\">Our photos on Instagram</a></evertoken-feed>",
                reserved_room(feed.posts),
                feed.posts.max(1)
            ),
            Self::Php => format!(
                "<?= @file_get_contents('{html}', false, stream_context_create(['http' => ['timeout' => 3]])) ?>"
            ),
            Self::Wordpress => format!("[evertoken_feed src=\"{html}\"]"),
            Self::Nextjs => format!(
                "export default async function InstagramFeed() {{\n  \
                   const response = await fetch(\"{html}\", {{ next: {{ revalidate: 300 }} }});\n  \
                   return <div dangerouslySetInnerHTML={{{{ __html: response.ok ? await response.text() : \"\" }}}} />;\n\
                 }}"
            ),
        }
    }
}

/// The rule that reserves room for a grid of three columns until the script arrives (docs/feed-widget.md).
///
/// The gaps of more than three rows are padding, because a margin would collapse with that of the next element. Padding
/// cannot be negative, and a negative margin does not collapse.
fn reserved_room(posts: usize) -> String {
    let rows = posts.max(1).div_ceil(3);
    let side = if rows > 3 { "padding-bottom" } else { "margin-bottom" };
    format!(
        "evertoken-feed:not(:defined) {{ display: block; box-sizing: content-box; aspect-ratio: 3 / {rows}; \
         {side}: calc(({rows} / 3 - 1) * 8px); }}"
    )
}

/// Prints the lines for one target, or for all of them with a title each.
pub(super) fn print(feed: &FeedStatus, target: Option<Target>, context: &Context) -> Result<ExitStatus> {
    let urls = urls(feed)?;
    if context.is_json() {
        let targets = target.map_or_else(|| Target::value_variants().to_vec(), |target| vec![target]);
        let lines = targets.into_iter().map(|target| (target.name().to_owned(), Value::from(target.lines(feed, urls))));
        output::json(&lines.collect::<Map<_, _>>())?;
    } else if let Some(target) = target {
        output::data(&target.lines(feed, urls))?;
    } else {
        let titled = |target: &Target| format!("{}:\n\n{}", target.title(), indented(&target.lines(feed, urls)));
        output::data(&Target::value_variants().iter().map(titled).collect::<Vec<_>>().join("\n\n"))?;
    }
    Ok(ExitStatus::Ok)
}

fn indented(lines: &str) -> String {
    lines.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
