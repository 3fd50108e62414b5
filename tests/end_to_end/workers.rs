//! Workers that share a run through a queue, in the packed layout.

use std::collections::BTreeSet;

use evertoken_core::document::{Document, Placement};
use evertoken_core::vault::AccountStore;
use evertoken_sandbox::{Endpoint, FaultResponse, InjectedFault};
use evertoken_tests::deployment::Deployment;
use evertoken_tests::scripted_aws::{ScriptedAws, succeeds};
use evertoken_tests::{embedded_metrics, sample, wait};
use reqwest::StatusCode;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

/// Two accounts in a pack, and one that had a secret of its own before.
async fn deployment() -> Deployment {
    let stack = Deployment::new().await.with_workers().await;
    stack.add_account("alone", Duration::days(30)).await;
    for name in ["shop-de", "shop-fr"] {
        let token = stack.instagram.token("blue_bottle", Duration::days(30)).await;
        let connected_at = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap() - Duration::days(30);
        let document = sample::document_json(name, &token, connected_at).to_string();
        let document = Document::decode(&sample::name(name), &document).unwrap();
        stack.packed_vault().create(&document).await.unwrap();
    }
    stack
}

/// Names of accounts whose token was issued in the last minutes.
async fn renewed(stack: &Deployment) -> Vec<&'static str> {
    let mut renewed = Vec::new();
    for name in ["alone", "shop-de", "shop-fr"] {
        let account = stack.packed_vault().get(&sample::name(name)).await.unwrap().unwrap();
        if stack.now() - account.document.issued_at < Duration::minutes(10) {
            renewed.push(name);
        }
    }
    renewed
}

fn failures(response: &Value) -> usize {
    response["batchItemFailures"].as_array().unwrap().len()
}

#[tokio::test]
async fn the_scheduled_run_hands_each_pack_to_a_worker() {
    let stack = deployment().await;
    let refresh = stack.refresh().await;
    let plan = refresh.invoke(&json!({"version": 1})).await;
    assert_eq!((&plan["planned"], &plan["accounts"]), (&json!(2), &json!(0)), "{plan}");
    assert_eq!(renewed(&stack).await, [""; 0], "the planner renews nothing");

    let work = stack.take_work().await;
    let mut bodies: Vec<_> = work["Records"].as_array().unwrap().iter().map(|one| one["body"].clone()).collect();
    bodies.sort_by_key(ToString::to_string);
    assert_eq!(bodies, [r#"{"version":1,"pack":"main-00001"}"#, r#"{"version":1,"pack":null}"#]);
    let response = refresh.invoke(&work).await;
    assert_eq!(response, json!({"batchItemFailures": []}));
    assert_eq!(renewed(&stack).await, ["alone", "shop-de", "shop-fr"]);
    let of_run = || embedded_metrics::read(&refresh.log(), "end-to-end").into_iter().nth(1);
    let metrics = wait::until("the metrics of the run", of_run).await;
    for name in ["Accounts", "Healthy", "Refreshed"] {
        assert_eq!(metrics[name], (3.0, "Count".to_owned()), "{metrics:?}");
    }
    // SQS may deliver a message twice.
    let calls = stack.instagram.request_count("refresh").await;
    assert_eq!(refresh.invoke(&work).await, json!({"batchItemFailures": []}));
    assert_eq!(stack.instagram.request_count("refresh").await, calls, "nothing is due any more");
}

/// SQS accepts ten messages in one call.
#[tokio::test]
async fn more_parts_than_fit_into_one_call_are_all_sent() {
    let stack = Deployment::new().await.with_workers().await;
    for number in 1..=11 {
        let group = Placement::Group(format!("client-{number}").parse().unwrap());
        let document = sample::document(&format!("shop-{number}")).with_placement(&group);
        stack.packed_vault().create(&document).await.unwrap();
    }
    let plan = stack.refresh().await.invoke(&json!({"version": 1})).await;
    assert_eq!(plan["planned"], 12, "{plan}");
    let work = stack.take_work().await;
    let bodies = work["Records"].as_array().unwrap().iter().map(|one| one["body"].as_str().unwrap().to_owned());
    let packs = (1..=11).map(|number| format!(r#"{{"version":1,"pack":"client-{number}-00001"}}"#));
    let expected: BTreeSet<_> = packs.chain([r#"{"version":1,"pack":null}"#.to_owned()]).collect();
    assert_eq!(bodies.collect::<BTreeSet<_>>(), expected);
}

/// The call itself succeeds with status 200 (AWS, `SendMessageBatch`).
#[tokio::test]
async fn a_message_that_the_queue_does_not_accept_fails_the_plan() {
    let accepted = json!({"Id": "0", "MessageId": "m-0", "MD5OfMessageBody": "0cc175b9c0f1b6a831c399e269772661"});
    let rejected = json!({"Id": "1", "SenderFault": false, "Code": "InternalError"});
    let answer = json!({"Successful": [accepted], "Failed": [rejected]});
    let queue = ScriptedAws::start([succeeds("SendMessageBatch", answer)]).await;
    let stack = deployment().await.with_variables(&[("AWS_ENDPOINT_URL_SQS", queue.endpoint())]);
    let failed = stack.refresh().await.invoke(&json!({"version": 1})).await;
    assert_eq!(failed["errorType"], "PlanFailed", "{failed}");
    assert!(failed["errorMessage"].as_str().unwrap().contains("(InternalError)"), "{failed}");
    queue.assert_complete();
}

#[tokio::test]
async fn a_worker_starts_no_account_after_its_deadline() {
    let stack = deployment().await;
    stack.refresh().await.invoke(&json!({"version": 1})).await;
    let work = stack.take_work().await;
    let over = OffsetDateTime::now_utc() - Duration::SECOND;
    assert_eq!(failures(&stack.refresh_before(over, &work).await), 0, "the next run continues");
    assert_eq!(stack.instagram.request_count("refresh").await, 0);
    assert_eq!(renewed(&stack).await, [""; 0]);
    let in_15_minutes = OffsetDateTime::now_utc() + Duration::minutes(15);
    assert_eq!(failures(&stack.refresh_before(in_15_minutes, &work).await), 0);
    assert_eq!(renewed(&stack).await, ["alone", "shop-de", "shop-fr"]);
}

#[tokio::test]
async fn a_run_over_named_accounts_is_not_shared() {
    let stack = deployment().await;
    let refresh = stack.refresh().await;
    let report = refresh.invoke(&json!({"version": 1, "accounts": ["shop-de"], "force": true})).await;
    assert_eq!((&report["refreshed"], report.get("planned")), (&json!(1), None), "{report}");
    let dry = refresh.invoke(&json!({"version": 1, "dry_run": true})).await;
    assert_eq!((&dry["accounts"], dry.get("planned")), (&json!(3), None), "{dry}");
    assert_eq!(stack.take_work().await, json!({"Records": []}));
}

#[tokio::test]
async fn a_message_of_somebody_else_fails_and_the_others_do_not() {
    let stack = deployment().await;
    let refresh = stack.refresh().await;
    let record = |id: &str, body: &str| json!({"messageId": id, "body": body, "eventSource": "aws:sqs"});
    let pack = record("pack", r#"{"version":1,"pack":"main-00001"}"#);
    let response = refresh.invoke(&json!({"Records": [record("other", "hello"), pack]})).await;
    assert_eq!(response, json!({"batchItemFailures": [{"itemIdentifier": "other"}]}));
    assert_eq!(renewed(&stack).await, ["shop-de", "shop-fr"]);
    // A pack that does not exist, for example after the index was restored from a backup.
    let unknown = record("unknown", r#"{"version":1,"pack":"main-00077"}"#);
    let response = refresh.invoke(&json!({"Records": [unknown]})).await;
    assert_eq!(response, json!({"batchItemFailures": [{"itemIdentifier": "unknown"}]}));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn all_workers_stop_while_instagram_limits_the_app() {
    let mut stack = deployment().await;
    let refresh = stack.refresh().await;
    refresh.invoke(&json!({"version": 1})).await;
    let work = stack.take_work().await;
    let limited = FaultResponse::RateLimit { status: StatusCode::FORBIDDEN, retry_after_seconds: None };
    stack.instagram.inject_fault(InjectedFault::new(Endpoint::Refresh, limited).always()).await;
    assert_eq!(failures(&refresh.invoke(&work).await), 2);

    // Another worker does not even ask.
    let calls = stack.instagram.request_count("refresh").await;
    let other = stack.refresh().await;
    assert_eq!(failures(&other.invoke(&work).await), 2);
    assert_eq!(stack.instagram.request_count("refresh").await, calls);

    // A message that was received for the last time would become a dead letter, and the next run sends it again anyway.
    let mut last = work.clone();
    for record in last["Records"].as_array_mut().unwrap() {
        record["attributes"] = json!({"ApproximateReceiveCount": "3"});
    }
    assert_eq!(failures(&other.invoke(&last).await), 0);

    stack.instagram.clear_faults().await;
    stack.pass_time(Duration::minutes(50));
    let response = stack.refresh_before(stack.now() + Duration::minutes(1), &work).await;
    assert_eq!(failures(&response), 0);
    assert_eq!(renewed(&stack).await, ["alone", "shop-de", "shop-fr"]);
}
