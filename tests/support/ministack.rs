//! Runs MiniStack, which emulates an AWS account on a loopback port and enforces IAM policies. `ministack_server.py` lists
//! what it changes in it.

use std::sync::{Arc, Weak};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use evertoken_aws::Connections;
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::child_process::ChildProcess;
use crate::moto::REGION;
use crate::reserved_port::ReservedPort;
use crate::{http, venv, wait, workspace};

/// The ID of the emulated AWS account.
pub const ACCOUNT_ID: &str = "123456789012";

/// A running MiniStack. On drop it is killed with all Lambda functions that it runs, and its files are deleted.
#[derive(Debug)]
pub struct MiniStack {
    endpoint: String,
    process: ChildProcess,
    _files: TempDir,
    _port: ReservedPort,
}

impl MiniStack {
    /// Starts a separate AWS account, and returns once it answers.
    pub async fn start() -> Self {
        let (files, port) = (TempDir::new().unwrap(), ReservedPort::new());
        let endpoint = format!("http://{}", port.address());
        let environment = [
            ("AUTH", "true"),
            ("BIND_HOST", "127.0.0.1"),
            ("GATEWAY_PORT", &port.address().port().to_string()),
            ("IOT_MTLS_ENABLED", "false"), // would listen on all interfaces
            ("MINISTACK_ACCOUNT_ID", ACCOUNT_ID),
            // It writes to both.
            ("STATE_DIR", files.path().to_str().unwrap()),
            ("TMPDIR", files.path().to_str().unwrap()),
            // Lambda waits a minute before it repeats a failed asynchronous invocation.
            ("LAMBDA_ASYNC_RETRY_BASE_SECONDS", "0.1"),
            // The functions inherit it.
            ("AWS_ENDPOINT_URL", &endpoint),
            // The credentials of the account's root user.
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let server = workspace::root().join("tests/support/ministack_server.py");
        let mut process = ChildProcess::start(&venv::ministack_python(), &[server.to_str().unwrap()], &environment);
        let (client, health) = (http::client(), format!("{endpoint}/_localstack/health"));
        wait::until_async("MiniStack to start", async || {
            assert!(process.try_exit_status().is_none(), "MiniStack exited: {}", process.stderr());
            client.get(&health).send().await.ok().filter(|response| response.status().is_success())
        })
        .await;
        Self { endpoint, process, _files: files, _port: port }
    }

    /// Returns the AWS account that concurrent tests of a binary share, because MiniStack takes seconds to start. It ends with
    /// the last of them.
    pub async fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<MiniStack>> = Mutex::const_new(Weak::new());
        let mut shared = SHARED.lock().await;
        if let Some(running) = shared.upgrade() {
            return running;
        }
        let started = Arc::new(Self::start().await);
        *shared = Arc::downgrade(&started);
        started
    }

    /// Returns the value for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns what MiniStack has logged so far.
    pub fn log(&self) -> String {
        format!("{}{}", self.process.stdout(), self.process.stderr())
    }

    /// Returns the environment variables of a program that an administrator of the account runs.
    pub fn variables(&self) -> Vec<(String, String)> {
        let variables = [
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    }

    /// Returns the configuration of an administrator's SDK clients. Use it only in the async runtime of the calling test.
    pub fn config(&self) -> SdkConfig {
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "tests")))
            .endpoint_url(&self.endpoint)
            .http_client(Connections::new(http::client()))
            .build()
    }
}
