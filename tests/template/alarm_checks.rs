//! What every alarm must have.

use std::collections::BTreeMap;

use evertoken_tests::stack::Stack;
use serde_json::{Value, json};

/// Name, namespace, metric, dimensions, statistic, period, comparison, threshold, and treatment of missing data. The period
/// is in seconds, followed by the number of periods and how many of them must breach the threshold.
pub(crate) type Expected<'a> =
    (&'a str, &'a str, &'a str, &'a [[&'a str; 2]], &'a str, [u64; 3], &'a str, u64, &'a str);

/// The properties of all resources of a type, by name.
pub(crate) fn properties_by_type(stack: &Stack, resource_type: &str) -> BTreeMap<String, Value> {
    let resources = stack.resources().into_iter().filter(|(_, resource)| resource["Type"] == resource_type);
    resources.map(|(name, resource)| (name, resource["Properties"].clone())).collect()
}

/// Asserts that the stack has these alarms and no others, and that they notify this topic.
pub(crate) fn assert_alarms(stack: &Stack, topic: &str, expected: &[Expected<'_>]) {
    let alarms = properties_by_type(stack, "AWS::CloudWatch::Alarm");
    let names: Vec<&str> = alarms.keys().map(String::as_str).collect();
    assert_eq!(names, expected.iter().map(|(name, ..)| *name).collect::<Vec<_>>());
    for (name, namespace, metric, dimensions, statistic, period, comparison, threshold, missing) in expected {
        let [seconds, periods, breaching] = period;
        let mut alarm = alarms[*name].clone();
        assert_explained(name, alarm["AlarmDescription"].as_str().unwrap());
        for tested_separately in ["AlarmDescription", "Tags"] {
            alarm.as_object_mut().unwrap().remove(tested_separately);
        }
        let dimensions: Vec<Value> =
            dimensions.iter().map(|[name, value]| json!({"Name": name, "Value": value})).collect();
        let mut expected = json!({
            "Namespace": namespace,
            "MetricName": metric,
            "Dimensions": dimensions,
            "Statistic": statistic,
            "Period": seconds,
            "EvaluationPeriods": periods,
            "ComparisonOperator": comparison,
            "Threshold": threshold,
            "TreatMissingData": missing,
            "AlarmActions": [topic],
            "OKActions": [topic],
        });
        if breaching != periods {
            expected["DatapointsToAlarm"] = json!(breaching);
        }
        assert_eq!(alarm, expected, "{name}");
    }
}

fn assert_explained(name: &str, description: &str) {
    assert!(description.starts_with("Evertoken stack end-to-end: "), "{name} does not name the stack: {description}");
    // CloudWatch accepts 1,024 characters.
    assert!((250..1024).contains(&description.len()), "{name} must explain the cause and the remedy: {description}");
}
