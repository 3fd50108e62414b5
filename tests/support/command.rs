//! The real command, run to its end, over either vault.

use std::process::Stdio;
use std::time::Duration;

use evertoken_sandbox::Settings;
use serde_json::Value;
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::binaries;
use crate::deployment::{self, Deployment};
use crate::leaks::Leaks;
use crate::leashed::Environment;
use crate::served_sandbox::ServedSandbox;

/// Longer than any command takes on a busy machine.
const LIMIT: Duration = Duration::from_mins(1);

/// What a run of the command left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The exit code.
    pub code: i32,
    /// Data.
    pub stdout: String,
    /// Remarks.
    pub stderr: String,
}

impl Run {
    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The same run, if it ended with this code.
    #[allow(clippy::return_self_not_must_use, reason = "the code may be all that a test is about")]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }
}

/// Runs `evertoken` with these variables and none else, and this text as standard input.
pub async fn run(arguments: &[&str], environment: &Environment, input: &str) -> Run {
    let mut process = Command::new(binaries::path("evertoken"))
        .args(arguments)
        .env_clear()
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = process.stdin.take().unwrap();
    // A command that does not read its input may be gone before all of it is written.
    stdin.write_all(input.as_bytes()).await.ok();
    drop(stdin);
    let ended = tokio::time::timeout(LIMIT, process.wait_with_output()).await;
    let output = ended.unwrap_or_else(|_| panic!("evertoken {arguments:?} did not end")).unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A vault of one's own with an Instagram of its own, and the command over it. All that the command writes is held
/// against what must not be seen, and so is its command line.
#[derive(Debug)]
pub struct CommandHouse {
    place: Place,
    /// Variables that are otherwise than usual.
    changed: Vec<(String, String)>,
}

#[derive(Debug)]
enum Place {
    Files { dir: TempDir, instagram: Box<ServedSandbox>, leaks: Leaks },
    SecretsManager(Box<Deployment>),
}

impl CommandHouse {
    /// One of each.
    pub async fn each() -> [Self; 2] {
        [Self::with_files().await, Self::with_secrets_manager().await]
    }

    /// Over a folder: `--local` is added to every command line.
    pub async fn with_files() -> Self {
        let dir = TempDir::new().unwrap();
        std::fs::create_dir(dir.path().join("accounts")).unwrap();
        let settings = Settings::default();
        let leaks = Leaks::default();
        leaks.keep_secret("the app secret", &settings.app_secret);
        let instagram = Box::new(ServedSandbox::start(settings, "https://login.example.test/callback").await);
        Self { place: Place::Files { dir, instagram, leaks }, changed: Vec::new() }
    }

    /// Over Secrets Manager: the variables of a deployment's Lambdas are set.
    pub async fn with_secrets_manager() -> Self {
        Self { place: Place::SecretsManager(Box::new(Deployment::new().await)), changed: Vec::new() }
    }

    /// The same with these variables otherwise; an empty one counts as absent.
    #[must_use]
    pub fn with_variables(mut self, changed: &[(&str, &str)]) -> Self {
        self.changed.extend(changed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self
    }

    /// Its Instagram.
    pub fn instagram(&self) -> &ServedSandbox {
        match &self.place {
            Place::Files { instagram, .. } => instagram,
            Place::SecretsManager(deployment) => &deployment.instagram,
        }
    }

    /// What must not be seen.
    pub fn leaks(&self) -> &Leaks {
        match &self.place {
            Place::Files { leaks, .. } => leaks,
            Place::SecretsManager(deployment) => &deployment.leaks,
        }
    }

    /// The folder of the vault of files.
    pub fn dir(&self) -> &std::path::Path {
        match &self.place {
            Place::Files { dir, .. } => dir.path(),
            Place::SecretsManager(_) => panic!("this vault is no folder"),
        }
    }

    /// The deployment whose vault it is.
    pub fn deployment(&self) -> &Deployment {
        match &self.place {
            Place::Files { .. } => panic!("this vault is a folder"),
            Place::SecretsManager(deployment) => deployment,
        }
    }

    /// The variables of the command.
    pub fn environment(&self) -> Vec<(String, String)> {
        let usual = match &self.place {
            Place::Files { instagram, .. } => {
                let hosts = ["EVERTOKEN_AUTHORIZE_URL", "EVERTOKEN_TOKEN_URL", "EVERTOKEN_GRAPH_URL"];
                hosts.map(|name| (name.to_owned(), instagram.origin().to_owned())).to_vec()
            }
            Place::SecretsManager(deployment) => deployment.variables(),
        };
        // The later one wins.
        usual.into_iter().chain(self.changed.iter().cloned()).collect()
    }

    /// Runs the command without input.
    pub async fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, "").await
    }

    /// Runs the command with this text as standard input.
    pub async fn run_with(&self, arguments: &[&str], input: &str) -> Run {
        let run = self.run_unwatched(arguments, input).await;
        let words = arguments.join(" ");
        self.leaks().logged(&format!("the command line of `{words}`"), &words);
        self.leaks().logged(&format!("the output of `{words}`"), &run.stdout);
        self.leaks().logged(&format!("the remarks of `{words}`"), &run.stderr);
        run
    }

    /// Runs a command whose purpose is to show a secret.
    pub async fn run_unwatched(&self, arguments: &[&str], input: &str) -> Run {
        let mut arguments = arguments.to_vec();
        if let Place::Files { dir, .. } = &self.place {
            arguments.extend(["--local", dir.path().to_str().unwrap()]);
        }
        run(&arguments, &self.environment(), input).await
    }

    /// Puts an account that was connected `age` ago, with a token that Instagram knows.
    pub async fn plant(&self, name: &str, age: time::Duration) {
        match &self.place {
            Place::Files { instagram, .. } => {
                let token = instagram.token("blue_bottle", age).await;
                let connected_at = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap() - age;
                self.put(name, &deployment::document(name, &token, connected_at).to_string()).await;
            }
            Place::SecretsManager(deployment) => deployment.plant(name, age).await,
        }
    }

    /// Writes an account's document as an operator could, past the command.
    pub async fn put(&self, name: &str, text: &str) {
        match &self.place {
            Place::Files { dir, .. } => {
                std::fs::write(dir.path().join(format!("accounts/{name}.json")), text).unwrap();
            }
            Place::SecretsManager(deployment) => deployment.put(name, text).await,
        }
    }

    /// The document that is current; none if the account is not there.
    pub async fn document(&self, name: &str) -> Option<Value> {
        let text = match &self.place {
            Place::Files { dir, .. } => {
                std::fs::read_to_string(dir.path().join(format!("accounts/{name}.json"))).ok()?
            }
            Place::SecretsManager(deployment) => deployment.staged(name, "AWSCURRENT").await?.1,
        };
        Some(serde_json::from_str(&text).unwrap())
    }
}

impl Drop for CommandHouse {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.leaks().found(), [""; 0], "secrets stand where they must not");
        }
    }
}
