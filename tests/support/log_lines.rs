//! Captures log lines at all levels.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, Once};

use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer, SubscriberExt};

thread_local! {
    /// Where this thread's log lines go; nowhere without a test that collects them.
    static COLLECTING: RefCell<Option<LogLines>> = const { RefCell::new(None) };
}

/// The log lines of one test. It captures what the test's own thread logs, which under `#[tokio::test]` is everything.
#[derive(Clone, Debug, Default)]
pub struct LogLines(Arc<Mutex<Vec<u8>>>);

/// Ends the collection when it is dropped.
#[derive(Debug)]
pub struct CollectionGuard(());

impl Drop for CollectionGuard {
    fn drop(&mut self) {
        COLLECTING.take();
    }
}

impl LogLines {
    /// Starts capturing: everything that Evertoken logs from TRACE up, and warnings of other crates. A Lambda logs less.
    pub fn collect() -> (Self, CollectionGuard) {
        install_subscriber();
        let lines = Self::default();
        COLLECTING.set(Some(lines.clone()));
        (lines, CollectionGuard(()))
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

/// Installs the process's only subscriber.
///
/// One subscriber per test thread would lose lines: `tracing` asks the subscriber of the thread that reaches a log
/// statement first whether anybody wants it, and remembers the answer for all threads. That thread may be another test's.
fn install_subscriber() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let filter = Targets::new().with_default(Level::WARN).with_target("evertoken", LevelFilter::TRACE);
        let layer = tracing_subscriber::fmt::layer().json().with_writer(|| CurrentThread).with_filter(filter);
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).unwrap();
        // A log statement that was reached earlier is remembered as unwanted.
        tracing::callsite::rebuild_interest_cache();
    });
}

/// Writes to the lines that the current thread collects.
struct CurrentThread;

impl Write for CurrentThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        COLLECTING.with_borrow(|collecting| {
            if let Some(lines) = collecting {
                lines.0.lock().unwrap().extend_from_slice(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
