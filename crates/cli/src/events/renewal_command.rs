//! The operator's command that receives each new token (`evertoken serve --on-renewed`).

use std::env;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use evertoken_core::backoff::{Backoff, Jitter, retry};
use evertoken_core::document::Document;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::{Event, EventKind};
use evertoken_core::vault::AccountStore;
use time::format_description::well_known::Rfc3339;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use crate::vault::any_vault::AnyVault;

/// How long one run may take.
const TIME_LIMIT: Duration = Duration::from_mins(1);

/// Runs for one token.
const ATTEMPTS: u32 = 3;

const BACKOFF: Backoff =
    Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(4), jitter: Jitter::Full };

/// Runs a shell command for each account that has a new token, with the token on standard input.
#[derive(Clone, Debug)]
pub(crate) struct RenewalCommand {
    command: String,
    vault: AnyVault,
    /// One command runs at a time: most of them write to the same website.
    turn: Arc<Mutex<()>>,
    background: TaskTracker,
    time_limit: Duration,
}

impl RenewalCommand {
    /// The commands run among the background tasks, for which a shutdown waits.
    pub(crate) fn new(command: String, vault: AnyVault, background: TaskTracker) -> Self {
        Self { command, vault, turn: Arc::default(), background, time_limit: TIME_LIMIT }
    }

    /// Runs the command in the background if the event means that the account has a new token.
    pub(crate) fn handle(&self, event: &Event) {
        if brings_a_token(event.kind) {
            let (this, name) = (self.clone(), event.name.clone());
            self.background.spawn(async move { this.run(&name).await });
        }
    }

    async fn run(&self, name: &str) {
        let _turn = self.turn.lock().await;
        let wait = |_: &String, attempt: u32| (attempt < ATTEMPTS).then(|| BACKOFF.delay(attempt, &SystemEntropy));
        match retry(|| self.run_once(name), wait).await {
            Ok(()) => tracing::info!(account.name = name, "passed the new token to the --on-renewed command"),
            Err(reason) => tracing::error!(
                account.name = name,
                "the --on-renewed command failed ({reason}). It runs again after the next renewal"
            ),
        }
    }

    /// The error contains nothing of the command or its output.
    async fn run_once(&self, name: &str) -> Result<(), String> {
        let name = name.parse().map_err(|_| "unknown account".to_owned())?;
        let stored = self.vault.get(&name).await.map_err(|error| error.to_string())?;
        // Removed meanwhile.
        let Some(account) = stored else { return Ok(()) };
        let mut child = self.start(&account.document).map_err(|error| error.kind().to_string())?;
        if let Ok(result) = timeout(self.time_limit, finish(&mut child, &account.document)).await {
            return result;
        }
        kill_group(&child);
        child.wait().await.ok();
        Err(format!("timed out after {} seconds", self.time_limit.as_secs()))
    }

    /// In a process group of its own, so that Ctrl-C stops the service only after the command has ended. What the command
    /// prints is discarded, because it could contain the token.
    fn start(&self, document: &Document) -> std::io::Result<Child> {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(&self.command).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command.process_group(0).kill_on_drop(true);
        // The service's secrets among them.
        let own =
            env::vars_os().map(|(name, _)| name).filter(|name| name.as_encoded_bytes().starts_with(b"EVERTOKEN_"));
        own.for_each(|name| {
            command.env_remove(name);
        });
        command
            .env("EVERTOKEN_ACCOUNT", document.name.as_str())
            .env("EVERTOKEN_ACCOUNT_ID", document.account_id.as_str())
            .env("EVERTOKEN_USERNAME", &document.username)
            .env(
                "EVERTOKEN_EXPIRES_AT",
                document.expires_at.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default(),
            );
        command.spawn()
    }
}

fn brings_a_token(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::TokenRefreshed
            | EventKind::AccountConnected
            | EventKind::AccountReconnected
            | EventKind::AccountRecovered
    )
}

/// Writes the token and waits for the end.
async fn finish(child: &mut Child, document: &Document) -> Result<(), String> {
    if let Some(mut input) = child.stdin.take() {
        // A command that does not read its input closes the pipe.
        input.write_all(document.access_token.expose().as_bytes()).await.ok();
        input.write_all(b"\n").await.ok();
    }
    let status = child.wait().await.map_err(|error| error.kind().to_string())?;
    if status.success() { Ok(()) } else { Err(status.to_string()) }
}

/// The shell and everything it has started.
fn kill_group(child: &Child) {
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
    if let Some(group) = group {
        rustix::process::kill_process_group(group, rustix::process::Signal::KILL).ok();
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use evertoken_core::sample;
    use rustix::fs::{Mode, mkfifoat};
    use tempfile::TempDir;
    use time::OffsetDateTime;

    use super::*;
    use crate::vault::local_folder;

    #[tokio::test]
    async fn a_command_that_hangs_is_stopped_with_everything_it_has_started() {
        let dir = TempDir::new().unwrap();
        let vault = local_folder::open_or_create(&dir.path().join("vault")).unwrap();
        vault.create(&sample::document("shop-de", OffsetDateTime::now_utc())).await.unwrap();
        // Everything that the command starts holds the pipe open for writing.
        let pipe = dir.path().join("pipe");
        mkfifoat(rustix::fs::CWD, &pipe, Mode::RUSR | Mode::WUSR).unwrap();
        let reader = tokio::task::spawn_blocking({
            let pipe = pipe.clone();
            move || fs::read_to_string(pipe).unwrap()
        });
        let line = format!("exec 3> {}; echo started >&3; sleep 1000 & sleep 1000", pipe.display());
        let command = RenewalCommand::new(line, vault, TaskTracker::new());
        assert_eq!(command.time_limit, Duration::from_mins(1));
        let command = RenewalCommand { time_limit: Duration::from_secs(2), ..command };

        assert_eq!(command.run_once("shop-de").await, Err("timed out after 2 seconds".to_owned()));
        assert_eq!(reader.await.unwrap(), "started\n");
    }

    #[test]
    fn a_login_a_renewal_and_a_recovery_bring_a_token_and_nothing_else_does() {
        for (kind, expected) in [
            (EventKind::AccountConnected, true),
            (EventKind::AccountReconnected, true),
            (EventKind::TokenRefreshed, true),
            (EventKind::AccountRecovered, true),
            (EventKind::TokenRefreshFailed, false),
            (EventKind::OwnerActionNeeded, false),
            (EventKind::LoginRequired, false),
            (EventKind::AccessExpiring, false),
            (EventKind::TokenRevealed, false),
            (EventKind::AccountDisconnected, false),
            (EventKind::DataDeleted, false),
        ] {
            assert_eq!(brings_a_token(kind), expected, "{kind:?}");
        }
    }
}
