//! Packs against an AWS with the published limits: rates, sizes, versions, latency and stale reads.

use std::collections::{BTreeMap, BTreeSet};

use evertoken_core::document::Document;
use evertoken_core::vault::{AccountStore, Page};
use evertoken_tests::aws_limits::AwsLimits;
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::browser::Consent;
use evertoken_tests::deployment::{Deployment, SecretState};
use evertoken_tests::sample;
use evertoken_tests::test_cli::TestCli;
use futures_util::{StreamExt, TryStreamExt, stream};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

/// Two full packs.
const ACCOUNTS: usize = 256;

/// A full pack of the smallest size and a second one. More would take long, because the emulated AWS has one thread.
const MOVED_ACCOUNTS: usize = 24;

const LIMITS: AwsLimits = AwsLimits {
    creates_until_name_is_free: 0,
    lists_until_secret_appears: 0,
    throttle_every: 0,
    limits_versions: true,
    stale_reads: Some(1),
    limits_rates: true,
    latency: Some(1),
};

/// Stores accounts that are due. Many at a time, so that few writes store them.
async fn store(stack: &Deployment) {
    let token = stack.instagram.token("blue_bottle", Duration::days(30)).await;
    let connected_at = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap() - Duration::days(30);
    let vault = stack.packed_vault();
    let create = async |number: usize| {
        let name = format!("shop-{number}");
        let document = sample::document_json(&name, &token, connected_at).to_string();
        vault.create(&Document::decode(&sample::name(&name), &document).unwrap()).await.unwrap();
    };
    stream::iter(0..ACCOUNTS).for_each_concurrent(16, create).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn renewing_full_packs_stays_within_the_limits_of_aws() {
    let aws = AwsProxy::start().await;
    let stack = Deployment::new().await.with_packs().await.with_variables(&[("AWS_ENDPOINT_URL", aws.endpoint())]);
    store(&stack).await;
    let refresh = stack.with_parameters(&[("Concurrency", "32")]);
    aws.set_limits(LIMITS);
    let function = refresh.refresh().await;
    let report = function.invoke(&json!({"version": 1})).await;
    assert_eq!((&report["refreshed"], &report["failed"]), (&json!(ACCOUNTS), &json!(0)), "{report}");
    assert_eq!(aws.throttled(), 0);
    // A write stores up to 64 renewals, and at least those of one second.
    let (writes, packs) = (aws.count("PutSecretValue"), ACCOUNTS.div_ceil(64));
    assert!((packs..=ACCOUNTS / 8).contains(&writes), "{writes} writes");
    // A later run only looks.
    let again = function.invoke(&json!({"version": 1})).await;
    assert_eq!((&again["too_young"], aws.count("PutSecretValue")), (&json!(ACCOUNTS), writes), "{again}");
}

/// Each login is a version of the pack's secret, and the proxy accepts 100 in 24 hours, as AWS does.
#[tokio::test(flavor = "multi_thread")]
async fn no_login_is_lost_to_the_quota_of_versions() {
    let aws = AwsProxy::start().await;
    let stack = Deployment::new().await.with_packs().await.with_variables(&[("AWS_ENDPOINT_URL", aws.endpoint())]);
    aws.set_limits(AwsLimits { limits_versions: true, ..AwsLimits::default() });
    let callback = stack.callback().await;
    let (vault, name) = (stack.packed_vault(), sample::name("shop-de"));
    let mut tokens = BTreeSet::new();
    let mut log_in = async || {
        let page = stack.browser(&callback).log_in(&stack.invite_link("shop-de"), Consent::allow("blue_bottle")).await;
        assert_eq!(page.status, 200, "login {}: {}", tokens.len() + 1, page.body);
        let stored = vault.get(&name).await.unwrap().unwrap();
        assert!(tokens.insert(stored.document.access_token.expose().to_owned()), "the login has stored another token");
        stored
    };
    while log_in().await.cohort.is_some() {}
    // Once more, outside of the pack.
    let last = log_in().await;
    assert_eq!(stack.secret_state("shop-de").await, SecretState::Current);
    // When the pack can be written again, the next renewal takes the account back.
    aws.set_limits(AwsLimits::default());
    let mut stack = stack;
    stack.pass_time(Duration::days(25));
    let report = stack.run_refresh().await;
    assert_eq!((&report["refreshed"], &report["failed"]), (&json!(1), &json!(0)), "{report}");
    let renewed = stack.packed_vault().get(&name).await.unwrap().unwrap();
    assert_eq!(renewed.cohort.unwrap().as_str(), "main-00001");
    assert!(renewed.document.issued_at > last.document.issued_at);
}

/// The tokens of all accounts, and how many accounts are in packs, read without the limits.
async fn stored(stack: &Deployment) -> (BTreeMap<String, String>, usize) {
    let vault = stack.packed_vault();
    let pages: Vec<Page> = Box::pin(vault.list().try_collect()).await.unwrap();
    assert!(pages.iter().all(|page| page.unreadable.is_empty()), "an account is unreadable");
    let accounts = pages.into_iter().flat_map(|page| page.accounts).map(|account| account.document);
    let tokens = accounts.map(|account| (account.name.to_string(), account.access_token.expose().to_owned())).collect();
    (tokens, Box::pin(vault.packed_names()).await.unwrap().0.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_imports_and_moves_all_accounts_within_the_limits_of_aws() {
    let aws = AwsProxy::start().await;
    let cli =
        TestCli::with_deployment(Deployment::new().await.with_packs().await.with_parameters(&[("PackSize", "16")]));
    let cli = cli.with_variables(&[("AWS_ENDPOINT_URL", aws.endpoint())]);
    let (mut rows, mut tokens) = (Vec::new(), BTreeMap::new());
    for number in 0..MOVED_ACCOUNTS {
        let (name, token) = (format!("shop-{number}"), format!("IGAA-{number}"));
        let document = sample::with_token(&token, &sample::document(&name)).encode();
        let mut row: Value = serde_json::from_str(document.expose_secret()).unwrap();
        row["account_id"] = json!(format!("17841400000000{number:03}"));
        rows.push(row);
        tokens.insert(name, token);
    }
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("accounts.json");
    std::fs::write(&file, json!(rows).to_string()).unwrap();
    aws.set_limits(LIMITS);
    cli.run(&["import", "--file", file.to_str().unwrap()]).await.expect_code(0);
    assert_eq!(stored(cli.deployment()).await, (tokens.clone(), MOVED_ACCOUNTS));
    for (command, packed) in [("unpack", 0), ("pack", MOVED_ACCOUNTS)] {
        let report = cli.run(&["--json", command, "--all"]).await.expect_code(0).json();
        assert_eq!((&report["failures"], &report["left"]), (&json!([]), &json!(0)), "{command}: {report}");
        assert_eq!(stored(cli.deployment()).await, (tokens.clone(), packed), "{command}: {report}");
    }
}
