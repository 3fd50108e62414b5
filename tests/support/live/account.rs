//! The AWS account of a live check, and how to clean it up.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use aws_sdk_cloudformation::types::StackStatus;
use aws_sdk_secretsmanager::Client;
use tokio::process::Command;

use crate::secret_scanner::SecretScanner;

/// The secrets that [`super::secret_facts`] creates, below the check's prefix.
pub(super) const FACT_SECRETS: [&str; 5] =
    ["facts/put", "facts/deleted", "facts/forced", "facts/listed", "facts/tagged"];

/// An AWS account with the programs that a check runs.
#[derive(Debug)]
pub struct LiveAccount {
    /// The configuration of SDK clients.
    pub config: SdkConfig,
    /// Reaches the login pages.
    pub http: reqwest::Client,
    /// Variables of `sam` and `evertoken`, in addition to this process's own.
    pub variables: Vec<(String, String)>,
    /// The folder with the built `template.yaml`.
    pub template: PathBuf,
    /// The `sam` program.
    pub sam: PathBuf,
    /// The `evertoken` program.
    pub evertoken: PathBuf,
    /// The name of the stack and the prefix of all secrets. Nothing else in the account has this name.
    pub name: String,
    /// The app's ID and secret. Without them there is no login.
    pub app: Option<(String, String)>,
    /// Who completes the login.
    pub login: Login,
    /// The secrets and outputs of the check.
    pub scanner: SecretScanner,
}

/// How the check logs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// Not at all.
    Skipped,
    /// A sandbox at this public origin stands in for Instagram.
    Sandbox(String),
    /// A person clicks through Instagram's own pages.
    Person,
}

impl LiveAccount {
    /// A client for Secrets Manager.
    pub fn secrets(&self) -> Client {
        Client::new(&self.config)
    }

    /// The name of a secret of the check.
    pub fn secret(&self, name: &str) -> String {
        format!("{}/{name}", self.name)
    }

    /// Runs `sam` in the folder of the template. An error is its output.
    pub async fn sam(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = self.command(&self.sam, arguments);
        output(command.current_dir(&self.template).env("SAM_CLI_TELEMETRY", "0")).await
    }

    /// Runs `evertoken` for the check's stack. An error is its output.
    pub async fn evertoken(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = self.command(&self.evertoken, arguments);
        output(command.env("EVERTOKEN_STACK", &self.name)).await
    }

    fn command(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).envs(self.variables.iter().cloned()).stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Deletes the stack and all secrets with the check's prefix, whatever state they are in. Returns what is left.
    pub async fn clean_up(&self) -> Vec<String> {
        let mut left = Vec::new();
        if let Err(reason) = self.delete_stack().await {
            left.push(format!("the stack {} ({reason})", self.name));
        }
        let client = self.secrets();
        for name in self.secret_names().await {
            let delete = client.delete_secret().secret_id(&name).force_delete_without_recovery(true).send().await;
            let is_gone =
                delete.map_or_else(|error| error.into_service_error().is_resource_not_found_exception(), |_| true);
            if !is_gone {
                left.push(format!("the secret {name}"));
            }
        }
        left
    }

    /// Deletes the stack, and waits until it is gone. No error if it does not exist.
    pub async fn delete_stack(&self) -> Result<(), String> {
        let client = aws_sdk_cloudformation::Client::new(&self.config);
        let delete = client.delete_stack().stack_name(&self.name).send().await;
        delete.map_err(|error| error.code().unwrap_or("no answer").to_owned())?;
        loop {
            let described = client.describe_stacks().stack_name(&self.name).send().await;
            let status = match described {
                Ok(described) => described.stacks().first().and_then(|stack| stack.stack_status().cloned()),
                Err(error) if error.code() == Some("ValidationError") => return Ok(()),
                Err(error) => return Err(error.code().unwrap_or("no answer").to_owned()),
            };
            match status {
                None | Some(StackStatus::DeleteComplete) => return Ok(()),
                Some(StackStatus::DeleteFailed) => return Err("DELETE_FAILED".to_owned()),
                Some(_) => tokio::time::sleep(Duration::from_secs(1)).await,
            }
        }
    }

    /// The list of secrets lags, so the names that the check always creates are part of it.
    async fn secret_names(&self) -> Vec<String> {
        let fixed = FACT_SECRETS.into_iter().chain(["accounts/live", "app", "signing"]);
        let mut names: Vec<String> = fixed.map(|name| self.secret(name)).collect();
        let prefix = aws_sdk_secretsmanager::types::Filter::builder()
            .key(aws_sdk_secretsmanager::types::FilterNameStringType::Name)
            .values(self.secret(""))
            .build();
        let list = self.secrets().list_secrets().filters(prefix).include_planned_deletion(true);
        let mut pages = list.into_paginator().send();
        while let Some(Ok(page)) = pages.next().await {
            let found = page.secret_list.unwrap_or_default().into_iter().filter_map(|secret| secret.name);
            names.extend(found.filter(|name| name.starts_with(&self.secret(""))));
        }
        names.sort();
        names.dedup();
        names
    }
}

/// The last line of a program's output, which usually is its error.
pub(super) fn last_line(output: &str) -> String {
    output.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("no output").to_owned()
}

async fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().await.map_err(|error| error.to_string())?;
    let [stdout, stderr] = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    if output.status.success() { Ok(stdout) } else { Err(format!("{stdout}{stderr}")) }
}
