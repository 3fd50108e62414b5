//! What runs against each other: our two Lambdas, and the same work in other languages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::process::Process;
use crate::runtime_api::RuntimeApi;

/// The longest that a Lambda may take (AWS, "Lambda quotas").
pub const LONGEST: Duration = Duration::from_mins(15);

/// Which of the two functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Finishes a login.
    Callback,
    /// Renews accounts.
    Refresh,
}

/// Something that can be started as a Lambda.
#[derive(Clone, Debug)]
pub struct Contender {
    /// As the table names it.
    pub name: String,
    /// What it does.
    pub function: Function,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Variables beyond the stage's.
    pub variables: Vec<(String, String)>,
}

/// One that has started and asked for work.
#[derive(Debug)]
pub struct Running {
    /// Its Lambda service.
    pub api: RuntimeApi,
    /// Its process.
    pub process: Process,
    /// From exec to the first poll.
    pub start: Duration,
}

impl Contender {
    /// Starts it and waits until it asks for work.
    pub fn start(&self, variables: &BTreeMap<String, String>, time_limit: Duration) -> Running {
        let api = RuntimeApi::start(time_limit);
        let mut variables = variables.clone();
        variables.insert("AWS_LAMBDA_RUNTIME_API".to_owned(), api.address());
        variables.extend(self.variables.iter().cloned());
        let mut process = Process::start(&self.command, &variables);
        let polled = api.polled_within(Duration::from_secs(30));
        let polled = polled.unwrap_or_else(|| panic!("{} did not ask for work: {}", self.name, process.said()));
        let start = polled - process.started;
        Running { api, process, start }
    }
}

/// Our own two, as they are deployed.
pub fn ours() -> [Contender; 2] {
    [our(Function::Callback), our(Function::Refresh)]
}

/// Our own for this.
pub fn our(function: Function) -> Contender {
    let name = match function {
        Function::Callback => "evertoken-callback",
        Function::Refresh => "evertoken-refresh",
    };
    let command = vec![binary(name).display().to_string()];
    Contender { name: name.to_owned(), function, command, variables: Vec::new() }
}

/// A release binary. `EVERTOKEN_BENCH_BINARIES` names another folder, to hold one build against another.
pub fn binary(name: &str) -> PathBuf {
    let folder = std::env::var_os("EVERTOKEN_BENCH_BINARIES");
    let folder = folder.map_or_else(|| root().join("target/release"), PathBuf::from);
    let binary = folder.join(name);
    assert!(binary.exists(), "{} is missing: run make bench-binaries", binary.display());
    binary
}

/// The others, and for each that is not there the reason.
pub fn peers() -> (Vec<Contender>, Vec<String>) {
    let (mut peers, mut missing) = (Vec::new(), Vec::new());
    for found in [python(), node()] {
        match found {
            Ok(found) => peers.extend(found),
            Err(reason) => missing.push(reason),
        }
    }
    (peers, missing)
}

fn python() -> Result<Vec<Contender>, String> {
    let python = root().join("target/bench/python/bin/python");
    installed(&python, "Python with boto3 and requests")?;
    let handlers = root().join("bench/peers/python");
    let variable = |name: &str, value: &Path| (name.to_owned(), value.display().to_string());
    let of = |function, handler: &str| Contender {
        name: "Python, boto3, requests".to_owned(),
        function,
        command: vec![python.display().to_string(), "-m".to_owned(), "awslambdaric".to_owned(), handler.to_owned()],
        variables: vec![variable("LAMBDA_TASK_ROOT", &handlers), variable("PYTHONPATH", &handlers)],
    };
    Ok(vec![of(Function::Callback, "handlers.callback"), of(Function::Refresh, "handlers.refresh")])
}

fn node() -> Result<Vec<Contender>, String> {
    installed(&root().join("target/bench/node/node_modules/@aws-sdk/client-secrets-manager"), "Node with the AWS SDK")?;
    let bootstrap = root().join("target/bench/node/bootstrap.mjs");
    let of = |function, handler: &str| Contender {
        name: "Node, AWS SDK".to_owned(),
        function,
        command: vec![
            "/usr/bin/env".to_owned(),
            "node".to_owned(),
            bootstrap.display().to_string(),
            handler.to_owned(),
        ],
        variables: Vec::new(),
    };
    Ok(vec![of(Function::Callback, "callback"), of(Function::Refresh, "refresh")])
}

fn installed(path: &Path, what: &str) -> Result<(), String> {
    let reason = || format!("{what} could not be installed ({} is missing; try make bench-peers)", path.display());
    path.exists().then_some(()).ok_or_else(reason)
}

/// The workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}
