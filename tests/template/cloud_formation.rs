//! Creates the templates with moto's CloudFormation, which silently ignores the resource types that it does not support.

use std::collections::BTreeSet;

use evertoken_tests::cloud_formation::create;
use evertoken_tests::moto::Moto;
use evertoken_tests::stack::{NAME, Stack};
use evertoken_tests::template::Template;
use serde_json::{Value, json};

fn names(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// CloudFormation does not convert numbers, but environment variables are strings.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn the_main_template_creates_the_resources_that_the_other_tests_expect() {
    let parameters = [("PublicUrl", "https://login.example.test"), ("LogRetentionDays", "30"), ("LoginMode", "open")];
    let stack = Stack::new(Template::main(), &parameters).unwrap();
    let created = create(Moto::shared(), NAME, Template::main(), &parameters);
    let supported = [
        "CallbackFunction",
        "CallbackLogs",
        "CallbackRole",
        "DeadLetterQueue",
        "RefreshFunction",
        "RefreshLogs",
        "RefreshRole",
        "SchedulerRole",
    ];
    assert_eq!(names(&created), BTreeSet::from(supported));
    for function in ["CallbackFunction", "RefreshFunction"] {
        let (actual, expected) = (&created[function], stack.properties(function));
        for property in ["Runtime", "Handler", "Timeout", "MemorySize"] {
            assert_eq!(actual[property], expected[property], "{function}: {property}");
        }
        let variables = actual["Environment"]["Variables"].as_object().unwrap();
        let mut expected = expected["Environment"]["Variables"].as_object().unwrap().clone();
        // moto's CloudFormation does not create secrets.
        expected.retain(|name, _| !["EVERTOKEN_APP_SECRET", "EVERTOKEN_SIGNING_SECRET"].contains(&name.as_str()));
        assert_eq!(variables.len(), expected.len(), "{function}: {variables:?}");
        for (name, value) in expected {
            if ["EVERTOKEN_DEAD_LETTER_QUEUE", "EVERTOKEN_SCHEDULER_ROLE"].contains(&name.as_str()) {
                assert!(text(&variables[&name]).starts_with("arn:aws:"), "{function}: {name}");
            } else {
                assert_eq!(text(&variables[&name]), text(&value), "{function}: {name}");
            }
        }
    }
    for (log, name) in [("CallbackLogs", "callback"), ("RefreshLogs", "refresh")] {
        assert_eq!(created[log]["logGroupName"], format!("/aws/lambda/{NAME}/{name}"));
        assert_eq!(created[log]["retentionInDays"], 30);
    }
    let queue = &created["DeadLetterQueue"];
    assert_eq!((&queue["MessageRetentionPeriod"], &queue["SqsManagedSseEnabled"]), (&json!("1209600"), &json!("true")));
    for (role, policy) in [("CallbackRole", "callback"), ("RefreshRole", "refresh"), ("SchedulerRole", "scheduler")] {
        assert_eq!(names(&created[role]), BTreeSet::from([policy]));
    }
}

#[test]
fn the_alarms_template_creates_a_topic_with_a_subscription_and_a_rule_that_publishes_to_it() {
    let parameters = [
        ("Stack", NAME),
        ("Email", "me@example.com"),
        ("TopicArn", ""),
        ("KmsKeyArn", ""),
        ("EventBusName", "default"),
        ("CallbackFunction", "pages"),
        ("RefreshFunction", "refresh"),
        ("DeadLetterQueue", "dead"),
        ("CallbackLogs", "logs-of-pages"),
        ("RefreshLogs", "logs-of-refresh"),
    ];
    // A separate moto, because its EventBridge fails on events that match a rule with an SNS target.
    let created = create(&Moto::start(), "alarms", Template::alarms(), &parameters);
    assert_eq!(names(&created), BTreeSet::from(["NeedsAPerson", "Topic"]));
    let subscription = &created["Topic"][0];
    assert_eq!((&subscription["Protocol"], &subscription["Endpoint"]), (&json!("email"), &json!("me@example.com")));
    let rule = &created["NeedsAPerson"];
    assert_eq!(rule["Targets"][0]["Arn"], subscription["TopicArn"]);
    assert_eq!(rule["State"], "ENABLED");
}
