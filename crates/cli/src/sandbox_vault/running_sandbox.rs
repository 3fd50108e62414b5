//! Asks a sandbox whether it is running and how far its clock is ahead.

use std::time::Duration as Timeout;

use evertoken_core::public_url;
use evertoken_https::Tls;
use serde::Deserialize;
use time::Duration;

use super::sandbox_file::SandboxFile;

/// The longest time for the answer of a program on this machine.
const TIMEOUT: Timeout = Timeout::from_secs(2);

/// The answer of `GET /_sandbox/clock`.
#[derive(Deserialize)]
struct ClockAnswer {
    offset_seconds: i64,
    sandbox: String,
}

/// How far the clock of the file's sandbox is ahead, or `None` if that sandbox is not running.
pub(crate) async fn clock_offset(file: &SandboxFile) -> Option<Duration> {
    // No proxy of the environment: the sandbox is on this machine.
    let client = Tls::with_system_roots().client().no_proxy().timeout(TIMEOUT).build().ok()?;
    let response = client.get(public_url::join(&file.origin, "_sandbox/clock")).send().await.ok()?;
    let answer: ClockAnswer = response.error_for_status().ok()?.json().await.ok()?;
    (answer.sandbox == file.sandbox).then(|| Duration::seconds(answer.offset_seconds))
}
