//! Computes the cost table of the packed layout in `docs/cost.md` from counted calls and log lines and from AWS's prices.

use std::fmt::Write as _;
use std::io::Write as _;

use evertoken_core::document::Document;
use evertoken_core::vault::AccountStore;
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::lambda_emulator::Lambda;
use evertoken_tests::{sample, wait};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::cost::{
    HOURS_PER_MONTH, LOGINS_PER_MONTH, PLATFORM_LOG, REFRESHES_PER_MONTH, RUNS_PER_MONTH, SECONDS_PER_LOGIN,
    SECONDS_PER_REFRESH, assert_documented, dollars, memory_gb, number, price, whole,
};

/// AWS's price list for us-east-1 in November 2026, in dollars: a gigabyte of the table with point-in-time recovery, and a
/// request to SQS.
const TABLE_GB: f64 = 0.25 + 0.20;
const MESSAGE: f64 = 0.40 / 1e6;

/// The accounts of a full pack.
const PACK: usize = 128;

/// The share of a pack's places that is used on average, in simulated years.
const FILL: f64 = 0.88;

/// An account's items in the table: its place and two IDs, in bytes.
const ITEMS: f64 = 600.0;

/// From this many accounts on, workers share a run.
const WITH_WORKERS: f64 = 100_000.0;

/// How many accounts a worker asks Instagram about at the same time.
const AT_ONCE: f64 = 16.0;

/// The seconds in which a function reads a pack.
const SECONDS_PER_PACK: f64 = 0.05;

/// Billed usage.
#[derive(Clone, Copy, Debug, Default)]
struct Usage {
    /// Without `ListSecrets`, of which a run makes one.
    secrets_calls: f64,
    /// Without `BatchGetItem`, whose items the caller knows.
    read_units: f64,
    write_units: f64,
    events: f64,
    log: f64,
}

impl Usage {
    async fn so_far(aws: &AwsProxy, lambda: &Lambda, last_line: &str, lines: usize) -> Self {
        let log = || Some(lambda.log()).filter(|log| log.matches(last_line).count() == lines);
        let log = wait::until(last_line, log).await;
        let own_lines: usize = log.lines().filter(|line| line.starts_with('{')).map(|line| line.len() + 1).sum();
        let count = |operations: &[&str]| number(operations.iter().map(|operation| aws.count(operation)).sum());
        Self {
            secrets_calls: count(&[
                "GetSecretValue",
                "PutSecretValue",
                "CreateSecret",
                "DeleteSecret",
                "DescribeSecret",
                "BatchGetSecretValue",
                "RestoreSecret",
            ]),
            read_units: count(&["GetItem"]),
            // The largest transaction writes a place, a pack and two ids.
            write_units: count(&["UpdateItem", "PutItem", "DeleteItem"]) + 8.0 * count(&["TransactWriteItems"]),
            events: count(&["PutEvents"]),
            log: number(own_lines),
        }
    }

    /// The calls for each of some packs. Events and log lines are those of all accounts.
    fn of_each(self, packs: f64) -> Self {
        Self {
            secrets_calls: self.secrets_calls / packs,
            read_units: self.read_units / packs,
            write_units: self.write_units / packs,
            ..self
        }
    }

    fn since(self, before: Self) -> Self {
        Self {
            secrets_calls: self.secrets_calls - before.secrets_calls,
            read_units: self.read_units - before.read_units,
            write_units: self.write_units - before.write_units,
            events: self.events - before.events,
            log: self.log - before.log,
        }
    }
}

async fn deployment() -> (Deployment, AwsProxy) {
    let aws = AwsProxy::start().await;
    let changed = [("AWS_ENDPOINT_URL", aws.endpoint()), ("AWS_LAMBDA_LOG_LEVEL", "INFO")];
    (Deployment::new().await.with_packs().await.with_variables(&changed), aws)
}

/// The usage of a run that renews the accounts of a full pack, and of an idle run after it.
async fn usage_of_runs() -> (Usage, Usage) {
    const LAST_LINE: &str = "refresh run completed";
    let (stack, aws) = deployment().await;
    let token = stack.instagram.token("blue_bottle", Duration::days(21)).await;
    let connected_at = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap() - Duration::days(21);
    let vault = stack.packed_vault();
    for number in 0..PACK {
        let name = format!("shop-{number}");
        let document = sample::document_json(&name, &token, connected_at).to_string();
        vault.create(&Document::decode(&sample::name(&name), &document).unwrap()).await.unwrap();
    }
    let refresh = stack.refresh().await;
    let report = refresh.invoke(&json!({"version": 1})).await;
    assert_eq!(report["refreshed"], PACK, "{report}");
    let first = Usage::so_far(&aws, &refresh, LAST_LINE, 1).await;
    let batches = aws.count("BatchGetItem");
    assert_eq!(refresh.invoke(&json!({"version": 1})).await["accounts"], PACK);
    let both = Usage::so_far(&aws, &refresh, LAST_LINE, 2).await;
    assert_eq!(aws.count("BatchGetItem"), batches, "an idle run reads where accounts are");
    let packs = number(vault.packed().packs().await.unwrap().len());
    (first.of_each(packs), both.since(first).of_each(packs))
}

/// The usage of a login to an account that is in a pack already.
async fn usage_of_login() -> Usage {
    let (stack, aws) = deployment().await;
    let callback = stack.callback().await;
    let log_in = async || {
        let page = stack.browser(&callback).log_in(&stack.invite_link("shop-de"), Consent::allow("blue_bottle")).await;
        assert_eq!(page.status, 200);
    };
    log_in().await;
    let first = Usage::so_far(&aws, &callback, "request handled", 4).await;
    log_in().await;
    Usage::so_far(&aws, &callback, "request handled", 8).await.since(first)
}

/// One column of the table. `packs` is the number of secrets that hold accounts.
fn monthly_cost(accounts: f64, idle: Usage, renewal: Usage, login: Usage) -> Vec<(&'static str, f64)> {
    let packs = if accounts <= number(PACK) { 1.0 } else { (accounts / number(PACK) / FILL).ceil() };
    let (renewals, logins) = (accounts * REFRESHES_PER_MONTH, accounts * LOGINS_PER_MONTH);
    let pack_renewals = packs * REFRESHES_PER_MONTH;
    let requests = 3.0 * logins;
    let looks = RUNS_PER_MONTH * packs;
    let secrets_calls = RUNS_PER_MONTH
        + looks * idle.secrets_calls
        + pack_renewals * renewal.secrets_calls
        + logins * login.secrets_calls;
    // A run also reads where the accounts are that it renews.
    let read_units =
        looks * idle.read_units + renewals + pack_renewals * renewal.read_units + logins * login.read_units;
    let write_units = pack_renewals * renewal.write_units + logins * login.write_units;
    let table = price::READ_UNIT * read_units + price::WRITE_UNIT * write_units + TABLE_GB * accounts * ITEMS / 1e9;
    let shares = accounts >= WITH_WORKERS;
    let invocations = if shares { RUNS_PER_MONTH * (1.0 + packs / 10.0) } else { RUNS_PER_MONTH };
    let messages = if shares { RUNS_PER_MONTH * packs * 3.0 / 10.0 } else { 0.0 };
    let seconds = looks * SECONDS_PER_PACK + renewals * SECONDS_PER_REFRESH / AT_ONCE + logins * SECONDS_PER_LOGIN;
    let compute = price::INVOCATION * (invocations + requests)
        + price::GB_SECOND * memory_gb() * seconds
        + price::SCHEDULED * RUNS_PER_MONTH
        + price::REQUEST * requests
        + MESSAGE * messages
        + price::EVENT * (renewals * renewal.events / number(PACK) + logins * login.events);
    let log = invocations * (idle.log + PLATFORM_LOG)
        + renewals * renewal.log / number(PACK)
        + logins * login.log
        + requests * PLATFORM_LOG;
    let metrics = price::METRIC * (9.0 * RUNS_PER_MONTH + 4.0 * logins.min(HOURS_PER_MONTH)) / HOURS_PER_MONTH;
    let mut lines = vec![
        ("Secrets: packs, and Evertoken's own two", price::SECRET * (packs + 2.0)),
        ("Secrets Manager API calls", price::SECRETS_CALL * secrets_calls),
        ("DynamoDB", table),
        ("Lambda, EventBridge, SQS and API Gateway", compute),
        ("Logs", price::LOG_GB * log / 1e9),
        ("Metrics", metrics),
    ];
    let total: f64 = lines.iter().map(|(_, amount)| amount).sum();
    lines.push(("**Total**", total));
    lines
}

fn per_account(amount: f64) -> String {
    if amount < 0.01 { format!("{amount:.4}") } else { format!("{amount:.2}") }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_cost_of_packs_matches_the_counted_usage() {
    let ((renewing, idle), login) = tokio::join!(usage_of_runs(), usage_of_login());
    let renewal = renewing.since(idle);
    assert!((renewal.events - number(PACK)).abs() < 0.5, "{renewal:?}");
    let columns = [1.0, 100.0, 1_000.0, 100_000.0, 1_000_000.0];
    let months = columns.map(|accounts| monthly_cost(accounts, idle, renewal, login));
    let mut table = "| US dollars per month | 1 account | 100 | 1,000 | 100,000 | 1,000,000 |\n\
                     | --- | --: | --: | --: | --: | --: |\n"
        .to_owned();
    for (row, (name, _)) in months[0].iter().enumerate() {
        let bold = if name.starts_with('*') { "**" } else { "" };
        let cells = months.each_ref().map(|month| format!("{bold}{}{bold}", dollars(month[row].1)));
        writeln!(table, "| {name} | {} |", cells.join(" | ")).unwrap();
    }
    let totals = months.each_ref().map(|month| month.last().unwrap().1);
    let shares = std::array::from_fn::<_, 5, _>(|column| per_account(totals[column] / columns[column]));
    writeln!(table, "| Per account | {} |", shares.join(" | ")).unwrap();
    writeln!(std::io::stderr(), "login: {login:?}\npack renewal: {renewal:?}\nidle run over a pack: {idle:?}\n{table}")
        .unwrap();
    let million = totals[4] / columns[4];
    assert!(million <= 0.004, "a million accounts cost ${million} each");
    assert_documented("docs/cost.md", &table);
    assert_documented("docs/many-accounts.md", &format!("1,000 accounts then cost ${} a month", whole(totals[2])));
}
