//! The figures in the documentation: marked blocks that are rendered from the committed results.
//!
//! A block begins with `<!-- result: NAME -->` and ends with `<!-- end -->`, each on a line of its own.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::measurements::facebook_year::FacebookYear;
use crate::measurements::feed_page::FeedPages;
use crate::measurements::feeds::Feeds;
use crate::measurements::instructions::Instructions;
use crate::measurements::login_wait::LoginWaits;
use crate::measurements::packed_year::PackedYears;
use crate::measurements::pictures::Pictures;
use crate::measurements::refresh_run::RefreshRuns;
use crate::measurements::size::Sizes;
use crate::measurements::start::Starts;
use crate::measurements::warm::WarmInvocations;
use crate::provenance::Provenance;
use crate::results::{Measurements, Recorded};
use crate::survival::{Survival, chart, tables};

/// The documents with blocks.
const DOCUMENTS: [&str; 5] = [
    "README.md",
    "docs/benchmarks.md",
    "docs/many-accounts.md",
    "docs/survival.md",
    "docs/decisions/0036-let-operators-renew-later.md",
];

const CHART: &str = "docs/survival.svg";

const END: &str = "<!-- end -->";

/// The longest line of a paragraph.
const LINE: usize = 120;

/// The text of each file that contains figures, rendered from the results under `root`.
///
/// # Errors
/// If a result is missing or incomplete, or a document has an unknown block.
pub fn render(root: &Path) -> Result<BTreeMap<String, String>> {
    let blocks = blocks(root)?;
    let mut files = BTreeMap::new();
    for document in DOCUMENTS {
        let text = std::fs::read_to_string(root.join(document)).with_context(|| format!("cannot read {document}"))?;
        files.insert(document.to_owned(), replace_blocks(&text, &blocks).with_context(|| document)?);
    }
    let survival = Recorded::<Survival>::read(root)?;
    files.insert(CHART.to_owned(), chart::draw(&survival.measurements));
    Ok(files)
}

/// Renders all files, and writes them if every result can be published.
///
/// # Errors
/// See [`render`]. No file changes then.
pub fn publish(root: &Path) -> Result<()> {
    for (path, text) in render(root)? {
        std::fs::write(root.join(&path), text).with_context(|| format!("cannot write {path}"))?;
    }
    Ok(())
}

/// The content of each block by name.
fn blocks(root: &Path) -> Result<BTreeMap<&'static str, String>> {
    let survival = Recorded::<Survival>::read(root)?;
    let start = Recorded::<Starts>::read(root)?;
    let warm = Recorded::<WarmInvocations>::read(root)?;
    let login = Recorded::<LoginWaits>::read(root)?;
    let size = Recorded::<Sizes>::read(root)?;
    let run = Recorded::<RefreshRuns>::read(root)?;
    let instructions = Recorded::<Instructions>::read(root)?;
    let feed_page = Recorded::<FeedPages>::read(root)?;
    let pictures = Recorded::<Pictures>::read(root)?;
    let feeds = Recorded::<Feeds>::read(root)?;
    let facebook = Recorded::<FacebookYear>::read(root)?;
    let packed = Recorded::<PackedYears>::read(root)?;
    let years = &survival.measurements;
    Ok([
        ("survival-summary", paragraph(&tables::summary(years))),
        ("survival-provenance", paragraph(&measured(&survival.provenance, "survival"))),
        ("survival-fault-rates", tables::fault_rates(years)),
        ("survival-older-token-valid", tables::older_token_valid(years)),
        ("survival-older-token-dies", tables::older_token_dies(years)),
        ("survival-reported-errors", tables::reported_errors(years)),
        ("survival-renewal-age", tables::renewal_age(years)),
        ("survival-fleet-size", tables::fleet_size(years)),
        ("survival-strategies", tables::strategies()),
        (
            "facebook-year",
            paragraph(&format!(
                "{} {}",
                facebook.measurements.summary(),
                measured(&facebook.provenance, FacebookYear::NAME)
            )),
        ),
        (
            "start",
            compared(
                &start,
                &start.measurements.table(),
                &format!("Medians of {} starts, in milliseconds.", start.measurements.rounds()),
            ),
        ),
        (
            "warm",
            compared(
                &warm,
                &warm.measurements.table(),
                &format!("Medians of {} invocations, in milliseconds.", warm.measurements.invocations()),
            ),
        ),
        (
            "login",
            compared(
                &login,
                &login.measurements.table(),
                &format!("Medians of {} logins, in milliseconds.", login.measurements.logins()),
            ),
        ),
        ("size", compared(&size, &size.measurements.table(), "")),
        ("feed-page", compared(&feed_page, &feed_page.measurements.table(), "")),
        (
            "pictures",
            compared(
                &pictures,
                &pictures.measurements.table(),
                &format!("Medians of {} runs.", pictures.measurements.rounds()),
            ),
        ),
        ("feeds", compared(&feeds, &feeds.measurements.table(), &format!("{} feeds.", feeds.measurements.count()))),
        ("run", compared(&run, &run.measurements.table(), "")),
        ("packed-year", compared(&packed, &packed.measurements.table(), "")),
        ("instructions", compared(&instructions, &instructions.measurements.table(), "In millions, on x86_64.")),
        ("tools", tools(&start.provenance)),
    ]
    .into())
}

/// A table, and where it comes from.
fn compared<M: Measurements>(recorded: &Recorded<M>, table: &str, caption: &str) -> String {
    let source = format!("{caption} {}", measured(&recorded.provenance, M::NAME));
    format!("{}\n\n{table}", paragraph(source.trim()))
}

fn measured(provenance: &Provenance, name: &str) -> String {
    let machine = |key: &str| provenance.machine.get(key).map_or("unknown", String::as_str);
    format!(
        "Measured with `{}` ({}; {} cores, load average {}; raw result: `bench/results/{name}.json`).",
        provenance.command,
        provenance.summary(),
        machine("cores"),
        machine("load_average"),
    )
}

/// The versions of compilers, runtimes and packages.
fn tools(provenance: &Provenance) -> String {
    let rows: Vec<_> = provenance.tools.iter().map(|(name, version)| format!("| {name} | {version} |")).collect();
    format!("| Tool | Version |\n| --- | --- |\n{}", rows.join("\n"))
}

/// Wraps a paragraph.
fn paragraph(text: &str) -> String {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > LINE {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.join("\n")
}

fn replace_blocks(text: &str, blocks: &BTreeMap<&str, String>) -> Result<String> {
    let mut rendered = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        rendered.push_str(line);
        rendered.push('\n');
        let Some(name) = line.strip_prefix("<!-- result: ").and_then(|rest| rest.strip_suffix(" -->")) else {
            continue;
        };
        let block = blocks.get(name).with_context(|| format!("no result is called {name:?}"))?;
        if !lines.any(|line| line == END) {
            bail!("the block {name:?} does not end");
        }
        rendered.extend(["\n", block, "\n\n", END, "\n"]);
    }
    Ok(rendered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_the_content_of_blocks_and_keeps_the_rest() {
        let blocks = BTreeMap::from([("size", "new".to_owned())]);
        let text = "Before\n\n<!-- result: size -->\nold\n<!-- end -->\n\nAfter\n";
        let rendered = replace_blocks(text, &blocks).unwrap();
        assert_eq!(rendered, "Before\n\n<!-- result: size -->\n\nnew\n\n<!-- end -->\n\nAfter\n");
        assert_eq!(replace_blocks(&rendered, &blocks).unwrap(), rendered);
    }

    #[test]
    fn refuses_unknown_blocks_and_blocks_without_an_end() {
        let blocks = BTreeMap::from([("size", "new".to_owned())]);
        assert!(replace_blocks("<!-- result: unknown -->\n<!-- end -->\n", &blocks).is_err());
        assert!(replace_blocks("<!-- result: size -->\nold\n", &blocks).is_err());
    }

    #[test]
    fn wraps_paragraphs_at_120_characters() {
        let text = paragraph(&"word ".repeat(50));
        assert!(text.lines().all(|line| line.len() <= LINE) && text.lines().count() == 3, "{text}");
    }
}
