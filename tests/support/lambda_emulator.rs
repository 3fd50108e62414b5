//! Runs a real Lambda binary in AWS's Runtime Interface Emulator.

use std::path::{Path, PathBuf};

use reqwest::Client;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::Mutex;

use crate::child_process::{ChildProcess, Environment};
use crate::reserved_port::ReservedPort;
use crate::secret_scanner::SecretScanner;
use crate::{http, venv, wait};

/// The invocation timeout in seconds, which the emulator enforces.
const TIMEOUT: &str = "60";

/// The name of the function whose responses contain tokens.
const READER: &str = "reader";

/// A running Lambda function. On drop it is killed, and its log is handed to the secret scanner.
#[derive(Debug)]
pub struct Lambda {
    function: &'static str,
    process: ChildProcess,
    invoke_url: String,
    client: Client,
    /// Serializes invocations. The emulator exits if a second invocation arrives during the first.
    invocation_lock: Mutex<()>,
    scanner: SecretScanner,
    _ports: [ReservedPort; 2],
}

impl Lambda {
    /// Starts the emulator. The emulator starts the binary at the first invocation.
    pub async fn start(
        function: &'static str,
        binary: &Path,
        environment: &Environment,
        scanner: &SecretScanner,
    ) -> Self {
        let [invoke_port, runtime_api_port] = [ReservedPort::new(), ReservedPort::new()];
        let addresses = [invoke_port.address().to_string(), runtime_api_port.address().to_string()];
        let arguments = [
            "--runtime-interface-emulator-address",
            &addresses[0],
            "--runtime-api-address",
            &addresses[1],
            binary.to_str().unwrap(),
        ];
        let lambda_variables = [
            ("AWS_LAMBDA_FUNCTION_NAME", function),
            ("AWS_LAMBDA_FUNCTION_TIMEOUT", TIMEOUT),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ];
        let lambda_variables = lambda_variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let environment: Vec<_> = environment.iter().cloned().chain(lambda_variables).collect();
        let mut process = ChildProcess::start(&emulator(), &arguments, &environment);
        while TcpStream::connect(invoke_port.address()).await.is_err() {
            let exit_status = process.try_exit_status();
            assert!(exit_status.is_none(), "the emulator exited: {}", process.stderr());
            wait::briefly().await;
        }
        Self {
            function,
            process,
            invoke_url: format!("http://{}/2015-03-31/functions/function/invocations", invoke_port.address()),
            client: http::client(),
            invocation_lock: Mutex::new(()),
            scanner: scanner.clone(),
            _ports: [invoke_port, runtime_api_port],
        }
    }

    /// Invokes the function and returns its response. A function error is a response of the form
    /// `{"errorType", "errorMessage"}`.
    pub async fn invoke(&self, event: &Value) -> Value {
        let _guard = self.invocation_lock.lock().await;
        let response = self.client.post(&self.invoke_url).json(event).send().await.unwrap();
        let text = response.text().await.unwrap();
        let is_reader = self.function == READER;
        let without_own = if is_reader { without_requested_token(&text) } else { without_own_secrets(&text) };
        self.scanner.record_output("a Lambda response", &without_own);
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{} returned {text}\n{}", self.function, self.log()))
    }

    /// Returns the base URL that stands in for the AWS Lambda API. The function's name there is `function`.
    pub fn endpoint(&self) -> String {
        self.invoke_url.split("/2015-03-31").next().unwrap().to_owned()
    }

    /// Returns what the function and the emulator have logged so far.
    pub fn log(&self) -> String {
        format!("{}{}", self.process.stdout(), self.process.stderr())
    }

    /// Waits until a log line contains `text`, and returns that line.
    pub async fn wait_for_log(&self, text: &str) -> String {
        let line = || self.log().lines().find(|line| line.contains(text)).map(str::to_owned);
        wait::until(&format!("{text} in the log of {}", self.function), line).await
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        self.process.kill();
        self.scanner.record_log(self.function, &self.log());
    }
}

/// Removes from an HTTP response what it may contain: the cookies, and the token that `/reveal` shows (docs/decisions/0043).
fn without_own_secrets(response: &str) -> String {
    let Ok(Value::Object(mut response)) = serde_json::from_str(response) else { return response.to_owned() };
    response.remove("cookies");
    if let Some(body) = response.get_mut("body")
        && let Some((before, after)) = body.as_str().and_then(|body| body.split_once("<pre class=\"token\">"))
    {
        *body = Value::String(format!("{before}{}", after.split_once("</pre>").unwrap().1));
    }
    Value::Object(response).to_string()
}

/// Removes the token that the reader was asked for.
fn without_requested_token(response: &str) -> String {
    let mut response: Value = serde_json::from_str(response).unwrap_or_default();
    let body = response["body"].as_str().and_then(|body| serde_json::from_str(body).ok());
    if let Some(Value::Object(mut body)) = body {
        body.remove("access_token");
        response["body"] = Value::Object(body);
    }
    response.to_string()
}

/// The emulator is part of the aws-sam-cli package.
fn emulator() -> PathBuf {
    let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let emulator = venv::site_packages().join("samcli/local/rapid").join(format!("aws-lambda-rie-{machine}"));
    assert!(emulator.exists(), "{} is missing: run `make tools` first", emulator.display());
    emulator
}
