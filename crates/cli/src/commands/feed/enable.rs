//! `evertoken feed enable`: the options of a feed.

use clap::Args;
use evertoken_core::account::AccountName;
use evertoken_core::media::MediaId;
use evertoken_feed::settings::{KeyChoice, Layout, PostCount, PostKind, SettingsChange, Word};

use crate::vault::location::VaultLocation;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Options {
    /// Account name, as shown by `evertoken list`.
    pub(super) name: AccountName,
    /// Name the files after a random key instead of the account, so that nobody can guess the addresses.
    #[arg(long)]
    unlisted: bool,
    /// Name the files after the account. This is the default of a new feed.
    #[arg(long, conflicts_with = "unlisted")]
    listed: bool,
    /// Name the files after a new random key. The old addresses stop working.
    #[arg(long, conflicts_with_all = ["unlisted", "listed"])]
    new_key: bool,
    /// Number of posts, from 1 to 100 [default: 12].
    #[arg(long, value_name = "NUMBER", value_parser = post_count)]
    posts: Option<PostCount>,
    /// Kinds of posts: image, video, album [default: all].
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    kinds: Option<Vec<PostKind>>,
    /// Include reels that are not in the account's main feed.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    off_feed_reels: Option<bool>,
    /// Show only posts with this word or hashtag in the caption. Can be repeated.
    #[arg(long, value_name = "WORD")]
    include: Option<Vec<Word>>,
    /// Hide posts with this word or hashtag in the caption. Can be repeated.
    #[arg(long, value_name = "WORD")]
    exclude: Option<Vec<Word>>,
    /// Show the post with this ID first. Can be repeated.
    #[arg(long, value_name = "ID")]
    pin: Option<Vec<MediaId>>,
    /// Hide the post with this ID. Can be repeated.
    #[arg(long, value_name = "ID")]
    hide: Option<Vec<MediaId>>,
    /// Layout of the HTML fragment: grid, row or list [default: grid].
    #[arg(long, value_name = "LAYOUT")]
    layout: Option<Layout>,
    /// Reset all other settings to their defaults.
    #[arg(long)]
    reset: bool,
    #[command(flatten)]
    pub(super) vault: VaultLocation,
}

fn post_count(text: &str) -> Result<PostCount, String> {
    let number: u64 = text.parse().map_err(|_| "use a number from 1 to 100".to_owned())?;
    PostCount::try_from(number).map_err(|error| error.to_string())
}

impl Options {
    /// What replaces the present settings.
    pub(super) fn change(self) -> SettingsChange {
        let key = match (self.unlisted, self.listed, self.new_key) {
            (true, _, _) => Some(KeyChoice::Unlisted),
            (_, true, _) => Some(KeyChoice::Name),
            (_, _, true) => Some(KeyChoice::NewUnlisted),
            _ => None,
        };
        let change = SettingsChange {
            key,
            posts: self.posts,
            kinds: self.kinds,
            off_feed_reels: self.off_feed_reels,
            include: self.include,
            exclude: self.exclude,
            pinned: self.pin,
            hidden: self.hide,
            layout: self.layout,
        };
        if self.reset { or_defaults(change) } else { change }
    }
}

/// The same change, with the default of every setting that it does not name.
fn or_defaults(change: SettingsChange) -> SettingsChange {
    SettingsChange {
        key: change.key,
        posts: change.posts.or(Some(PostCount::default())),
        kinds: change.kinds.or_else(|| Some(PostKind::ALL.to_vec())),
        off_feed_reels: change.off_feed_reels.or(Some(false)),
        include: change.include.or(Some(Vec::new())),
        exclude: change.exclude.or(Some(Vec::new())),
        pinned: change.pinned.or(Some(Vec::new())),
        hidden: change.hidden.or(Some(Vec::new())),
        layout: change.layout.or(Some(Layout::default())),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use evertoken_feed::settings::FeedSettings;
    use serde_json::json;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        options: Options,
    }

    /// An option for each setting.
    const EVERYTHING: &str = "--posts 3 --kinds video,album --off-feed-reels --include #coffee --include tea \
         --exclude #ad --pin 1790 --hide 1791 --layout row";

    /// What `evertoken feed enable shop` changes with these options.
    fn change(options: &str) -> SettingsChange {
        let command = format!("enable shop {options}");
        Command::try_parse_from(command.split_whitespace()).unwrap().options.change()
    }

    #[test]
    fn each_option_changes_its_setting() {
        let expected = json!({
            "posts": 3,
            "kinds": ["video", "album"],
            "off_feed_reels": true,
            "include": ["#coffee", "tea"],
            "exclude": ["#ad"],
            "pinned": ["1790"],
            "hidden": ["1791"],
            "layout": "row",
        });
        assert_eq!(serde_json::to_value(change(EVERYTHING)).unwrap(), expected);
        for (option, key) in
            [("--unlisted", KeyChoice::Unlisted), ("--listed", KeyChoice::Name), ("--new-key", KeyChoice::NewUnlisted)]
        {
            assert_eq!(change(option), SettingsChange { key: Some(key), ..SettingsChange::default() });
        }
        assert_eq!(change(""), SettingsChange::default());
    }

    #[test]
    fn a_reset_restores_the_defaults_of_what_is_not_named_and_keeps_the_key() {
        let default = FeedSettings::new("shop".parse().unwrap());
        let changed = change(EVERYTHING).apply(default.clone());
        assert_eq!(change("--reset").key, None);
        assert_eq!(change("--reset").apply(changed), default);
        assert_eq!(change(&format!("--reset {EVERYTHING}")), change(EVERYTHING));
    }
}
