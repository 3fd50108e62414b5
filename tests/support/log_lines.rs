//! Captures log lines at all levels.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};

/// The log lines of one test. It captures what the test's own thread logs, which under `#[tokio::test]` is everything.
#[derive(Clone, Debug, Default)]
pub struct LogLines(Arc<Mutex<Vec<u8>>>);

impl LogLines {
    /// Starts capturing: everything that Evertoken logs from TRACE up, and warnings of other crates. A Lambda logs less.
    pub fn collect() -> (Self, DefaultGuard) {
        let lines = Self::default();
        let filter = Targets::new().with_default(Level::WARN).with_target("evertoken", LevelFilter::TRACE);
        let layer = tracing_subscriber::fmt::layer().json().with_writer(lines.clone()).with_filter(filter);
        let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
        (lines, guard)
    }

    /// Returns all captured text.
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Returns the number of captured lines.
    pub fn count(&self) -> usize {
        self.text().lines().count()
    }
}

impl Write for LogLines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for LogLines {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}
