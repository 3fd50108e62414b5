//! Metrics in CloudWatch's embedded metric format: lines of the log that CloudWatch makes metrics of.
//!
//! Nothing is called and nothing is paid for but the line. Source: AWS, "Specification: Embedded metric format".

use std::fmt;
use std::io::{Write, stdout};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use evertoken_core::clock::Clock;
use evertoken_core::metrics::Metrics;
use evertoken_core::metrics::{Measurement, Unit};
use metrique_writer_core::format::Format;
use metrique_writer_core::unit::{NegativeScale, Unit as CloudWatchUnit};
use metrique_writer_core::value::{MetricFlags, Observation, Value, ValueWriter};
use metrique_writer_core::{Entry, EntryWriter};
use metrique_writer_format_emf::Emf;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing::level_filters::LevelFilter;

/// What all metrics of Evertoken's are filed under.
pub const NAMESPACE: &str = "Evertoken";

/// What tells one stack's from another's.
pub const DIMENSION: &str = "Stack";

/// Writes each record as one line to standard output.
pub struct EmbeddedMetrics<C> {
    stack: String,
    level: LevelFilter,
    clock: C,
    format: Mutex<Emf>,
}

impl<C: Clock> EmbeddedMetrics<C> {
    /// For one stack. `level` is the log's own: Lambda takes a line that names no level for INFO, and one below the
    /// function's level goes no further (AWS, "Log-level filtering"). Metrics are wanted at any.
    pub fn new(stack: impl Into<String>, level: LevelFilter, clock: C) -> Self {
        let dimensions = vec![vec![DIMENSION.to_owned()]];
        let format = Mutex::new(Emf::builder(NAMESPACE.to_owned(), dimensions).build());
        Self { stack: stack.into(), level, clock, format }
    }

    /// The line.
    fn line(&self, measured: &[Measurement]) -> Vec<u8> {
        let now = self.clock.now();
        let at = now.format(&Rfc3339).unwrap_or_default();
        let line = Line { stack: &self.stack, level: self.level.to_string().to_uppercase(), at, now, measured };
        let mut text = Vec::new();
        // Names, units and numbers are ours and finite: there is nothing to refuse. If there were, the line would be lost.
        if let Err(error) = self.format.lock().unwrap_or_else(PoisonError::into_inner).format(&line, &mut text) {
            tracing::error!("metrics could not be written: {error}");
            text.clear();
        }
        text
    }
}

impl<C: Clock> Metrics for EmbeddedMetrics<C> {
    fn record(&self, measured: &[Measurement]) {
        if !measured.is_empty() {
            // In one piece, so that no other line comes in between. Where the log is gone there is nobody to tell.
            stdout().lock().write_all(&self.line(measured)).ok();
        }
    }
}

impl<C> fmt::Debug for EmbeddedMetrics<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EmbeddedMetrics").field("stack", &self.stack).finish_non_exhaustive()
    }
}

/// One document of the format.
struct Line<'a> {
    stack: &'a str,
    level: String,
    /// The time as Lambda looks for it: without one it takes the line for INFO as well.
    at: String,
    now: OffsetDateTime,
    measured: &'a [Measurement],
}

impl Entry for Line<'_> {
    fn write<'a>(&'a self, writer: &mut impl EntryWriter<'a>) {
        writer.timestamp(SystemTime::from(self.now));
        writer.value(DIMENSION, self.stack);
        for measurement in self.measured {
            writer.value(measurement.metric.name(), &Measured(*measurement));
        }
        writer.value("timestamp", &self.at);
        writer.value("level", &self.level);
        writer.value("message", "metrics");
    }
}

struct Measured(Measurement);

impl Value for Measured {
    fn write(&self, writer: impl ValueWriter) {
        let unit = match self.0.metric.unit() {
            Unit::Count => CloudWatchUnit::Count,
            Unit::Seconds => CloudWatchUnit::Second(NegativeScale::One),
            Unit::Milliseconds => CloudWatchUnit::Second(NegativeScale::Milli),
        };
        writer.metric([Observation::Unsigned(self.0.value)], unit, [], MetricFlags::empty());
    }
}

#[cfg(test)]
mod tests {
    use evertoken_core::metrics::Metric;
    use serde_json::{Value as Json, json};
    use time::macros::datetime;

    use super::*;

    struct Fixed;

    impl Clock for Fixed {
        fn now(&self) -> OffsetDateTime {
            datetime!(2026-11-22 05:00 UTC)
        }
    }

    fn line(level: LevelFilter, measured: &[Measurement]) -> Json {
        let text = String::from_utf8(EmbeddedMetrics::new("shop \"1\"", level, Fixed).line(measured)).unwrap();
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        assert!(text.ends_with('\n'), "{text}");
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_line_is_what_cloudwatch_reads() {
        let measured = [
            Measurement { metric: Metric::Accounts, value: 3 },
            Measurement { metric: Metric::MinSecondsToExpiry, value: 5_184_000 },
            Measurement { metric: Metric::RunDurationMs, value: 1_200 },
        ];
        let expected = json!({
            "_aws": {
                "Timestamp": 1_795_323_600_000_u64,
                "CloudWatchMetrics": [{
                    "Namespace": "Evertoken",
                    "Dimensions": [["Stack"]],
                    "Metrics": [
                        {"Name": "Accounts", "Unit": "Count"},
                        {"Name": "MinSecondsToExpiry", "Unit": "Seconds"},
                        {"Name": "RunDurationMs", "Unit": "Milliseconds"},
                    ],
                }],
            },
            "Stack": "shop \"1\"",
            "Accounts": 3,
            "MinSecondsToExpiry": 5_184_000,
            "RunDurationMs": 1_200,
            "timestamp": "2026-11-22T05:00:00Z",
            "level": "INFO",
            "message": "metrics",
        });
        assert_eq!(line(LevelFilter::INFO, &measured), expected);
    }

    #[test]
    fn it_passes_at_whatever_level_the_log_has() {
        for (level, word) in [(LevelFilter::ERROR, "ERROR"), (LevelFilter::WARN, "WARN"), (LevelFilter::DEBUG, "DEBUG")]
        {
            assert_eq!(line(level, &[Measurement::one(Metric::ColdStart)])["level"], word);
        }
    }
}
