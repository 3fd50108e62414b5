//! A process whose output is kept and that ends with the test, whatever happens to it.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use tempfile::TempDir;

use crate::{venv, waiting};

/// Environment variables, by name.
pub type Environment = [(String, String)];

/// A running process. Dropped, it ends, and so does all that it started; if this process dies they end as well.
#[derive(Debug)]
pub struct Leashed {
    leash: Child,
    output: TempDir,
}

impl Leashed {
    /// Starts `program` with these variables and none else but `PATH`.
    pub fn start(program: &Path, arguments: &[&str], environment: &Environment) -> Self {
        let output = TempDir::new().unwrap();
        let file = |name| File::create(output.path().join(name)).unwrap();
        let leash = Command::new(venv::python())
            .arg(venv::root().join("tests/support/leash.py"))
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
        Self { leash, output }
    }

    /// What it has written to standard output so far.
    pub fn stdout(&self) -> String {
        self.read("stdout")
    }

    /// What it has written to standard error so far.
    pub fn stderr(&self) -> String {
        self.read("stderr")
    }

    /// What Ctrl-C does.
    pub fn interrupt(&mut self) {
        self.leash.stdin.as_mut().unwrap().write_all(b"interrupt\n").unwrap();
    }

    /// Whether and how it has ended.
    pub fn status(&mut self) -> Option<ExitStatus> {
        self.leash.try_wait().unwrap()
    }

    /// Its exit code, once it has ended by itself.
    pub async fn ended(&mut self) -> i32 {
        waiting::until("the process's end", || self.status()).await.code().unwrap()
    }

    /// Ends it now, and leaves its output to be read.
    pub fn end(&mut self) {
        drop(self.leash.stdin.take());
        self.leash.wait().ok();
    }

    fn read(&self, name: &str) -> String {
        String::from_utf8_lossy(&std::fs::read(self.output.path().join(name)).unwrap()).into_owned()
    }
}

impl Drop for Leashed {
    fn drop(&mut self) {
        self.end();
    }
}
