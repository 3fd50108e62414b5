//! The publisher's role allows exactly what the function calls, and its metrics are those that alarms watch.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use evertoken_core::metrics::Metric;
use evertoken_tests::deployment::Deployment;
use evertoken_tests::embedded_metrics;
use evertoken_tests::feed_function::FeedFunction;
use evertoken_tests::iam_policy_check::RecordedCalls;
use evertoken_tests::permissions::{Grant, differences, granted};
use evertoken_tests::stack::Stack;
use evertoken_tests::template::Template;
use serde_json::{Value, json};
use time::Duration;

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// Actions that AWS itself performs with the role.
const BY_AWS: [&str; 5] = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:SendMessage",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
];

/// A session that uses every feature of the function once.
struct Recorded {
    calls: RecordedCalls,
    stack: Stack,
    prefix: String,
    log: String,
}

static RECORDED: LazyLock<Recorded> = LazyLock::new(|| {
    let record = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(record());
    std::thread::spawn(record).join().unwrap()
});

async fn record() -> Recorded {
    let deployment = Deployment::new().await.with_parameters(&[("Feed", "on"), ("KmsKeyArn", KEY), ("Tracing", "on")]);
    let feed = FeedFunction::start(&deployment).await;
    deployment.add_account("my-shop", Duration::days(5)).await;
    let enabled = feed.invoke(&json!({"action": "enable", "account": "my-shop"})).await;
    assert_eq!(enabled["result"], "enabled", "{enabled}");
    let run = feed.invoke(&json!({"action": "publish_due"})).await;
    assert_eq!(run["report"]["feeds"], 1, "{run}");
    assert!(feed.keys().await.iter().any(|key| key.starts_with("img/my-shop/")), "{:?}", feed.keys().await);
    // The account is gone.
    deployment.delete_secret("accounts/my-shop").await;
    let event =
        json!({"source": "evertoken", "detail-type": "Data Deleted", "detail": {"version": 1, "name": "my-shop"}});
    let run = feed.invoke(&event).await;
    assert_eq!(run["report"]["removed"], 1, "{run}");
    assert_eq!(feed.keys().await, ["widget.js"]);
    assert_eq!(feed.invalidated().await, ["/feed/my-shop.*", "/img/my-shop/*"]);
    // An event about an account without a feed is no failure.
    assert_eq!(feed.invoke(&event).await, Value::Null);
    let log = feed.lambda.log();
    Recorded { calls: feed.aws.calls().clone(), stack: feed.stack.clone(), prefix: deployment.prefix.clone(), log }
}

fn find_differences(template: &Template) -> Vec<String> {
    let stack = RECORDED.stack.of(template);
    let ours: BTreeSet<Grant> =
        granted(&stack, "Role").into_iter().filter(|grant| !BY_AWS.contains(&grant.action.as_str())).collect();
    differences(&ours, &RECORDED.calls.of("Role"), &RECORDED.prefix)
}

#[test]
fn the_publishers_role_allows_exactly_what_the_function_calls() {
    assert_eq!(find_differences(Template::feed()), [""; 0]);
    assert_eq!(RECORDED.calls.denied(), [""; 0]);
}

/// Changes an action or a resource of the role in a copy of the template.
fn changed(sid: &str, change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut template = Template::feed().clone();
    let statements = template.part("/Resources/Role/Properties/Policies/0/PolicyDocument/Statement");
    let mut statements = statements
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .map(|statement| if statement.get("Fn::If").is_some() { &mut statement["Fn::If"][1] } else { statement });
    change(statements.find(|statement| statement["Sid"] == sid).unwrap());
    find_differences(&template)
}

#[test]
fn detects_an_excessive_permission_of_the_publisher() {
    for (sid, action) in [
        ("ReadAccounts", "secretsmanager:PutSecretValue"),
        ("PublishFiles", "s3:PutObjectAcl"),
        ("RemoveCachedCopies", "cloudfront:UpdateDistribution"),
    ] {
        let found = changed(sid, |statement| {
            let old = statement["Action"].clone();
            let mut actions = old.as_array().cloned().unwrap_or_else(|| vec![old]);
            actions.push(json!(action));
            statement["Action"] = json!(actions);
        });
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].starts_with(&format!("allowed but never called: {action} on ")), "{found:?}");
    }
    let found = changed("PublishFiles", |statement| statement["Resource"] = json!("*"));
    assert!(found.iter().all(|one| one.starts_with("allowed but never called: s3:")) && !found.is_empty(), "{found:?}");
}

#[test]
fn detects_a_missing_permission_of_the_publisher() {
    for (sid, action) in [
        ("FindAccounts", "secretsmanager:BatchGetSecretValue"),
        ("ReadAccounts", "secretsmanager:GetSecretValue"),
        ("PublishFiles", "s3:GetObject"),
        ("PublishFiles", "s3:PutObject"),
        ("PublishFiles", "s3:DeleteObject"),
        ("ListFiles", "s3:ListBucket"),
        ("RemoveCachedCopies", "cloudfront:CreateInvalidation"),
        ("UseKeyThroughSecretsManager", "kms:Decrypt"),
    ] {
        let found = changed(sid, |statement| {
            let old = statement["Action"].clone();
            let actions = old.as_array().cloned().unwrap_or_else(|| vec![old]);
            statement["Action"] = json!(actions.into_iter().filter(|one| one != action).collect::<Vec<_>>());
        });
        assert!(!found.is_empty(), "{sid} without {action}");
        for finding in found {
            assert!(finding.starts_with(&format!("called but not allowed: {action} on ")), "{finding}");
        }
    }
}

#[test]
fn the_function_emits_the_metrics_of_feeds() {
    let lines = embedded_metrics::read(&RECORDED.log, "end-to-end");
    let emitted: BTreeSet<String> = lines.into_iter().flat_map(BTreeMap::into_keys).collect();
    let documented = Metric::ALL.iter().map(|metric| metric.name()).filter(|name| name.starts_with("Feeds"));
    let expected: BTreeSet<String> = documented.chain(["ColdStart"]).map(str::to_owned).collect();
    assert_eq!(emitted, expected);
}
