//! The refresh of packs against an AWS with the published limits: rates, sizes, versions, latency and stale reads.

use evertoken_core::document::Document;
use evertoken_core::vault::AccountStore;
use evertoken_tests::aws_limits::AwsLimits;
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::sample;
use futures_util::StreamExt;
use futures_util::stream;
use serde_json::json;
use time::{Duration, OffsetDateTime};

/// Two full packs.
const ACCOUNTS: usize = 256;

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
