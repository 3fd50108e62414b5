//! Computes the cost table of feeds in `docs/cost.md` from counted requests, log lines and bytes, and from AWS's prices.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use evertoken_tests::deployment::Deployment;
use evertoken_tests::feed_function::FeedFunction;
use evertoken_tests::template::Template;
use evertoken_tests::wait;
use serde_json::{Value, json};
use time::Duration;

use crate::cost::{HOURS_PER_MONTH, PLATFORM_LOG, assert_documented, dollars, number, price};

/// AWS's price list for us-east-1 in November 2026, in dollars, without any free tier.
mod feed_price {
    pub(super) const S3_WRITE: f64 = 0.005 / 1_000.0;
    pub(super) const S3_READ: f64 = 0.0004 / 1_000.0;
    pub(super) const S3_GB_MONTH: f64 = 0.023;
}

/// One run every 15 minutes.
const RUNS_PER_MONTH: f64 = HOURS_PER_MONTH * 4.0;

/// One changed post a day for each feed.
const CHANGES_PER_MONTH: f64 = HOURS_PER_MONTH / 24.0;

/// Assumptions about AWS and Instagram, since moto and the sandbox respond at once.
const SECONDS_PER_RUN: f64 = 0.3;
const SECONDS_PER_FEED_NOT_DUE: f64 = 0.01;
const SECONDS_PER_POLL: f64 = 1.0;
const SECONDS_PER_CHANGE: f64 = 3.0;

/// A page view in the worst case: a feed, the widget and twelve pictures, none of them in the browser's cache.
const REQUESTS_PER_VIEW: f64 = 14.0;

/// CloudFront's requests that are free for ever, each month.
const FREE_REQUESTS: f64 = 10_000_000.0;

/// Billed requests: writes and lists of S3, reads of S3, and calls of Secrets Manager.
#[derive(Clone, Copy, Debug, Default)]
struct Requests {
    writes: f64,
    reads: f64,
    secrets_calls: f64,
}

impl Requests {
    fn of(counts: &BTreeMap<String, usize>) -> Self {
        let mut requests = Self::default();
        for (name, count) in counts {
            let bill = match name.as_str() {
                "s3:PutObject" | "s3:ListBucket" => &mut requests.writes,
                "s3:GetObject" => &mut requests.reads,
                name if name.starts_with("secretsmanager.") => &mut requests.secrets_calls,
                // Free.
                "s3:DeleteObject" => continue,
                other => panic!("{other} has no price"),
            };
            *bill += number(*count);
        }
        requests
    }

    fn since(self, before: Self) -> Self {
        Self {
            writes: self.writes - before.writes,
            reads: self.reads - before.reads,
            secrets_calls: self.secrets_calls - before.secrets_calls,
        }
    }
}

/// What was counted for feeds of twelve posts.
#[derive(Clone, Copy, Debug)]
struct Counted {
    /// A run in which no feed is due, without feeds.
    run: Requests,
    /// A feed in it.
    feed_not_due: Requests,
    /// A poll that finds nothing new.
    poll: Requests,
    /// Pictures of one post.
    pictures_per_post: f64,
    /// Bytes of one feed with its pictures.
    bytes: f64,
    /// Bytes that a run logs.
    log: f64,
}

async fn count() -> Counted {
    let deployment =
        Deployment::new().await.with_parameters(&[("Feed", "on")]).with_variables(&[("AWS_LAMBDA_LOG_LEVEL", "INFO")]);
    let feed = FeedFunction::start(&deployment).await;
    let requests = || Requests::of(&feed.aws.requests());
    let invoke = async |input: Value| {
        let before = requests();
        let response = feed.invoke(&input).await;
        assert_eq!(response["report"]["failures"], json!([]), "{response}");
        (requests().since(before), response)
    };
    for name in ["shop-1", "shop-2", "shop-3"] {
        deployment.add_account(name, Duration::days(5)).await;
    }
    let mut posts = 0;
    let mut idle = Vec::new();
    for (enabled, name) in ["shop-1", "shop-2", "shop-3"].into_iter().enumerate() {
        let (_, response) = invoke(json!({"action": "enable", "account": name})).await;
        posts += response["feed"]["posts"].as_u64().unwrap();
        let (run, response) = invoke(json!({"action": "publish_due"})).await;
        assert_eq!(response["report"]["not_due"], enabled + 1, "{response}");
        idle.push(run);
    }
    // Each feed adds the same.
    let feed_not_due = idle[1].since(idle[0]);
    let next = idle[2].since(idle[1]);
    assert!((feed_not_due.reads - next.reads).abs() < 0.5 && next.writes.abs() < 0.5, "{feed_not_due:?} {next:?}");
    let (poll, response) = invoke(json!({"action": "publish", "account": "shop-1"})).await;
    assert_eq!(response["report"]["unchanged"], 1, "{response}");
    let pages = feed.files.list_objects_v2().bucket(&feed.bucket).send().await.unwrap();
    let pictures = pages.contents().iter().filter(|file| file.key().unwrap().starts_with("img/")).count();
    let bytes: i64 = pages.contents().iter().filter_map(aws_sdk_s3::types::Object::size).sum();
    let last_line = "feeds published";
    let log =
        wait::until(last_line, || Some(feed.lambda.log()).filter(|log| log.matches(last_line).count() == 7)).await;
    let lines: usize = log.lines().filter(|line| line.starts_with('{')).map(|line| line.len() + 1).sum();
    Counted {
        run: idle[0].since(feed_not_due),
        feed_not_due,
        poll,
        pictures_per_post: number(pictures) / number(usize::try_from(posts).unwrap()),
        bytes: number(usize::try_from(bytes).unwrap()) / 3.0,
        log: number(lines) / 7.0,
    }
}

/// Polls in the day after a change: every 15 minutes at first, and then after an eighth of the time since the change
/// (`polling.rs` in `evertoken-feed`).
fn polls_per_day() -> f64 {
    let (mut hours, mut polls) = (0.0_f64, 0.0);
    while hours < 24.0 {
        hours += (hours / 8.0).clamp(0.25, 6.0);
        polls += 1.0;
    }
    polls
}

/// One column of the table.
fn monthly_cost(feeds: u32, counted: Counted) -> Vec<(&'static str, f64)> {
    let of_feeds = f64::from(feeds);
    let polls = of_feeds * polls_per_day() * CHANGES_PER_MONTH;
    let changes = of_feeds * CHANGES_PER_MONTH;
    let runs = RUNS_PER_MONTH;
    // A changed post: its pictures, the three formats of the feed, and the state before them.
    let writes_per_change = counted.pictures_per_post + 4.0;
    let writes = runs * counted.run.writes + polls * counted.poll.writes + changes * writes_per_change;
    let reads = runs * (counted.run.reads + of_feeds * counted.feed_not_due.reads) + polls * counted.poll.reads;
    let storage = of_feeds * counted.bytes / 1e9;
    // One call reads 20 accounts.
    let secrets_calls = runs * f64::from(feeds.div_ceil(20));
    let seconds = runs * (SECONDS_PER_RUN + of_feeds * SECONDS_PER_FEED_NOT_DUE)
        + polls * SECONDS_PER_POLL
        + changes * SECONDS_PER_CHANGE;
    let compute = (price::INVOCATION + price::SCHEDULED) * runs + price::GB_SECOND * memory_gb() * seconds;
    // Feeds, FeedsStale, FeedsFailed and ColdStart, in every hour.
    let metrics = price::METRIC * 4.0;
    let s3 = feed_price::S3_WRITE * writes + feed_price::S3_READ * reads + feed_price::S3_GB_MONTH * storage;
    let mut lines = vec![
        ("S3", s3),
        ("Secrets Manager API calls", price::SECRETS_CALL * secrets_calls),
        ("Lambda and EventBridge", compute),
        ("Logs", price::LOG_GB * runs * (counted.log + PLATFORM_LOG) / 1e9),
        ("Metrics", metrics),
    ];
    let total = lines.iter().map(|(_, amount)| amount).sum();
    let alarms =
        Template::feed().section("Resources").filter(|(_, resource)| resource["Type"] == "AWS::CloudWatch::Alarm");
    lines.extend([("**Total**", total), ("Optional: alarms", price::ALARM * number(alarms.count()))]);
    lines
}

fn memory_gb() -> f64 {
    Template::feed().0["Resources"]["Function"]["Properties"]["MemorySize"].as_f64().unwrap() / 1024.0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_cost_table_of_feeds_matches_the_counted_usage() {
    let counted = count().await;
    let months = [1, 100, 1_000].map(|feeds| monthly_cost(feeds, counted));
    let mut table =
        "| US dollars per month | 1 feed | 100 feeds | 1,000 feeds |\n| --- | --: | --: | --: |\n".to_owned();
    for (row, (name, _)) in months[0].iter().enumerate() {
        let bold = if name.starts_with('*') { "**" } else { "" };
        let cells = months.each_ref().map(|month| format!("{bold}{}{bold}", dollars(month[row].1)));
        writeln!(table, "| {name} | {} |", cells.join(" | ")).unwrap();
    }
    let views = FREE_REQUESTS / REQUESTS_PER_VIEW / (HOURS_PER_MONTH / 24.0);
    let views = format!("{},000 page views a day", (views / 1_000.0).floor());
    writeln!(std::io::stderr(), "{counted:?}\n{} polls a day\n{table}\n{views}", polls_per_day()).unwrap();
    assert_documented("docs/cost.md", &table);
    assert_documented("docs/cost.md", &views);
}
