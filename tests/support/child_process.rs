//! Runs a program as a child process, captures its output, and ends it together with the test.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use tempfile::TempDir;

use crate::{venv, wait, workspace};

/// Environment variables as name and value.
pub type Environment = [(String, String)];

/// A running child process. It is killed with all its descendants when this value is dropped, or when the test process
/// dies.
#[derive(Debug)]
pub struct ChildProcess {
    supervisor: Child,
    output: TempDir,
}

impl ChildProcess {
    /// Starts `program` with these environment variables, plus `PATH`.
    pub fn start(program: &Path, arguments: &[&str], environment: &Environment) -> Self {
        let output = TempDir::new().unwrap();
        let file = |name| File::create(output.path().join(name)).unwrap();
        let supervisor = Command::new(venv::python())
            .arg(workspace::root().join("tests/support/supervisor.py"))
            .arg(program)
            .args(arguments)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(file("stdout"))
            .stderr(file("stderr"))
            .spawn()
            .unwrap();
        Self { supervisor, output }
    }

    /// Returns what the process has written to standard output so far.
    pub fn stdout(&self) -> String {
        self.read("stdout")
    }

    /// Returns what the process has written to standard error so far.
    pub fn stderr(&self) -> String {
        self.read("stderr")
    }

    /// Returns the ID of the process (Linux).
    pub fn id(&self) -> String {
        let supervisor = self.supervisor.id();
        let children = std::fs::read_to_string(format!("/proc/{supervisor}/task/{supervisor}/children")).unwrap();
        children.split(' ').next().unwrap().to_owned()
    }

    /// Sends SIGINT to the process, as Ctrl-C does.
    pub fn interrupt(&mut self) {
        self.supervisor.stdin.as_mut().unwrap().write_all(b"interrupt\n").unwrap();
    }

    /// Returns the exit status, or `None` while the process is running.
    pub fn try_exit_status(&mut self) -> Option<ExitStatus> {
        self.supervisor.try_wait().unwrap()
    }

    /// Waits until the process exits by itself, and returns its exit code.
    pub async fn wait_for_exit(&mut self) -> i32 {
        wait::until("the process to exit", || self.try_exit_status()).await.code().unwrap()
    }

    /// Kills the process. Its output can still be read.
    pub fn kill(&mut self) {
        // The supervisor kills its child when its standard input closes.
        drop(self.supervisor.stdin.take());
        self.supervisor.wait().ok();
    }

    fn read(&self, name: &str) -> String {
        String::from_utf8_lossy(&std::fs::read(self.output.path().join(name)).unwrap()).into_owned()
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        self.kill();
    }
}
