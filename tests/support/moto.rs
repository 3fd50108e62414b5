//! A real moto server: AWS on the loopback.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Config, Credentials, Region};

use evertoken_aws::Connections;

use crate::{venv, web};

/// The region that every test is in.
pub const REGION: &str = "us-east-1";

/// A running server. Dropped, it ends; if this process dies it ends as well.
#[derive(Debug)]
pub struct Moto {
    endpoint: String,
    process: Child,
}

impl Moto {
    /// Starts a server of one's own and returns when it listens.
    pub fn start() -> Self {
        let mut process = Command::new(venv::python())
            .arg(venv::root().join("tests/support/moto_server.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let port: u16 = port.trim().parse().expect("moto did not start: run `make tools`, and see above");
        Self { endpoint: format!("http://127.0.0.1:{port}"), process }
    }

    /// The server that the tests of one binary share: it takes seconds to start. They keep apart by prefix.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<Moto> = LazyLock::new(Moto::start);
        &SHARED
    }

    /// What `AWS_ENDPOINT_URL` is to hold.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// A client of this server. It belongs to the test's own runtime.
    pub fn client(&self) -> Client {
        client(&self.endpoint)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A client of whatever is at `endpoint`, with credentials that open nothing.
pub fn client(endpoint: &str) -> Client {
    Client::from_conf(
        Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
            .retry_config(RetryConfig::disabled())
            .http_client(Connections::new(web::client()))
            .endpoint_url(endpoint)
            .build(),
    )
}
