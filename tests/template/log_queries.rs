//! What saved queries, dashboards and alarms may refer to.

use std::collections::BTreeSet;

use evertoken_tests::stack::Stack;
use serde_json::{Value, json};

use crate::alarm_checks::properties_by_type;

/// The widgets of the dashboard.
pub(crate) fn dashboard_widgets(stack: &Stack) -> Vec<Value> {
    let body: Value = serde_json::from_str(stack.properties("Board")["DashboardBody"].as_str().unwrap()).unwrap();
    body["widgets"].as_array().unwrap().clone()
}

/// The metrics in the namespace `Evertoken` that the dashboard shows.
pub(crate) fn dashboard_metrics(stack: &Stack) -> BTreeSet<String> {
    let widgets = dashboard_widgets(stack).into_iter();
    let metrics = widgets.flat_map(|widget| widget["properties"]["metrics"].as_array().cloned().unwrap_or_default());
    let ours = metrics.filter(|metric| metric[0] == "Evertoken").inspect(|metric| {
        assert_eq!((&metric[2], &metric[3]), (&json!("Stack"), &json!("end-to-end")));
    });
    ours.map(|metric| metric[1].as_str().unwrap().to_owned()).collect()
}

/// The fields that a query uses, except those that CloudWatch and Lambda write.
pub(crate) fn query_fields(query: &str) -> BTreeSet<&str> {
    let parts = query.split('|').map(str::trim);
    let fields = parts.flat_map(|part| match part.split_once(' ') {
        Some(("fields", list)) => list.split(',').map(str::trim).collect(),
        Some(("filter", condition)) => {
            let condition = condition.strip_prefix("ispresent(").unwrap_or(condition);
            vec![condition.split([' ', ')']).next().unwrap()]
        }
        Some(("stats", statistics)) => {
            let (statistics, grouped) = statistics.rsplit_once(" by ").unwrap_or((statistics, ""));
            let arguments = statistics.split('(').skip(1).filter_map(|rest| rest.split([',', ')']).next());
            let grouped = grouped.split(',').filter_map(|field| field.split_whitespace().next());
            arguments.chain(grouped).filter(|field| *field != "*" && !field.starts_with("bin(")).collect()
        }
        _ => Vec::new(),
    });
    fields.filter(|field| !field.starts_with('@') && !field.starts_with("record.") && *field != "type").collect()
}

/// The fields of all log lines that are JSON objects.
pub(crate) fn logged_fields(log: &str) -> BTreeSet<String> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter_map(|line| line.as_object().cloned()).flatten().map(|(name, _)| name).collect()
}

/// Asserts that the saved queries of the stack use only these fields and log groups.
pub(crate) fn assert_saved_queries(stack: &Stack, logged: &BTreeSet<String>, groups: &[&str]) {
    for (name, query) in properties_by_type(stack, "AWS::Logs::QueryDefinition") {
        assert!(query["Name"].as_str().unwrap().starts_with("end-to-end/"), "{name}");
        for field in query_fields(query["QueryString"].as_str().unwrap()) {
            assert!(logged.contains(field), "{name} uses {field}, but the logs contain only {logged:?}");
        }
        for group in query["LogGroupNames"].as_array().unwrap() {
            assert!(groups.contains(&group.as_str().unwrap()), "{name}");
        }
    }
}

/// The saved queries that alarms of the stack refer to, all of which must exist in it.
pub(crate) fn referenced_queries(stack: &Stack) -> Vec<String> {
    let queries = properties_by_type(stack, "AWS::Logs::QueryDefinition");
    let names: BTreeSet<&str> =
        queries.values().map(|query| query["Name"].as_str().unwrap().strip_prefix("end-to-end/").unwrap()).collect();
    let mut referenced = BTreeSet::new();
    for (alarm, properties) in properties_by_type(stack, "AWS::CloudWatch::Alarm") {
        for rest in properties["AlarmDescription"].as_str().unwrap().split("saved query \"").skip(1) {
            let name = rest.split('"').next().unwrap();
            assert!(names.contains(name), "{alarm} refers to {name}; there are {names:?}");
            referenced.insert(name.to_owned());
        }
    }
    referenced.into_iter().collect()
}
