//! What a month costs: calls and log lines are counted here, prices are AWS's, and the table is README's.

use std::fmt::Write as _;
use std::io::Write as _;

use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::embedded_metrics;
use evertoken_tests::rie::Lambda;
use evertoken_tests::template::Template;
use evertoken_tests::{venv, waiting};
use serde_json::json;
use time::Duration;

/// AWS's price list for us-east-1 in November 2026, in dollars, without any free tier.
mod price {
    pub(super) const SECRET: f64 = 0.40;
    pub(super) const SECRETS_CALL: f64 = 0.05 / 10_000.0;
    pub(super) const INVOCATION: f64 = 0.20 / 1e6;
    /// arm64.
    pub(super) const GB_SECOND: f64 = 0.000_013_333_4;
    pub(super) const SCHEDULED: f64 = 1.00 / 1e6;
    pub(super) const EVENT: f64 = 1.00 / 1e6;
    pub(super) const PAGE: f64 = 1.00 / 1e6;
    /// Taken in once, and kept for three months (the template's `LogRetentionDays`) at $0.03, compressed or not.
    pub(super) const LOG_GB: f64 = 0.50 + 3.0 * 0.03;
    /// Paid for by the hour in which it is written.
    pub(super) const METRIC: f64 = 0.30;
    pub(super) const ALARM: f64 = 0.10;
    pub(super) const DASHBOARD: f64 = 3.00;
    pub(super) const KEY: f64 = 1.00;
    pub(super) const KEY_CALL: f64 = 0.03 / 10_000.0;
}

const HOURS: f64 = 730.0;

/// Every six hours.
const RUNS: f64 = HOURS / 6.0;

/// Of an account: it is due on its token's 20th day.
const RENEWALS: f64 = HOURS / 24.0 / 20.0;

/// Of an account: once a year.
const LOGINS: f64 = 1.0 / 12.0;

/// Assumed of AWS and Instagram, since what stands in for them here takes no time.
const SECONDS_PER_CALL: f64 = 0.05;
const SECONDS_PER_RENEWAL: f64 = 1.0;
const SECONDS_PER_LOGIN: f64 = 3.0;

/// What Lambda itself writes about an invocation, in bytes.
const PLATFORM_LINES: f64 = 900.0;

/// What something takes: calls of Secrets Manager, events, bytes of log.
#[derive(Clone, Copy, Debug)]
struct Taken {
    secrets: f64,
    events: f64,
    log: f64,
}

impl Taken {
    async fn so_far(aws: &AwsProxy, lambda: &Lambda, last_line: &str, lines: usize) -> Self {
        let log = || Some(lambda.log()).filter(|log| log.matches(last_line).count() == lines);
        let log = waiting::until(last_line, log).await;
        let ours: usize = log.lines().filter(|line| line.starts_with('{')).map(|line| line.len() + 1).sum();
        let events = aws.count("PutEvents");
        let secrets = aws.calls().values().sum::<usize>() - events;
        Self { secrets: number(secrets), events: number(events), log: number(ours) }
    }

    fn since(self, before: Self) -> Self {
        let (secrets, events) = (self.secrets - before.secrets, self.events - before.events);
        Self { secrets, events, log: self.log - before.log }
    }
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

async fn deployment() -> (Deployment, AwsProxy) {
    let aws = AwsProxy::start().await;
    let changed = [("AWS_ENDPOINT_URL", aws.endpoint()), ("AWS_LAMBDA_LOG_LEVEL", "INFO")];
    (Deployment::new().await.with_variables(&changed), aws)
}

/// A run that renews so many accounts, and the next one, that has nothing to do.
async fn runs(accounts: usize) -> (Taken, Taken) {
    const LAST: &str = "refresh run completed";
    let (stack, aws) = deployment().await;
    for number in 0..accounts {
        stack.plant(&format!("shop-{number}"), Duration::days(21)).await;
    }
    let refresh = stack.refresh().await;
    assert_eq!(refresh.invoke(&json!({"version": 1})).await["refreshed"], accounts);
    let first = Taken::so_far(&aws, &refresh, LAST, 1).await;
    assert_eq!(refresh.invoke(&json!({"version": 1})).await["too_young"], accounts);
    let both = Taken::so_far(&aws, &refresh, LAST, 2).await;
    (first, both.since(first))
}

async fn login() -> Taken {
    let (stack, aws) = deployment().await;
    let callback = stack.callback().await;
    let page = stack.browser(&callback).log_in(&stack.invite("shop-de"), Consent::allow("blue_bottle")).await;
    assert_eq!(page.status, 200);
    Taken::so_far(&aws, &callback, "request handled", 3).await
}

/// How many calls an idle run takes: names come by 100, documents by 20.
fn looking(accounts: u32) -> f64 {
    f64::from(accounts.div_ceil(100) + accounts.div_ceil(20))
}

/// One column of the table.
fn month(accounts: u32, idle: Taken, renewal: Taken, login: Taken) -> Vec<(&'static str, f64)> {
    let of = f64::from(accounts);
    let (renewals, logins) = (of * RENEWALS, of * LOGINS);
    let pages = 3.0 * logins;
    let secrets = price::SECRET * (of + 2.0);
    let calls = RUNS * looking(accounts) + renewals * renewal.secrets + logins * login.secrets;
    let seconds =
        RUNS * looking(accounts) * SECONDS_PER_CALL + renewals * SECONDS_PER_RENEWAL + logins * SECONDS_PER_LOGIN;
    let memory = memory_gb();
    let machines = price::INVOCATION * (RUNS + pages)
        + price::GB_SECOND * memory * seconds
        + price::SCHEDULED * RUNS
        + price::PAGE * pages
        + price::EVENT * (renewals * renewal.events + logins * login.events);
    let log = RUNS * (idle.log + PLATFORM_LINES) + renewals * renewal.log + logins * login.log + pages * PLATFORM_LINES;
    // A run's metrics in the hours that have a run, a login's in those that have a login.
    let metrics = price::METRIC * (9.0 * RUNS + 4.0 * logins.min(HOURS)) / HOURS;
    let mut lines = vec![
        ("secrets: one an account, and Evertoken's own two", secrets),
        ("calls of Secrets Manager", price::SECRETS_CALL * calls),
        ("both Lambdas, the schedule, the API, events", machines),
        ("logs", price::LOG_GB * log / 1e9),
        ("metrics", metrics),
    ];
    let sum = lines.iter().map(|(_, amount)| amount).sum();
    let made = |kind: &str| {
        number(Template::alarms().section("Resources").filter(|(_, resource)| resource["Type"] == kind).count())
    };
    let watching =
        price::ALARM * made("AWS::CloudWatch::Alarm") + price::DASHBOARD * made("AWS::CloudWatch::Dashboard");
    let key = price::KEY + price::KEY_CALL * (RUNS * of + 2.0 * renewals);
    lines.extend([
        ("**Evertoken**", sum),
        ("alarms and dashboard, where you have them made", watching),
        ("a KMS key of your own, where you give one", key),
    ]);
    lines
}

fn memory_gb() -> f64 {
    Template::main().0["Resources"]["RefreshFunction"]["Properties"]["MemorySize"].as_f64().unwrap() / 1024.0
}

fn dollars(amount: f64) -> String {
    if amount < 0.005 { "less than 0.01".to_owned() } else { format!("{amount:.2}") }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_in_readme_follows_from_what_was_counted() {
    let ((_, idle_one), (renewing, idle), login) = tokio::join!(runs(1), runs(100), login());
    // What a thousand accounts take is reckoned; these two say that the reckoning is right.
    assert!(
        (idle_one.secrets - looking(1)).abs() < 0.5 && (idle.secrets - looking(100)).abs() < 0.5,
        "{idle_one:?} {idle:?}"
    );
    let all = renewing.since(idle);
    let renewal = Taken { secrets: all.secrets / 100.0, events: all.events / 100.0, log: all.log / 100.0 };
    assert!((renewal.secrets - 1.0).abs() < 0.01 && (renewal.events - 1.0).abs() < 0.01, "{renewal:?}");

    let months = [1, 100, 1_000].map(|accounts| month(accounts, idle, renewal, login));
    let mut table = "| a month, in dollars | 1 account | 100 | 1,000 |\n|---|---|---|---|\n".to_owned();
    for (row, (name, _)) in months[0].iter().enumerate() {
        let bold = if name.starts_with('*') { "**" } else { "" };
        let cells = months.each_ref().map(|month| format!("{bold}{}{bold}", dollars(month[row].1)));
        writeln!(table, "| {name} | {} |", cells.join(" | ")).unwrap();
    }
    writeln!(std::io::stderr(), "a login: {login:?}\na renewal: {renewal:?}\nan idle run over 100: {idle:?}\n{table}")
        .unwrap();
    let readme = std::fs::read_to_string(venv::root().join("README.md")).unwrap();
    assert!(readme.contains(&table), "README's section \"What it costs\" has another table than this:\n{table}");
}

#[tokio::test]
async fn a_run_writes_nine_metrics() {
    let stack = Deployment::new().await;
    stack.plant("shop-de", Duration::days(2)).await;
    let refresh = stack.refresh().await;
    refresh.invoke(&json!({"version": 1})).await;
    let read = || {
        let lines = embedded_metrics::read(&refresh.log(), "end-to-end");
        Some(lines.iter().map(std::collections::BTreeMap::len).sum::<usize>()).filter(|_| lines.len() == 2)
    };
    assert_eq!(waiting::until("the metrics", read).await, 9);
}
