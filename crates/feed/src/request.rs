//! What the publisher is asked to do, and what it answers. The command and the Lambda function exchange both as JSON.

use evertoken_core::account::AccountName;
use evertoken_core::media::CallUsage;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use url::Url;

use crate::report::Report;
use crate::settings::{FeedSettings, InvalidSettings, SettingsChange, parse_json};
use crate::state::PollError;

/// What the publisher should do, such as `{"action":"publish","account":"shop"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Publish all feeds that are due.
    PublishDue,
    /// Publish one feed now.
    Publish {
        /// The account.
        account: AccountName,
    },
    /// Enable a feed or change its settings, and publish it now.
    Enable {
        /// The account.
        account: AccountName,
        /// The settings to change.
        #[serde(default)]
        settings: Box<SettingsChange>,
    },
    /// Remove a feed with its settings and pictures.
    Disable {
        /// The account.
        account: AccountName,
    },
    /// Show all feeds.
    List,
    /// Show one feed.
    Show {
        /// The account.
        account: AccountName,
    },
}

impl Request {
    /// Parses a Lambda's input: `{}` or a scheduled event, which both mean all feeds that are due, or a request.
    pub fn parse(input: &Value) -> Result<Self, InvalidSettings> {
        let is_schedule = input.is_null() || input.get("detail-type").is_some();
        if is_schedule || input.as_object().is_some_and(serde_json::Map::is_empty) {
            return Ok(Self::PublishDue);
        }
        parse_json(input.to_string().as_bytes())
    }
}

/// What the publisher did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Response {
    /// Feeds were published.
    Published {
        /// What the run did.
        report: Report,
    },
    /// A feed is enabled.
    Enabled {
        /// The feed after it was published.
        feed: Box<FeedStatus>,
        /// What the run did.
        report: Report,
    },
    /// A feed was removed.
    Disabled {
        /// The account.
        account: AccountName,
    },
    /// All feeds in the order of their names.
    Feeds {
        /// The feeds.
        feeds: Vec<FeedStatus>,
    },
    /// One feed.
    Feed {
        /// The feed.
        feed: Box<FeedStatus>,
    },
}

/// What is known about one feed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeedStatus {
    /// The account.
    pub account: AccountName,
    /// The settings, if they are valid.
    pub settings: Option<FeedSettings>,
    /// What is wrong with the settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings_error: Option<String>,
    /// The addresses, if the settings are valid.
    pub urls: Option<FeedUrls>,
    /// Number of posts in the feed.
    pub posts: usize,
    /// Number of posts that are missing, or lack a picture that could not be used.
    pub left_out: usize,
    /// Whether the posts may be out of date.
    pub stale: bool,
    /// Whether pictures are missing that the next run can download.
    pub pending: bool,
    /// When a poll last changed the feed.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub updated_at: Option<OffsetDateTime>,
    /// When Instagram was last asked for the posts.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub polled_at: Option<OffsetDateTime>,
    /// When Instagram last answered.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub succeeded_at: Option<OffsetDateTime>,
    /// When the next poll is due. `None` for at once.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub next_poll_at: Option<OffsetDateTime>,
    /// How much of the account's budget of calls was used.
    pub usage: Option<CallUsage>,
    /// Why the last poll failed.
    pub error: Option<PollError>,
}

/// The addresses of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedUrls {
    /// The JSON Feed.
    pub json: Url,
    /// The HTML fragment.
    pub html: Url,
    /// The Atom feed.
    pub atom: Url,
    /// The widget's script.
    pub widget: Url,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::settings::{KeyChoice, PostCount};

    #[test]
    fn scheduled_events_and_empty_input_publish_what_is_due() {
        let schedule = json!({"version": "0", "detail-type": "Scheduled Event", "detail": {}});
        for input in [json!(null), json!({}), schedule, json!({"action": "publish_due"})] {
            assert_eq!(Request::parse(&input), Ok(Request::PublishDue), "{input}");
        }
    }

    #[test]
    fn requests_are_parsed_with_clear_errors() {
        let account: AccountName = "shop".parse().unwrap();
        let input = json!({"action": "enable", "account": "shop", "settings": {"key": "unlisted", "posts": 6}});
        let posts = PostCount::try_from(6).ok();
        let settings = SettingsChange { key: Some(KeyChoice::Unlisted), posts, ..SettingsChange::default() };
        let request = Request::Enable { account: account.clone(), settings: Box::new(settings) };
        assert_eq!(Request::parse(&input), Ok(request.clone()));
        assert_eq!(serde_json::to_value(&request).unwrap(), input);
        let minimal = Request::Enable { account, settings: Box::default() };
        assert_eq!(Request::parse(&json!({"action": "enable", "account": "shop"})), Ok(minimal));
        for (input, part) in [
            (json!({"action": "show_off"}), "unknown variant `show_off`, expected one of `publish_due`"),
            (json!({"action": "publish", "account": "Shop DE"}), "not a valid account name"),
            (json!({"action": "publish"}), "missing field `account`"),
            (json!({"action": "publish", "account": "a", "force": true}), "unknown field `force`"),
            (json!({"action": "enable", "account": "a", "settings": {"layout": "x"}}), "expected one of `grid`"),
            (json!([1]), "invalid"),
        ] {
            let error = Request::parse(&input).unwrap_err().to_string();
            assert!(error.contains(part), "{input}: {error}");
        }
    }
}
