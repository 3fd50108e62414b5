//! Runs `evertoken serve` as a child process.

use std::path::Path;

use url::Url;

use crate::child_process::{ChildProcess, Environment};
use crate::test_cli::CommandRun;
use crate::{binaries, wait};

/// A running service.
#[derive(Debug)]
pub struct ServeProcess {
    process: ChildProcess,
    /// The URL that the service prints when it starts.
    pub url: Url,
}

impl ServeProcess {
    /// Starts `evertoken serve` on a free port with more arguments, and waits for its URL.
    pub async fn start(arguments: &[&str], environment: &Environment) -> Self {
        let arguments = [&["serve", "--port", "0"], arguments].concat();
        Self::wait_for_url(ChildProcess::start(binaries::path("evertoken"), &arguments, environment)).await
    }

    /// Like [`ServeProcess::start`], with at most this many open files.
    pub async fn start_with_open_files(limit: u32, arguments: &[&str], environment: &Environment) -> Self {
        let limit = format!("ulimit -n {limit}; exec \"$@\"");
        let evertoken = binaries::path("evertoken").to_str().unwrap();
        let arguments = [&["-c", &limit, "sh", evertoken, "serve", "--port", "0"], arguments].concat();
        Self::wait_for_url(ChildProcess::start(Path::new("/bin/sh"), &arguments, environment)).await
    }

    /// Runs `evertoken serve` with arguments that it must refuse. Panics as soon as the service starts.
    pub async fn run_refused(arguments: &[&str], environment: &Environment) -> CommandRun {
        let arguments = [&["serve", "--port", "0"], arguments].concat();
        let mut process = ChildProcess::start(binaries::path("evertoken"), &arguments, environment);
        let exit_status = wait::until("the service to exit", || {
            assert_eq!(process.stdout(), "", "the service started");
            process.try_exit_status()
        });
        let code = exit_status.await.code().unwrap();
        CommandRun { code, stdout: process.stdout(), stderr: process.stderr() }
    }

    async fn wait_for_url(mut process: ChildProcess) -> Self {
        let line = loop {
            if let Some((line, _)) = process.stdout().split_once('\n') {
                break line.to_owned();
            }
            let exit_status = process.try_exit_status();
            assert!(exit_status.is_none(), "the service exited: {}", process.stderr());
            wait::briefly().await;
        };
        let url = line.parse().unwrap_or_else(|_| panic!("{line} is not a URL: {}", process.stderr()));
        Self { process, url }
    }

    /// Returns the ID of the process (Linux).
    pub fn id(&self) -> String {
        self.process.id()
    }

    /// Returns what the service has written to standard output so far.
    pub fn stdout(&self) -> String {
        self.process.stdout()
    }

    /// Returns what the service has written to standard error so far.
    pub fn stderr(&self) -> String {
        self.process.stderr()
    }

    /// Shuts the service down with Ctrl-C, and asserts that it exits successfully. Its output can still be read.
    pub async fn shut_down(mut self) -> ChildProcess {
        self.process.interrupt();
        assert_eq!(self.process.wait_for_exit().await, 0, "{}", self.process.stderr());
        self.process
    }
}
