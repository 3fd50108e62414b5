//! Writes metrics in CloudWatch's embedded metric format (EMF): log lines that CloudWatch turns into metrics.
//!
//! A line needs no API call and no permission, and costs only its log ingestion. Source: AWS, "Specification: Embedded
//! metric format".

use std::io::{Write, stdout};

use evertoken_core::clock::Clock;
use evertoken_core::metrics::{Measurement, Metrics, Unit};
use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing::level_filters::LevelFilter;

/// Writes the measurements that were taken together as one line to standard output.
#[derive(Clone, Debug)]
pub struct EmbeddedMetrics<C> {
    stack: String,
    level: LevelFilter,
    clock: C,
}

impl<C: Clock> EmbeddedMetrics<C> {
    /// Metrics of one stack. `level` is the function's log level. Lambda drops lines below that level and treats a line
    /// without a level as INFO (AWS, "Log-level filtering"), so each line has this level.
    pub fn new(stack: impl Into<String>, level: LevelFilter, clock: C) -> Self {
        Self { stack: stack.into(), level, clock }
    }

    fn line(&self, measurements: &[Measurement]) -> serde_json::Result<Vec<u8>> {
        let now = self.clock.now();
        let mut line = serde_json::to_vec(&Line {
            metadata: Metadata {
                cloud_watch_metrics: [Directive {
                    namespace: "Evertoken",
                    dimensions: [["Stack"]],
                    metrics: measurements.iter().map(Definition::from).collect(),
                }],
                timestamp: milliseconds(now),
            },
            measurements,
            stack: &self.stack,
            timestamp: now.format(&Rfc3339).unwrap_or_default(),
            level: self.level.to_string().to_uppercase(),
            message: "metrics",
        })?;
        line.push(b'\n');
        Ok(line)
    }
}

impl<C: Clock> Metrics for EmbeddedMetrics<C> {
    fn record(&self, measured: &[Measurement]) {
        if measured.is_empty() {
            return;
        }
        match self.line(measured) {
            // One write, so that no other line comes in between. If standard output is closed, nothing can be logged.
            Ok(line) => drop(stdout().lock().write_all(&line)),
            Err(error) => tracing::error!("could not serialize metrics: {error}"),
        }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "_aws")]
    metadata: Metadata,
    #[serde(flatten, serialize_with = "values_by_name")]
    measurements: &'a [Measurement],
    /// The value of the dimension.
    #[serde(rename = "Stack")]
    stack: &'a str,
    /// For Lambda, which treats a line without a timestamp as INFO too.
    timestamp: String,
    level: String,
    message: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    cloud_watch_metrics: [Directive; 1],
    /// Milliseconds since 1970.
    timestamp: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: [[&'static str; 1]; 1],
    metrics: Vec<Definition>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: &'static str,
}

impl From<&Measurement> for Definition {
    fn from(measurement: &Measurement) -> Self {
        let unit = match measurement.metric.unit() {
            Unit::Count => "Count",
            Unit::Seconds => "Seconds",
            Unit::Milliseconds => "Milliseconds",
        };
        Self { name: measurement.metric.name(), unit }
    }
}

fn values_by_name<S: Serializer>(measurements: &[Measurement], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(measurements.iter().map(|measurement| (measurement.metric.name(), measurement.value)))
}

fn milliseconds(at: OffsetDateTime) -> i64 {
    at.unix_timestamp().saturating_mul(1000).saturating_add(i64::from(at.millisecond()))
}

#[cfg(test)]
mod tests {
    use evertoken_core::metrics::Metric;
    use time::macros::datetime;

    use super::*;

    struct FixedClock;

    impl Clock for FixedClock {
        fn now(&self) -> OffsetDateTime {
            datetime!(2026-11-22 05:00 UTC)
        }
    }

    fn line(level: LevelFilter, measured: &[Measurement]) -> String {
        String::from_utf8(EmbeddedMetrics::new("shop \"1\"", level, FixedClock).line(measured).unwrap()).unwrap()
    }

    #[test]
    fn a_line_has_the_embedded_metric_format() {
        let measured = [
            Measurement { metric: Metric::Accounts, value: 3 },
            Measurement { metric: Metric::MinSecondsToExpiry, value: 5_184_000 },
            Measurement { metric: Metric::RunDurationMs, value: 1_200 },
        ];
        let expected = concat!(
            r#"{"_aws":{"CloudWatchMetrics":[{"Namespace":"Evertoken","Dimensions":[["Stack"]],"Metrics":["#,
            r#"{"Name":"Accounts","Unit":"Count"},"#,
            r#"{"Name":"MinSecondsToExpiry","Unit":"Seconds"},"#,
            r#"{"Name":"RunDurationMs","Unit":"Milliseconds"}]}],"Timestamp":1795323600000},"#,
            r#""Accounts":3,"MinSecondsToExpiry":5184000,"RunDurationMs":1200,"Stack":"shop \"1\"","#,
            r#""timestamp":"2026-11-22T05:00:00Z","level":"INFO","message":"metrics"}"#,
            "\n"
        );
        assert_eq!(line(LevelFilter::INFO, &measured), expected);
    }

    #[test]
    fn a_line_has_the_functions_log_level() {
        for (level, name) in [(LevelFilter::ERROR, "ERROR"), (LevelFilter::WARN, "WARN"), (LevelFilter::DEBUG, "DEBUG")]
        {
            let line = line(level, &[Measurement::one(Metric::ColdStart)]);
            let line: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert_eq!(line["level"], name);
        }
    }
}
