//! Logging for the Lambda functions.

use std::io;

use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt, Targets, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Filter, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging to standard output and returns the log level.
///
/// The format is JSON if `AWS_LAMBDA_LOG_FORMAT` is `JSON`, otherwise text. The level comes from `AWS_LAMBDA_LOG_LEVEL`,
/// then `RUST_LOG` (a level without directives), then defaults to INFO. TRACE is treated as DEBUG.
///
/// The level applies to Evertoken's own crates. All others log warnings and errors only, because at DEBUG and TRACE the
/// Lambda runtime logs whole requests, which contain authorization codes, and the SDK logs whole responses, which contain
/// tokens.
pub fn start() -> LevelFilter {
    let variable = |name| std::env::var(name).ok();
    let level = level(variable("AWS_LAMBDA_LOG_LEVEL").as_deref(), variable("RUST_LOG").as_deref());
    // Fails only if logging was started before. The first start then stays in effect.
    if is_json() { json_lines(level, io::stdout).try_init() } else { text_lines(level, io::stdout).try_init() }.ok();
    level
}

/// Whether the log format is JSON (`AWS_LAMBDA_LOG_FORMAT`).
pub(crate) fn is_json() -> bool {
    std::env::var("AWS_LAMBDA_LOG_FORMAT").is_ok_and(|format| format.eq_ignore_ascii_case("json"))
}

fn json_lines<W>(level: LevelFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // Lambda requires "timestamp" and "level" at the top level (AWS, "Log-level filtering").
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_span_list(false);
    Registry::default().with(lines.with_writer(writer).with_filter(filter(level)))
}

fn text_lines<W>(level: LevelFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer().with_ansi(false);
    Registry::default().with(lines.with_writer(writer).with_filter(filter(level)))
}

fn level(lambda: Option<&str>, rust: Option<&str>) -> LevelFilter {
    let parse = |text: &str| match text.trim().to_ascii_lowercase().as_str() {
        "trace" | "debug" => Some(LevelFilter::DEBUG),
        "info" => Some(LevelFilter::INFO),
        "warn" => Some(LevelFilter::WARN),
        // Lambda has a level FATAL, which tracing does not.
        "error" | "fatal" => Some(LevelFilter::ERROR),
        _ => None,
    };
    lambda.and_then(parse).or_else(|| rust.and_then(parse)).unwrap_or(LevelFilter::INFO)
}

fn filter<S: Subscriber>(level: LevelFilter) -> impl Filter<S> {
    let ours = Targets::new().with_default(level.min(LevelFilter::WARN)).with_target("evertoken", level);
    // The runtime's span of an invocation adds `requestId` to each line, and nothing else.
    let invocation = |metadata: &Metadata<'_>| {
        metadata.is_span() && metadata.target().starts_with("lambda_runtime") && *metadata.level() <= Level::INFO
    };
    ours.or(filter_fn(invocation))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<u8>>>);

    impl Output {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'w> MakeWriter<'w> for Output {
        type Writer = Self;

        fn make_writer(&'w self) -> Self {
            self.clone()
        }
    }

    fn log_samples() {
        let _invocation =
            tracing::info_span!(target: "lambda_runtime::layers::trace", "Lambda runtime invoke", requestId = "r-1")
                .entered();
        tracing::debug!(target: "evertoken_core::refresh", { account.name = "shop-de" }, "our debug line");
        tracing::trace!(target: "evertoken_core::refresh", "our trace line");
        tracing::debug!(target: "lambda_runtime::streaming", "code=AQB-secret");
        tracing::info!(target: "lambda_runtime::streaming", "code=AQB-secret");
        tracing::info!(target: "aws_smithy_runtime", "IGAA-secret");
        tracing::warn!(target: "aws_smithy_runtime", "sdk warning");
    }

    #[test]
    fn other_crates_log_warnings_and_errors_only() {
        for with_json in [true, false] {
            let output = Output::default();
            let level = level(Some("TRACE"), None);
            if with_json {
                tracing::subscriber::with_default(json_lines(level, output.clone()), log_samples);
            } else {
                tracing::subscriber::with_default(text_lines(level, output.clone()), log_samples);
            }
            let text = output.text();
            assert!(text.contains("our debug line") && text.contains("sdk warning"), "{text}");
            assert!(!text.contains("secret") && !text.contains("our trace line"), "{text}");
        }
    }

    #[test]
    fn a_json_line_has_the_fields_that_lambda_requires_and_the_request_id() {
        let output = Output::default();
        tracing::subscriber::with_default(json_lines(LevelFilter::DEBUG, output.clone()), log_samples);
        let text = output.text();
        let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!(line["level"], "DEBUG");
        assert_eq!(line["message"], "our debug line");
        assert_eq!(line["account.name"], "shop-de");
        assert_eq!(line["span"]["requestId"], "r-1");
        assert!(line["timestamp"].is_string());
    }

    #[test]
    fn lambdas_level_takes_precedence_and_an_invalid_level_is_info() {
        assert_eq!(level(Some("ERROR"), Some("debug")), LevelFilter::ERROR);
        assert_eq!(level(Some("FATAL"), None), LevelFilter::ERROR);
        assert_eq!(level(Some("INFO"), Some("error")), LevelFilter::INFO);
        assert_eq!(level(None, Some("warn")), LevelFilter::WARN);
        assert_eq!(level(None, Some("evertoken=debug,hyper=trace")), LevelFilter::INFO);
        assert_eq!(level(None, None), LevelFilter::INFO);
    }
}
