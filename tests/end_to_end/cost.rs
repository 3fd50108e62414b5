//! Computes the cost table of `docs/cost.md` from counted API calls and log lines and from AWS's prices.

use std::fmt::Write as _;
use std::io::Write as _;

pub(crate) use evertoken_packed_simulation::price::{self, HOURS_PER_MONTH};
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::lambda_emulator::Lambda;
use evertoken_tests::template::Template;
use evertoken_tests::{embedded_metrics, wait, workspace};
use serde_json::json;
use time::Duration;

/// One run every six hours.
pub(crate) const RUNS_PER_MONTH: f64 = HOURS_PER_MONTH / 6.0;

/// Per account: a token is due 20 days after it was issued.
pub(crate) const REFRESHES_PER_MONTH: f64 = HOURS_PER_MONTH / 24.0 / 20.0;

/// Per account: one login a year.
pub(crate) const LOGINS_PER_MONTH: f64 = 1.0 / 12.0;

/// Assumptions about AWS and Instagram, since moto and the sandbox respond at once.
const SECONDS_PER_CALL: f64 = 0.05;
pub(crate) const SECONDS_PER_REFRESH: f64 = 1.0;
pub(crate) const SECONDS_PER_LOGIN: f64 = 3.0;

/// Bytes that Lambda itself logs per invocation.
pub(crate) const PLATFORM_LOG: f64 = 900.0;

/// Billed usage: Secrets Manager calls, events, and bytes of log.
#[derive(Clone, Copy, Debug)]
struct Usage {
    secrets_calls: f64,
    events: f64,
    log: f64,
}

impl Usage {
    /// The usage so far, once the log holds `last_line` as often as `lines` says.
    async fn so_far(aws: &AwsProxy, lambda: &Lambda, last_line: &str, lines: usize) -> Self {
        let log = || Some(lambda.log()).filter(|log| log.matches(last_line).count() == lines);
        let log = wait::until(last_line, log).await;
        let own_lines: usize = log.lines().filter(|line| line.starts_with('{')).map(|line| line.len() + 1).sum();
        let events = aws.count("PutEvents");
        let secrets_calls = aws.calls().values().sum::<usize>() - events;
        Self { secrets_calls: number(secrets_calls), events: number(events), log: number(own_lines) }
    }

    fn since(self, before: Self) -> Self {
        Self {
            secrets_calls: self.secrets_calls - before.secrets_calls,
            events: self.events - before.events,
            log: self.log - before.log,
        }
    }
}

pub(crate) fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

async fn deployment() -> (Deployment, AwsProxy) {
    let aws = AwsProxy::start().await;
    let changed = [("AWS_ENDPOINT_URL", aws.endpoint()), ("AWS_LAMBDA_LOG_LEVEL", "INFO")];
    (Deployment::new().await.with_variables(&changed), aws)
}

/// The usage of a run that refreshes all accounts, and of an idle run after it.
async fn usage_of_runs(accounts: usize) -> (Usage, Usage) {
    const LAST_LINE: &str = "refresh run completed";
    let (stack, aws) = deployment().await;
    for number in 0..accounts {
        stack.add_account(&format!("shop-{number}"), Duration::days(21)).await;
    }
    let refresh = stack.refresh().await;
    assert_eq!(refresh.invoke(&json!({"version": 1})).await["refreshed"], accounts);
    let first = Usage::so_far(&aws, &refresh, LAST_LINE, 1).await;
    assert_eq!(refresh.invoke(&json!({"version": 1})).await["too_young"], accounts);
    let both = Usage::so_far(&aws, &refresh, LAST_LINE, 2).await;
    (first, both.since(first))
}

async fn usage_of_login() -> Usage {
    let (stack, aws) = deployment().await;
    let callback = stack.callback().await;
    let page = stack.browser(&callback).log_in(&stack.invite_link("shop-de"), Consent::allow("blue_bottle")).await;
    assert_eq!(page.status, 200);
    Usage::so_far(&aws, &callback, "request handled", 4).await
}

/// The calls of an idle run: `ListSecrets` returns 100 names per call, `BatchGetSecretValue` 20 documents.
fn scan_calls(accounts: u32) -> f64 {
    f64::from(accounts.div_ceil(100) + accounts.div_ceil(20))
}

/// One column of the table.
fn monthly_cost(accounts: u32, idle: Usage, refresh: Usage, login: Usage) -> Vec<(&'static str, f64)> {
    let number_of_accounts = f64::from(accounts);
    let (refreshes, logins) = (number_of_accounts * REFRESHES_PER_MONTH, number_of_accounts * LOGINS_PER_MONTH);
    let requests = 3.0 * logins;
    let scans = RUNS_PER_MONTH * scan_calls(accounts);
    let secrets = price::SECRET * (number_of_accounts + 2.0);
    let calls = scans + refreshes * refresh.secrets_calls + logins * login.secrets_calls;
    let seconds = scans * SECONDS_PER_CALL + refreshes * SECONDS_PER_REFRESH + logins * SECONDS_PER_LOGIN;
    let compute = price::INVOCATION * (RUNS_PER_MONTH + requests)
        + price::GB_SECOND * memory_gb() * seconds
        + price::SCHEDULED * RUNS_PER_MONTH
        + price::REQUEST * requests
        + price::EVENT * (refreshes * refresh.events + logins * login.events);
    let log = RUNS_PER_MONTH * (idle.log + PLATFORM_LOG)
        + refreshes * refresh.log
        + logins * login.log
        + requests * PLATFORM_LOG;
    // Nine metrics in each hour with a run, and four in each hour with a login.
    let metrics = price::METRIC * (9.0 * RUNS_PER_MONTH + 4.0 * logins.min(HOURS_PER_MONTH)) / HOURS_PER_MONTH;
    let mut lines = vec![
        ("Secrets: one per account, and Evertoken's own two", secrets),
        ("Secrets Manager API calls", price::SECRETS_CALL * calls),
        ("Lambda, EventBridge and API Gateway", compute),
        ("Logs", price::LOG_GB * log / 1e9),
        ("Metrics", metrics),
    ];
    let total = lines.iter().map(|(_, amount)| amount).sum();
    let resources = |kind: &str| {
        number(Template::alarms().section("Resources").filter(|(_, resource)| resource["Type"] == kind).count())
    };
    let monitoring =
        price::ALARM * resources("AWS::CloudWatch::Alarm") + price::DASHBOARD * resources("AWS::CloudWatch::Dashboard");
    let key = price::KEY + price::KEY_CALL * (RUNS_PER_MONTH * number_of_accounts + 2.0 * refreshes);
    lines.extend([
        ("**Total**", total),
        ("Optional: alarms and dashboard", monitoring),
        ("Optional: customer-managed KMS key", key),
    ]);
    lines
}

pub(crate) fn memory_gb() -> f64 {
    Template::main().0["Resources"]["RefreshFunction"]["Properties"]["MemorySize"].as_f64().unwrap() / 1024.0
}

/// Fails unless the document contains the text. A line break counts as a space.
pub(crate) fn assert_documented(document: &str, text: &str) {
    let page = std::fs::read_to_string(workspace::root().join(document)).unwrap();
    let is_documented = page.contains(text) || page.replace('\n', " ").contains(text);
    assert!(is_documented, "{document} does not contain:\n{text}");
}

/// An amount without cents, rounded.
pub(crate) fn whole(amount: f64) -> String {
    format!("{:.0}", amount.round())
}

pub(crate) fn dollars(amount: f64) -> String {
    if amount < 0.005 { "< 0.01".to_owned() } else { format!("{amount:.2}") }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_cost_table_matches_the_counted_usage() {
    let ((_, idle_one), (refreshing, idle), login) =
        tokio::join!(usage_of_runs(1), usage_of_runs(100), usage_of_login());
    // The other columns are extrapolated. These two verify the formula.
    assert!(
        (idle_one.secrets_calls - scan_calls(1)).abs() < 0.5 && (idle.secrets_calls - scan_calls(100)).abs() < 0.5,
        "{idle_one:?} {idle:?}"
    );
    let all = refreshing.since(idle);
    let refresh = Usage { secrets_calls: all.secrets_calls / 100.0, events: all.events / 100.0, log: all.log / 100.0 };
    assert!((refresh.secrets_calls - 1.0).abs() < 0.01 && (refresh.events - 1.0).abs() < 0.01, "{refresh:?}");

    let months = [1, 100, 1_000, 100_000, 1_000_000].map(|accounts| monthly_cost(accounts, idle, refresh, login));
    let mut table = "| US dollars per month | 1 account | 100 | 1,000 | 100,000 | 1,000,000 |\n\
                     | --- | --: | --: | --: | --: | --: |\n"
        .to_owned();
    for (row, (name, _)) in months[0].iter().enumerate() {
        let bold = if name.starts_with('*') { "**" } else { "" };
        let cells = months.each_ref().map(|month| format!("{bold}{}{bold}", dollars(month[row].1)));
        writeln!(table, "| {name} | {} |", cells.join(" | ")).unwrap();
    }
    writeln!(
        std::io::stderr(),
        "login: {login:?}\nrefresh: {refresh:?}\nidle run over 100 accounts: {idle:?}\n{table}"
    )
    .unwrap();
    assert_documented("docs/cost.md", &table);
    let total = |month: &[(&str, f64)]| month.iter().find(|(name, _)| *name == "**Total**").unwrap().1;
    let (one, hundred) = (total(&months[0]), total(&months[1]));
    let further = (hundred - one) / 99.0;
    let summary = format!("${one:.2} a month for one account and about ${further:.2} for each further one");
    assert_documented("README.md", &summary);
    let thousand = format!("1,000 accounts cost ${} a month", whole(1_000.0 * price::SECRET));
    assert_documented("docs/many-accounts.md", &thousand);
}

#[tokio::test]
async fn a_refresh_run_writes_nine_metrics() {
    let stack = Deployment::new().await;
    stack.add_account("shop-de", Duration::days(2)).await;
    let refresh = stack.refresh().await;
    refresh.invoke(&json!({"version": 1})).await;
    let read = || {
        let lines = embedded_metrics::read(&refresh.log(), "end-to-end");
        Some(lines.iter().map(std::collections::BTreeMap::len).sum::<usize>()).filter(|_| lines.len() == 2)
    };
    assert_eq!(wait::until("the metrics", read).await, 9);
}
