//! Runs a moto server, which emulates AWS on a loopback port.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use aws_config::SdkConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Config, Credentials, Region};

use evertoken_aws::Connections;

use crate::{http, venv, workspace};

/// The AWS region of all tests.
pub const REGION: &str = "us-east-1";

/// A running moto server. It exits when this value is dropped, or when the test process dies.
#[derive(Debug)]
pub struct Moto {
    endpoint: String,
    process: Child,
}

impl Moto {
    /// Starts a separate server, and returns once it listens.
    pub fn start() -> Self {
        let mut process = Command::new(venv::python())
            .arg(workspace::root().join("tests/support/moto_server.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let port: u16 = port.trim().parse().expect("moto did not start: run `make tools`, and see above");
        Self { endpoint: format!("http://127.0.0.1:{port}"), process }
    }

    /// Returns the server that all tests of a binary share, because a server takes seconds to start. Each test uses its own
    /// secret name prefix.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<Moto> = LazyLock::new(Moto::start);
        &SHARED
    }

    /// Returns the value for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns the configuration of SDK clients. Use it only in the async runtime of the calling test.
    pub fn config(&self) -> SdkConfig {
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "tests")))
            .endpoint_url(&self.endpoint)
            .http_client(Connections::new(http::client()))
            .build()
    }

    /// Creates an event bus.
    pub async fn create_event_bus(&self, name: &str) {
        aws_sdk_eventbridge::Client::new(&self.config()).create_event_bus().name(name).send().await.unwrap();
    }

    /// Creates a Secrets Manager client of this server. Use it only in the async runtime of the calling test.
    pub fn client(&self) -> Client {
        client(&self.endpoint)
    }
}

impl Moto {
    /// Creates an EventBridge Scheduler client of this server. Use it only in the async runtime of the calling test.
    pub fn schedules(&self) -> aws_sdk_scheduler::Client {
        aws_sdk_scheduler::Client::from_conf(
            aws_sdk_scheduler::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::from_static(REGION))
                .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
                .http_client(Connections::new(http::client()))
                .endpoint_url(&self.endpoint)
                .build(),
        )
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Creates a Secrets Manager client for `endpoint`, with dummy credentials.
pub fn client(endpoint: &str) -> Client {
    Client::from_conf(
        Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
            .retry_config(RetryConfig::disabled())
            .http_client(Connections::new(http::client()))
            .endpoint_url(endpoint)
            .build(),
    )
}
