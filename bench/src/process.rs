//! The process under measurement, and its resource usage from `/proc` (Linux only).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A child process that is killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    stderr: File,
    /// When it was executed.
    pub started: Instant,
}

impl Process {
    /// Starts a program with these environment variables and no others.
    pub fn start(command: &[String], variables: &BTreeMap<String, String>) -> Self {
        let stderr = tempfile::tempfile().unwrap();
        let mut program = Command::new(&command[0]);
        program.args(&command[1..]).env_clear().envs(variables).stdin(Stdio::null()).stdout(Stdio::null());
        program.stderr(stderr.try_clone().unwrap());
        let started = Instant::now();
        let child = program.spawn().unwrap_or_else(|error| panic!("cannot start {}: {error}", command[0]));
        Self { child, stderr, started }
    }

    /// What it has written to standard error so far.
    pub fn stderr(&mut self) -> String {
        let mut text = String::new();
        self.stderr.rewind().unwrap();
        self.stderr.read_to_string(&mut text).unwrap();
        text
    }

    /// Peak resident memory in MiB (`VmHWM`), which includes the program's own code.
    pub fn peak_memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        kib.map_or(f64::NAN, |kib| kib / 1024.0)
    }

    /// CPU time of all its threads. On a busy machine it varies less than wall-clock time.
    pub fn cpu_time(&self) -> Duration {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id()));
        let times = threads.into_iter().flatten().filter_map(|thread| {
            let schedstat = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            schedstat.split(' ').next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(times.sum())
    }

    /// Sends SIGTERM and waits for it to exit.
    pub fn terminate(mut self) {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
