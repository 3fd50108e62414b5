//! Reads CloudWatch metrics from a log, and checks them against AWS's "Specification: Embedded metric format".

use std::collections::BTreeMap;

use serde_json::Value;

/// The CloudWatch units (AWS, `MetricDatum`) that Evertoken uses.
const UNITS: [&str; 3] = ["Count", "Seconds", "Milliseconds"];

/// A metric's value and unit.
pub type Metric = (f64, String);

/// Returns the metrics of each log line that has any, by name. Panics if a metric line violates the specification.
pub fn read(log: &str, stack: &str) -> Vec<BTreeMap<String, Metric>> {
    log.lines()
        .filter(|line| line.contains("\"_aws\""))
        .map(|line| {
            let document = serde_json::from_str(line).unwrap_or_else(|_| panic!("expected a JSON object: {line}"));
            read_line(&document, stack)
        })
        .collect()
}

fn read_line(document: &Value, stack: &str) -> BTreeMap<String, Metric> {
    let aws = document["_aws"].as_object().unwrap();
    // CloudWatch expects milliseconds since 1970 and rejects timestamps older than two weeks.
    let now = time::OffsetDateTime::now_utc().unix_timestamp() * 1000;
    let age = now - aws["Timestamp"].as_i64().unwrap();
    assert!((-120_000..1_209_600_000).contains(&age), "{document}");
    let [directive] = aws["CloudWatchMetrics"].as_array().unwrap().as_slice() else { panic!("{document}") };
    let members: Vec<&String> = directive.as_object().unwrap().keys().collect();
    assert_eq!(members, ["Dimensions", "Metrics", "Namespace"], "{document}");
    assert_eq!(directive["Namespace"], "Evertoken");
    assert_eq!(directive["Dimensions"], serde_json::json!([["Stack"]]));
    assert_eq!(document["Stack"], stack);
    let metrics = directive["Metrics"].as_array().unwrap();
    assert!((1..=100).contains(&metrics.len()), "{document}");
    let read: BTreeMap<_, _> = metrics.iter().map(|metric| read_metric(metric, document)).collect();
    assert_eq!(read.len(), metrics.len(), "duplicate metric name: {document}");
    // Without a timestamp and a level, Lambda treats the line as INFO and drops it if only errors are logged.
    let written = document["timestamp"].as_str().unwrap();
    time::OffsetDateTime::parse(written, &time::format_description::well_known::Rfc3339).unwrap();
    assert!(document["level"].is_string() && document["message"].is_string(), "{document}");
    read
}

fn read_metric(metric: &Value, document: &Value) -> (String, Metric) {
    let members: Vec<&String> = metric.as_object().unwrap().keys().collect();
    assert_eq!(members, ["Name", "Unit"], "{document}");
    let (name, unit) = (metric["Name"].as_str().unwrap(), metric["Unit"].as_str().unwrap());
    assert!(UNITS.contains(&unit), "{document}");
    let value = document[name].as_f64().unwrap_or_else(|| panic!("{name} is not a number in {document}"));
    (name.to_owned(), (value, unit.to_owned()))
}
