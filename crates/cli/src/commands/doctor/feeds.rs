//! Checks the feeds of a vault.

use evertoken_feed::request::{FeedStatus, Request, Response};

use super::finding::{Finding, Severity};
use crate::aws::stack::Stack;
use crate::context::Context;
use crate::feeds::any_publisher::AnyPublisher;
use crate::terminal::plural::counted;
use crate::vault::location::VaultLocation;
use crate::vault::vault_option::VaultOption;

const SUBJECT: &str = "feeds";

/// Checks the feeds in the folder of a file vault.
pub(super) async fn check_local(location: &VaultLocation, context: &Context) -> Vec<Finding> {
    match AnyPublisher::at(location, context).await {
        Ok(publisher) => check(&publisher, context).await,
        // Other checks report what is wrong with the vault and the configuration.
        Err(_) => Vec::new(),
    }
}

/// Checks the feeds of a stack, if it has any.
pub(super) async fn check_stack(stack: &Stack, context: &Context) -> Vec<Finding> {
    match AnyPublisher::of_stack(stack) {
        Ok(publisher) => check(&publisher, context).await,
        Err(_) => Vec::new(),
    }
}

async fn check(publisher: &AnyPublisher, context: &Context) -> Vec<Finding> {
    let vault = &context.vault_option;
    let feeds = match publisher.run(Request::List, context).await {
        Ok(Response::Feeds { feeds }) => feeds,
        Ok(_) => return Vec::new(),
        Err(error) => return vec![Finding { state: Severity::Warning, ..Finding::failure(SUBJECT, &error, vault) }],
    };
    if feeds.is_empty() {
        return Vec::new();
    }
    let problems: Vec<_> = feeds.iter().filter_map(|feed| problem(feed, vault)).collect();
    if problems.is_empty() {
        vec![Finding::ok(SUBJECT, format!("{} up to date", counted(feeds.len(), "feed")))]
    } else {
        problems
    }
}

/// What is wrong with one feed.
fn problem(feed: &FeedStatus, vault: &VaultOption) -> Option<Finding> {
    let subject = format!("feed {}", feed.account);
    let command = |words: &str| vault.command(&format!("feed {words} {}", feed.account));
    if let Some(reason) = &feed.settings_error {
        let remedy = format!("Replace them with: {} --reset", command("enable"));
        return Some(Finding::problem(subject, format!("the settings are invalid: {reason}"), remedy));
    }
    if let Some(error) = &feed.error {
        let remedy =
            format!("{} The last feed stays published. To try again now: {}", error.message, command("refresh"));
        let text = if feed.stale { "the posts are out of date" } else { "the last attempt to publish it failed" };
        let finding = if feed.stale { Finding::problem } else { Finding::warning };
        return Some(finding(subject, text.to_owned(), remedy));
    }
    if feed.stale {
        let remedy = format!("Nothing has published it for a day. To publish it now: {}", command("refresh"));
        return Some(Finding::problem(subject, "the posts are out of date", remedy));
    }
    if feed.succeeded_at.is_some() && feed.posts == 0 {
        let remedy = format!(
            "The account is connected, but Instagram returned no post that the feed's settings allow. Check that the \
             account has posts that are not stories, and the filters: {}",
            command("show")
        );
        return Some(Finding::warning(subject, "the feed has no posts", remedy));
    }
    (feed.left_out > 0).then(|| {
        let text = format!("{} could not be shown with a picture", counted(feed.left_out, "post"));
        let remedy = "Instagram withholds the pictures of some posts, for example of those with licensed music. They are \
             shown as links, or left out.";
        Finding::warning(subject, text, remedy)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn judged(changes: &Value) -> Option<(Severity, String)> {
        let mut feed = json!({"account": "shop", "settings": null, "urls": null, "posts": 3, "left_out": 0,
            "stale": false, "pending": false, "succeeded_at": "2026-11-22T05:00:00Z", "usage": null, "error": null});
        feed.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let feed: FeedStatus = serde_json::from_value(feed).unwrap();
        problem(&feed, &VaultOption::default()).map(|finding| (finding.state, finding.text))
    }

    #[test]
    fn each_state_of_a_feed_is_judged() {
        let error = json!({"at": "2026-11-22T05:00:00Z", "kind": "transient", "message": "Instagram is down."});
        for (changes, state, text) in [
            (json!({"settings_error": "bad"}), Severity::Problem, "the settings are invalid: bad"),
            (json!({"error": error, "stale": true}), Severity::Problem, "the posts are out of date"),
            (json!({"error": error}), Severity::Warning, "the last attempt to publish it failed"),
            (json!({"stale": true}), Severity::Problem, "the posts are out of date"),
            (json!({"posts": 0}), Severity::Warning, "the feed has no posts"),
            (json!({"left_out": 2}), Severity::Warning, "2 posts could not be shown with a picture"),
        ] {
            assert_eq!(judged(&changes), Some((state, text.to_owned())), "{changes}");
        }
        assert_eq!(judged(&json!({})), None);
        assert_eq!(judged(&json!({"posts": 0, "succeeded_at": null})), None, "not published yet");
    }
}
