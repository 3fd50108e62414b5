//! `evertoken feed embed`: the lines that put a feed on a page.

use clap::ValueEnum;

use super::addresses::Addresses;

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
    const fn title(self) -> &'static str {
        match self {
            Self::Html => "HTML, with the widget",
            Self::Php => "PHP, without a script",
            Self::Wordpress => "WordPress, with the plug-in in integrations/wordpress",
            Self::Nextjs => "Next.js, without a script in the browser",
        }
    }

    /// The lines to paste. Addresses consist of characters that none of these languages treats specially.
    pub(super) fn lines(self, addresses: &Addresses) -> String {
        let Addresses { widget, json, html, .. } = addresses;
        match self {
            Self::Html => format!(
                "<script type=\"module\" src=\"{widget}\"></script>\n<evertoken-feed src=\"{json}\"></evertoken-feed>\n"
            ),
            Self::Php => format!(
                "<?= @file_get_contents('{html}', false, stream_context_create(['http' => ['timeout' => 3]])) ?>\n"
            ),
            Self::Wordpress => format!("[evertoken_feed src=\"{html}\"]\n"),
            Self::Nextjs => format!(
                "export default async function InstagramFeed() {{\n  \
                   const response = await fetch(\"{html}\", {{ next: {{ revalidate: 300 }} }});\n  \
                   return <div dangerouslySetInnerHTML={{{{ __html: response.ok ? await response.text() : \"\" }}}} />;\n\
                 }}\n"
            ),
        }
    }
}

/// The lines for one target, or for all of them with a title each.
pub(super) fn text(target: Option<Target>, addresses: &Addresses) -> String {
    match target {
        Some(target) => target.lines(addresses),
        None => {
            let titled = |target: &Target| format!("{}:\n\n{}", target.title(), indent(&target.lines(addresses)));
            Target::value_variants().iter().map(titled).collect::<Vec<_>>().join("\n")
        }
    }
}

fn indent(lines: &str) -> String {
    lines.lines().map(|line| format!("  {line}\n")).collect()
}
