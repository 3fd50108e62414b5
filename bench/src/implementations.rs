//! What is measured: Evertoken's two Lambda functions, and baselines that do the same work in Python and Node.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::process::Process;
use crate::runtime_api::RuntimeApi;

/// The longest timeout of a Lambda function (AWS, "Lambda quotas").
pub const MAX_TIMEOUT: Duration = Duration::from_mins(15);

/// One of the two Lambda functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Completes a login.
    Callback,
    /// Refreshes accounts.
    Refresh,
}

impl Function {
    /// The name of Evertoken's binary.
    pub fn binary(self) -> &'static str {
        match self {
            Self::Callback => "evertoken-callback",
            Self::Refresh => "evertoken-refresh",
        }
    }

    /// The unit of work that one invocation does, for tables.
    pub fn work(self) -> &'static str {
        match self {
            Self::Callback => "login",
            Self::Refresh => "refresh",
        }
    }
}

/// A program that implements one of the functions for the Lambda Runtime API.
#[derive(Clone, Debug)]
pub struct Implementation {
    /// Its name in tables.
    pub name: String,
    /// The function that it implements.
    pub function: Function,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Environment variables in addition to those of the test bed.
    pub variables: Vec<(String, String)>,
}

/// An implementation that has started and polled for its first invocation.
#[derive(Debug)]
pub struct Running {
    /// The Runtime API that it polls.
    pub api: RuntimeApi,
    /// Its process.
    pub process: Process,
    /// Time from exec to the first poll.
    pub start: Duration,
}

impl Implementation {
    /// Starts it and waits for its first poll.
    pub fn start(&self, variables: &BTreeMap<String, String>, time_limit: Duration) -> Running {
        let api = RuntimeApi::start(time_limit);
        let mut variables = variables.clone();
        variables.insert("AWS_LAMBDA_RUNTIME_API".to_owned(), api.address());
        variables.extend(self.variables.iter().cloned());
        let mut process = Process::start(&self.command, &variables);
        let polled = api.wait_for_poll(Duration::from_secs(30));
        let polled =
            polled.unwrap_or_else(|| panic!("{} did not poll for an invocation: {}", self.name, process.stderr()));
        let start = polled - process.started;
        Running { api, process, start }
    }
}

/// Evertoken's own two functions, as they are deployed.
pub fn evertoken() -> [Implementation; 2] {
    [evertoken_function(Function::Callback), evertoken_function(Function::Refresh)]
}

/// One of Evertoken's own two functions, as it is deployed.
pub fn evertoken_function(function: Function) -> Implementation {
    let command = vec![binary(function.binary()).display().to_string()];
    Implementation { name: "Evertoken".to_owned(), function, command, variables: Vec::new() }
}

/// The path of a release binary. `EVERTOKEN_BENCH_BINARIES` names another folder, to compare two builds.
pub fn binary(name: &str) -> PathBuf {
    let folder = std::env::var_os("EVERTOKEN_BENCH_BINARIES");
    let folder = folder.map_or_else(|| root().join("target/release"), PathBuf::from);
    let binary = folder.join(name);
    assert!(binary.exists(), "{} is missing: run make bench-binaries", binary.display());
    binary
}

/// The baselines that are installed, and why each of the others is not.
pub fn baselines() -> (Vec<Implementation>, Vec<String>) {
    let (mut baselines, mut missing) = (Vec::new(), Vec::new());
    for found in [python(), node()] {
        match found {
            Ok(found) => baselines.extend(found),
            Err(reason) => missing.push(reason),
        }
    }
    (baselines, missing)
}

fn python() -> Result<Vec<Implementation>, String> {
    let python = root().join("target/bench/python/bin/python");
    check_installed(&python, "Python with boto3 and requests")?;
    let handlers = root().join("bench/baselines/python");
    let variable = |name: &str, value: &Path| (name.to_owned(), value.display().to_string());
    let implementation = |function, handler: &str| Implementation {
        name: "Python, boto3, requests".to_owned(),
        function,
        command: vec![python.display().to_string(), "-m".to_owned(), "awslambdaric".to_owned(), handler.to_owned()],
        variables: vec![variable("LAMBDA_TASK_ROOT", &handlers), variable("PYTHONPATH", &handlers)],
    };
    Ok(vec![
        implementation(Function::Callback, "handlers.callback"),
        implementation(Function::Refresh, "handlers.refresh"),
    ])
}

fn node() -> Result<Vec<Implementation>, String> {
    let sdk = root().join("target/bench/node/node_modules/@aws-sdk/client-secrets-manager");
    check_installed(&sdk, "Node with the AWS SDK")?;
    let bundle = root().join("target/bench/node/bundle/handlers.mjs");
    check_installed(&bundle, "Node with the bundled AWS SDK")?;
    let implementation = |name: &str, folder: &str, function, handler: &str| Implementation {
        name: name.to_owned(),
        function,
        command: vec![
            "/usr/bin/env".to_owned(),
            "node".to_owned(),
            root().join(folder).join("bootstrap.mjs").display().to_string(),
            handler.to_owned(),
        ],
        variables: Vec::new(),
    };
    let both = |name: &str, folder: &str| {
        [(Function::Callback, "callback"), (Function::Refresh, "refresh")]
            .map(|(function, handler)| implementation(name, folder, function, handler))
    };
    let plain = both("Node, AWS SDK", "target/bench/node");
    let bundled = both("Node, AWS SDK, bundled", "target/bench/node/bundle");
    Ok(plain.into_iter().chain(bundled).collect())
}

fn check_installed(path: &Path, what: &str) -> Result<(), String> {
    let reason = || format!("{what} is not installed ({} is missing): run make bench-baselines", path.display());
    path.exists().then_some(()).ok_or_else(reason)
}

/// The workspace's root folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}
