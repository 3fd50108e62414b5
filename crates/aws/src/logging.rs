//! The log of a Lambda.

use std::io;

use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt, Targets, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Filter, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging to standard output, once: JSON if `AWS_LAMBDA_LOG_FORMAT` is `JSON`, else text. The level is
/// `AWS_LAMBDA_LOG_LEVEL`'s, else `RUST_LOG`'s (one word), else INFO.
///
/// The level holds for Evertoken's own crates. Everything else logs warnings and errors only: at DEBUG and TRACE the
/// Lambda runtime writes whole requests, with the authorization code in them, and the SDK whole responses, with tokens.
/// TRACE is taken as DEBUG. Returns the level.
pub fn start() -> LevelFilter {
    let variable = |name| std::env::var(name).ok();
    let level = level(variable("AWS_LAMBDA_LOG_LEVEL").as_deref(), variable("RUST_LOG").as_deref());
    let json = variable("AWS_LAMBDA_LOG_FORMAT").is_some_and(|format| format.eq_ignore_ascii_case("json"));
    // Fails only if logging was started before; then that stays.
    if json { by_json(level, io::stdout).try_init() } else { by_text(level, io::stdout).try_init() }.ok();
    level
}

fn by_json<W>(level: LevelFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // Lambda itself looks for "timestamp" and "level" at the top; the message beside them reads best.
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_span_list(false);
    Registry::default().with(lines.with_writer(writer).with_filter(filter(level)))
}

fn by_text<W>(level: LevelFilter, writer: W) -> impl Subscriber + Send + Sync
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
        // FATAL is Lambda's word for the most severe.
        "error" | "fatal" => Some(LevelFilter::ERROR),
        _ => None,
    };
    lambda.and_then(parse).or_else(|| rust.and_then(parse)).unwrap_or(LevelFilter::INFO)
}

fn filter<S: Subscriber>(level: LevelFilter) -> impl Filter<S> {
    let ours = Targets::new().with_default(level.min(LevelFilter::WARN)).with_target("evertoken", level);
    // The runtime's span around a request carries `requestId`, and no more than that.
    let request = |metadata: &Metadata<'_>| {
        metadata.is_span() && metadata.target().starts_with("lambda_runtime") && *metadata.level() <= Level::INFO
    };
    ours.or(filter_fn(request))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Lines {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'w> MakeWriter<'w> for Lines {
        type Writer = Self;

        fn make_writer(&'w self) -> Self {
            self.clone()
        }
    }

    fn log_everything() {
        let _request =
            tracing::info_span!(target: "lambda_runtime::layers::trace", "Lambda runtime invoke", requestId = "r-1")
                .entered();
        tracing::debug!(target: "evertoken_core::refresh", { account.name = "shop-de" }, "ours in detail");
        tracing::trace!(target: "evertoken_core::refresh", "ours in too much detail");
        tracing::debug!(target: "lambda_runtime::streaming", "code=AQB-secret");
        tracing::info!(target: "aws_smithy_runtime", "IGAA-secret");
        tracing::warn!(target: "aws_smithy_runtime", "a retry");
    }

    #[test]
    fn only_our_own_crates_log_below_warnings() {
        for with_json in [true, false] {
            let lines = Lines::default();
            let level = level(Some("TRACE"), None);
            if with_json {
                tracing::subscriber::with_default(by_json(level, lines.clone()), log_everything);
            } else {
                tracing::subscriber::with_default(by_text(level, lines.clone()), log_everything);
            }
            let text = lines.text();
            assert!(text.contains("ours in detail") && text.contains("a retry"), "{text}");
            assert!(!text.contains("secret") && !text.contains("too much"), "{text}");
        }
    }

    #[test]
    fn a_json_line_has_what_lambda_looks_for_and_the_request() {
        let lines = Lines::default();
        tracing::subscriber::with_default(by_json(LevelFilter::DEBUG, lines.clone()), log_everything);
        let text = lines.text();
        let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!(line["level"], "DEBUG");
        assert_eq!(line["message"], "ours in detail");
        assert_eq!(line["account.name"], "shop-de");
        assert_eq!(line["span"]["requestId"], "r-1");
        assert!(line["timestamp"].is_string());
    }

    #[test]
    fn lambdas_level_wins_and_nonsense_is_info() {
        assert_eq!(level(Some("ERROR"), Some("debug")), LevelFilter::ERROR);
        assert_eq!(level(Some("FATAL"), None), LevelFilter::ERROR);
        assert_eq!(level(None, Some("warn")), LevelFilter::WARN);
        assert_eq!(level(None, Some("evertoken=debug,hyper=trace")), LevelFilter::INFO);
        assert_eq!(level(None, None), LevelFilter::INFO);
    }
}
