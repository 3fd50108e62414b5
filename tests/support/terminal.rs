//! Runs the command in a pseudo-terminal, as a person uses it (Linux).

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::child_process::Environment;
use crate::{binaries, wait};

/// A command in its own terminal. It is killed when this value is dropped.
#[derive(Debug)]
pub struct Terminal {
    process: Child,
    keyboard: File,
    screen: Arc<Mutex<Vec<u8>>>,
    /// Ends when the process closes the terminal.
    reader: Option<JoinHandle<()>>,
    /// How much of the screen has been read.
    read: usize,
}

impl Terminal {
    /// Starts `evertoken` in a terminal of this width, with exactly these environment variables and `PATH`.
    pub fn start(columns: u16, arguments: &[&str], environment: &Environment) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        tcsetwinsize(&master, Winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let open = || OpenOptions::new().read(true).write(true).open(&name).unwrap();
        // `setsid` makes it the controlling terminal, from which passwords are read and which sends Ctrl-C. Tests that run in
        // the background ignore Ctrl-C, and the command would inherit that.
        let process = Command::new("setsid")
            .args(["--ctty", "--wait", "env", "--default-signal=INT"])
            .arg(binaries::path("evertoken"))
            .args(arguments)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(open())
            .stdout(open())
            .stderr(open())
            .spawn()
            .unwrap();
        let keyboard = File::from(master);
        let screen = Arc::new(Mutex::new(Vec::new()));
        let (mut output, shown) = (keyboard.try_clone().unwrap(), Arc::clone(&screen));
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = output.read(&mut bytes) {
                shown.lock().unwrap().extend_from_slice(&bytes[..length]);
            }
        });
        Self { process, keyboard, screen, reader: Some(reader), read: 0 }
    }

    /// Returns everything that the terminal has shown.
    pub fn screen(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().unwrap()).replace('\r', "")
    }

    /// Waits until the terminal shows this text after what was waited for before.
    pub async fn wait_for(&mut self, text: &str) {
        let found = || Some(self.read + self.screen().get(self.read..)?.find(text)? + text.len());
        self.read = wait::until(&format!("{text:?} on the screen"), found).await;
    }

    /// Waits for a question, and types an answer and Enter.
    pub async fn answer(&mut self, question: &str, answer: &str) {
        self.wait_for(question).await;
        self.keyboard.write_all(format!("{answer}\n").as_bytes()).unwrap();
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&mut self) {
        self.keyboard.write_all(b"\x03").unwrap();
    }

    /// Waits for the end of the process. Returns its exit code, or `None` after a signal, and what the terminal has shown.
    pub async fn finish(mut self) -> (Option<i32>, String) {
        let status = wait::until("the command to exit", || self.process.try_wait().unwrap()).await;
        self.reader.take().unwrap().join().unwrap();
        (status.code(), self.screen())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if std::thread::panicking() {
            std::io::stderr().write_all(self.screen().as_bytes()).ok();
        }
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
