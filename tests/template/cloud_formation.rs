//! The templates on moto's CloudFormation, as far as it knows their resources; it leaves out in silence what it does not.

use std::collections::BTreeSet;

use evertoken_tests::cloud_formation::create;
use evertoken_tests::moto::Moto;
use evertoken_tests::stack::{NAME, Stack};
use evertoken_tests::template::Template;
use serde_json::{Value, json};

fn names(made: &Value) -> BTreeSet<&str> {
    made.as_object().unwrap().keys().map(String::as_str).collect()
}

/// CloudFormation hands numbers on as they are; a variable is a text.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn the_main_template_makes_what_these_tests_take_it_to_make() {
    let parameters = [("PublicUrl", "https://login.example.test"), ("LogRetentionDays", "30"), ("LoginMode", "open")];
    let stack = Stack::new(Template::main(), &parameters).unwrap();
    let made = create(Moto::shared(), NAME, Template::main(), &parameters);
    let known = [
        "CallbackFunction",
        "CallbackLogs",
        "CallbackRole",
        "DeadLetterQueue",
        "RefreshFunction",
        "RefreshLogs",
        "RefreshRole",
        "SchedulerRole",
    ];
    assert_eq!(names(&made), BTreeSet::from(known));
    for function in ["CallbackFunction", "RefreshFunction"] {
        let (made, expected) = (&made[function], stack.properties(function));
        for property in ["Runtime", "Handler", "Timeout", "MemorySize"] {
            assert_eq!(made[property], expected[property], "{function}: {property}");
        }
        let variables = made["Environment"]["Variables"].as_object().unwrap();
        let mut expected = expected["Environment"]["Variables"].as_object().unwrap().clone();
        // moto knows no secrets.
        expected.retain(|name, _| !["EVERTOKEN_APP_SECRET", "EVERTOKEN_SIGNING_SECRET"].contains(&name.as_str()));
        assert_eq!(variables.len(), expected.len(), "{function}: {variables:?}");
        for (name, value) in expected {
            assert_eq!(text(&variables[&name]), text(&value), "{function}: {name}");
        }
    }
    for (log, name) in [("CallbackLogs", "callback"), ("RefreshLogs", "refresh")] {
        assert_eq!(made[log]["logGroupName"], format!("/aws/lambda/{NAME}/{name}"));
        assert_eq!(made[log]["retentionInDays"], 30);
    }
    let queue = &made["DeadLetterQueue"];
    assert_eq!((&queue["MessageRetentionPeriod"], &queue["SqsManagedSseEnabled"]), (&json!("1209600"), &json!("true")));
    for (role, policy) in [("CallbackRole", "callback"), ("RefreshRole", "refresh"), ("SchedulerRole", "scheduler")] {
        assert_eq!(names(&made[role]), BTreeSet::from([policy]));
    }
}

#[test]
fn the_alarms_template_makes_a_topic_with_a_subscription_and_a_rule_that_leads_to_it() {
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
    // One of its own: its EventBridge sends nothing to topics, and fails over a rule that asks for it.
    let made = create(&Moto::start(), "alarms", Template::alarms(), &parameters);
    assert_eq!(names(&made), BTreeSet::from(["NeedsAPerson", "Topic"]));
    let subscription = &made["Topic"][0];
    assert_eq!((&subscription["Protocol"], &subscription["Endpoint"]), (&json!("email"), &json!("me@example.com")));
    let rule = &made["NeedsAPerson"];
    assert_eq!(rule["Targets"][0]["Arn"], subscription["TopicArn"]);
    assert_eq!(rule["State"], "ENABLED");
}
