//! Runs the real `evertoken` command against either vault.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use evertoken_sandbox::Settings;
use serde_json::Value;
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::child_process::Environment;
use crate::deployment::Deployment;
use crate::sandbox_server::SandboxServer;
use crate::secret_scanner::SecretScanner;
use crate::{binaries, sample};

/// Longer than any command takes on a busy machine.
const TIMEOUT: Duration = Duration::from_mins(5);

/// The result of a run of the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandRun {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl CommandRun {
    /// Parses standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts the exit code, and returns the run.
    #[allow(clippy::return_self_not_must_use, reason = "a test may check nothing but the exit code")]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }
}

/// Runs `evertoken` with exactly these environment variables and this standard input.
pub async fn run(arguments: &[&str], environment: &Environment, input: &str) -> CommandRun {
    run_in(Path::new("."), arguments, environment, input).await
}

/// Like [`run`], in this working directory.
pub async fn run_in(folder: &Path, arguments: &[&str], environment: &Environment, input: &str) -> CommandRun {
    let mut process = Command::new(binaries::path("evertoken"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = process.stdin.take().unwrap();
    // A command that does not read its input may exit before everything is written.
    stdin.write_all(input.as_bytes()).await.ok();
    drop(stdin);
    let output = tokio::time::timeout(TIMEOUT, process.wait_with_output()).await;
    let output = output.unwrap_or_else(|_| panic!("evertoken {arguments:?} did not exit")).unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    CommandRun { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The command with its own vault and its own sandbox. On drop it asserts that neither the command lines nor the outputs
/// contain a secret.
#[derive(Debug)]
pub struct TestCli {
    vault: TestVault,
    /// Environment variables that override the usual ones.
    overrides: Vec<(String, String)>,
    /// The working directory.
    folder: PathBuf,
}

#[derive(Debug)]
enum TestVault {
    Files { dir: TempDir, instagram: Box<SandboxServer>, scanner: SecretScanner },
    SecretsManager(Box<Deployment>),
}

impl TestCli {
    /// Creates one command with a file vault and one with Secrets Manager.
    pub async fn for_each_vault() -> [Self; 2] {
        [Self::with_file_vault().await, Self::with_secrets_manager().await]
    }

    /// Creates a command with a file vault. Each run adds `--local` to the command line.
    pub async fn with_file_vault() -> Self {
        Self::with_file_vault_and_sandbox(Settings::default()).await
    }

    /// Creates a command with a file vault, whose sandbox has these settings.
    pub async fn with_file_vault_and_sandbox(settings: Settings) -> Self {
        let dir = TempDir::new().unwrap();
        std::fs::DirBuilder::new().mode(0o700).create(dir.path().join("accounts")).unwrap();
        let scanner = SecretScanner::default();
        scanner.register_secret("the app secret", &settings.app_secret);
        let instagram = Box::new(SandboxServer::start(settings, "https://login.example.test/callback").await);
        Self::with_vault(TestVault::Files { dir, instagram, scanner })
    }

    /// Creates a command with Secrets Manager. Each run has the environment variables of a deployment's functions.
    pub async fn with_secrets_manager() -> Self {
        Self::with_deployment(Deployment::new().await)
    }

    /// Like [`Self::with_secrets_manager`], with this deployment.
    pub fn with_deployment(deployment: Deployment) -> Self {
        Self::with_vault(TestVault::SecretsManager(Box::new(deployment)))
    }

    fn with_vault(vault: TestVault) -> Self {
        Self { vault, overrides: Vec::new(), folder: PathBuf::from(".") }
    }

    /// Runs the command in this working directory.
    #[must_use]
    pub fn in_folder(mut self, folder: &Path) -> Self {
        folder.clone_into(&mut self.folder);
        self
    }

    /// Overrides environment variables. An empty value counts as unset.
    #[must_use]
    pub fn with_variables(mut self, overrides: &[(&str, &str)]) -> Self {
        self.overrides.extend(overrides.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self
    }

    /// Returns the sandbox that stands in for Instagram.
    pub fn instagram(&self) -> &SandboxServer {
        match &self.vault {
            TestVault::Files { instagram, .. } => instagram,
            TestVault::SecretsManager(deployment) => &deployment.instagram,
        }
    }

    /// Returns the scanner for secrets.
    pub fn scanner(&self) -> &SecretScanner {
        match &self.vault {
            TestVault::Files { scanner, .. } => scanner,
            TestVault::SecretsManager(deployment) => &deployment.scanner,
        }
    }

    /// Returns the directory of the file vault.
    pub fn dir(&self) -> &Path {
        match &self.vault {
            TestVault::Files { dir, .. } => dir.path(),
            TestVault::SecretsManager(_) => panic!("this vault is in Secrets Manager"),
        }
    }

    /// Returns the deployment that owns the vault in Secrets Manager.
    pub fn deployment(&self) -> &Deployment {
        match &self.vault {
            TestVault::Files { .. } => panic!("this vault is a directory"),
            TestVault::SecretsManager(deployment) => deployment,
        }
    }

    /// Returns the environment variables of the command.
    pub fn environment(&self) -> Vec<(String, String)> {
        let usual = match &self.vault {
            TestVault::Files { instagram, .. } => {
                let hosts = [
                    "EVERTOKEN_AUTHORIZE_URL",
                    "EVERTOKEN_TOKEN_URL",
                    "EVERTOKEN_GRAPH_URL",
                    "EVERTOKEN_FACEBOOK_GRAPH_URL",
                ];
                hosts.map(|name| (name.to_owned(), instagram.origin().to_owned())).to_vec()
            }
            TestVault::SecretsManager(deployment) => deployment.variables(),
        };
        // Later entries take precedence.
        usual.into_iter().chain(self.overrides.iter().cloned()).collect()
    }

    /// Returns the environment variables of a service that uses the sandbox and its app.
    pub fn service_environment(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let app = Settings::default();
        let own = [("EVERTOKEN_APP_ID", app.app_id.as_str()), ("EVERTOKEN_APP_SECRET", &app.app_secret)];
        let all = own.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.environment().into_iter().chain(all).collect()
    }

    /// Runs the command without input.
    pub async fn run(&self, arguments: &[&str]) -> CommandRun {
        self.run_with_stdin(arguments, "").await
    }

    /// Runs the command with this text as standard input.
    pub async fn run_with_stdin(&self, arguments: &[&str], input: &str) -> CommandRun {
        let run = self.run_without_scan(arguments, input).await;
        let command = arguments.join(" ");
        self.scanner().record_log(&format!("the command line of `{command}`"), &command);
        self.scanner().record_log(&format!("the standard output of `{command}`"), &run.stdout);
        self.scanner().record_log(&format!("the standard error of `{command}`"), &run.stderr);
        run
    }

    /// Runs a command that is meant to print a secret, without scanning its output.
    pub async fn run_without_scan(&self, arguments: &[&str], input: &str) -> CommandRun {
        let mut arguments = arguments.to_vec();
        if let TestVault::Files { dir, .. } = &self.vault {
            arguments.extend(["--local", dir.path().to_str().unwrap()]);
        }
        run_in(&self.folder, &arguments, &self.environment(), input).await
    }

    /// Stores an account that was connected `age` ago, with a token that the sandbox has issued.
    pub async fn add_account(&self, name: &str, age: time::Duration) {
        match &self.vault {
            TestVault::Files { instagram, .. } => {
                let token = instagram.token("blue_bottle", age).await;
                let connected_at = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap() - age;
                self.put_document(name, &sample::document_json(name, &token, connected_at).to_string()).await;
            }
            TestVault::SecretsManager(deployment) => deployment.add_account(name, age).await,
        }
    }

    /// Writes the text of an account's document directly, bypassing the command.
    pub async fn put_document(&self, name: &str, text: &str) {
        match &self.vault {
            TestVault::Files { dir, .. } => {
                std::fs::write(dir.path().join(format!("accounts/{name}.json")), text).unwrap();
            }
            TestVault::SecretsManager(deployment) => deployment.put_document(name, text).await,
        }
    }

    /// Reads the current document of an account, or `None` if the account does not exist.
    pub async fn document(&self, name: &str) -> Option<Value> {
        let text = match &self.vault {
            TestVault::Files { dir, .. } => {
                std::fs::read_to_string(dir.path().join(format!("accounts/{name}.json"))).ok()?
            }
            TestVault::SecretsManager(deployment) => deployment.secret_version(name, "AWSCURRENT").await?.1,
        };
        Some(serde_json::from_str(&text).unwrap())
    }
}

impl Drop for TestCli {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.scanner().findings(), [""; 0], "secrets leaked");
        }
    }
}
