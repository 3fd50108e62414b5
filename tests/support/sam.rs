//! Deploys the real templates to MiniStack with `sam deploy`.

use std::path::Path;
use std::process::Stdio;

use serde_json::json;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::ministack::MiniStack;
use crate::{binaries, venv, workspace};

/// A copy of the templates and the Lambda binaries that MiniStack can deploy. `emulated_templates.py` lists the differences.
#[derive(Debug)]
pub struct Package(TempDir);

impl Package {
    /// Copies the templates in `source`. All functions get the environment variables.
    pub async fn new(source: &Path, variables: &[(String, String)]) -> Self {
        let folder = TempDir::new().unwrap();
        let binaries = ["evertoken-callback", "evertoken-refresh", "evertoken-feed", "evertoken-reader"];
        let binaries: serde_json::Map<_, _> =
            binaries.map(|name| (name.to_owned(), json!(binaries::path(name)))).into_iter().collect();
        let variables: serde_json::Map<_, _> =
            variables.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let request = json!({"binaries": binaries, "variables": variables});
        let mut script = Command::new(venv::python())
            .arg(workspace::root().join("tests/support/emulated_templates.py"))
            .args([source, folder.path()])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        script.stdin.take().unwrap().write_all(request.to_string().as_bytes()).await.unwrap();
        assert!(script.wait().await.unwrap().success(), "{} could not be copied", source.display());
        Self(folder)
    }

    /// Returns the folder with the template.
    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Creates or updates a stack with an administrator's credentials, and returns what `sam` printed, or its output as an error.
    pub async fn deploy(&self, aws: &MiniStack, stack: &str, parameters: &[(&str, &str)]) -> Result<String, String> {
        self.deploy_with(&aws.variables(), stack, parameters).await
    }

    /// Like [`Self::deploy`], with the credentials in these environment variables.
    pub async fn deploy_with(
        &self,
        variables: &[(String, String)],
        stack: &str,
        parameters: &[(&str, &str)],
    ) -> Result<String, String> {
        let options = ["--resolve-s3", "--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"];
        // What samconfig.toml sets.
        let capabilities = ["--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"];
        let command = ["deploy", "--template-file", "template.yaml", "--stack-name", stack];
        let parameters: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let parameters = ["--parameter-overrides"].into_iter().chain(parameters.iter().map(String::as_str));
        let arguments = command.into_iter().chain(options).chain(capabilities).chain(parameters);
        self.sam(&arguments.collect::<Vec<_>>(), variables, "").await
    }

    /// Runs `sam` in the folder with this standard input, and returns what it printed, or its output as an error.
    pub async fn sam(&self, arguments: &[&str], variables: &[(String, String)], input: &str) -> Result<String, String> {
        let mut sam = Command::new(venv::program("sam"));
        sam.args(arguments).current_dir(&self.0).env_clear().envs(variables.iter().map(|(name, value)| (name, value)));
        // sam writes to its home directory.
        sam.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", self.0.path());
        sam.env("SAM_CLI_TELEMETRY", "0").env("SAM_CLI_POLL_DELAY", "0.5");
        sam.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut process = sam.spawn().unwrap();
        // A command that does not read its input may exit before everything is written.
        process.stdin.take().unwrap().write_all(input.as_bytes()).await.ok();
        let output = process.wait_with_output().await.unwrap();
        let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        if output.status.success() { Ok(text) } else { Err(text) }
    }
}
