//! A process that is measured, and what the kernel says of it (Linux: `/proc`).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Runs until it is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    said: File,
    /// When it was executed.
    pub started: Instant,
}

impl Process {
    /// Starts a program with these variables and no others.
    pub fn start(command: &[String], variables: &BTreeMap<String, String>) -> Self {
        let said = tempfile::tempfile().unwrap();
        let mut program = Command::new(&command[0]);
        program.args(&command[1..]).env_clear().envs(variables).stdin(Stdio::null()).stdout(Stdio::null());
        program.stderr(said.try_clone().unwrap());
        let started = Instant::now();
        let child = program.spawn().unwrap_or_else(|error| panic!("{} does not start: {error}", command[0]));
        Self { child, said, started }
    }

    /// What it has written to standard error.
    pub fn said(&mut self) -> String {
        let mut said = String::new();
        self.said.rewind().unwrap();
        self.said.read_to_string(&mut said).unwrap();
        said
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// The most memory that it has had in use, in MiB: `VmHWM`, its own code included.
    pub fn peak_memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        kib.map_or(f64::NAN, |kib| kib / 1024.0)
    }

    /// How long processors have worked for it: steadier than the time on the wall where others work as well.
    pub fn processor_time(&self) -> Duration {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id()));
        let times = threads.into_iter().flatten().filter_map(|thread| {
            let of_thread = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            of_thread.split(' ').next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(times.sum())
    }

    /// Asks it to end, and waits until it has.
    pub fn end(mut self) {
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
