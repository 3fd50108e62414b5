//! AWS's own Runtime Interface Emulator with a real Lambda binary in it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use reqwest::Client;
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Mutex;

use crate::leaks::Leaks;
use crate::leashed::{Environment, Leashed};
use crate::{venv, waiting, web};

/// How long an invocation may take, in seconds: AWS's emulator ends it then.
const TIMEOUT: &str = "60";

/// A function that can be invoked. Dropped, it ends, and its log is held against what must not be in it.
#[derive(Debug)]
pub struct Lambda {
    function: &'static str,
    process: Leashed,
    invocations: String,
    client: Client,
    /// The emulator takes one invocation at a time, as an instance of a Lambda does; a second one ends it.
    turn: Mutex<()>,
    leaks: Leaks,
    _ports: [Port; 2],
}

impl Lambda {
    /// Starts the emulator. The binary itself starts at the first invocation.
    pub async fn start(function: &'static str, binary: &Path, environment: &Environment, leaks: &Leaks) -> Self {
        let [door, runtime_api] = [Port::reserve(), Port::reserve()];
        let addresses = [door.address.to_string(), runtime_api.address.to_string()];
        let arguments = [
            "--runtime-interface-emulator-address",
            &addresses[0],
            "--runtime-api-address",
            &addresses[1],
            binary.to_str().unwrap(),
        ];
        let of_lambda = [
            ("AWS_LAMBDA_FUNCTION_NAME", function),
            ("AWS_LAMBDA_FUNCTION_TIMEOUT", TIMEOUT),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ];
        let of_lambda = of_lambda.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let environment: Vec<_> = environment.iter().cloned().chain(of_lambda).collect();
        let mut process = Leashed::start(&emulator(), &arguments, &environment);
        while TcpStream::connect(door.address).await.is_err() {
            let ended = process.status();
            assert!(ended.is_none(), "the emulator ended: {}", process.stderr());
            waiting::a_moment().await;
        }
        Self {
            function,
            process,
            invocations: format!("http://{}/2015-03-31/functions/function/invocations", door.address),
            client: web::client(),
            turn: Mutex::new(()),
            leaks: leaks.clone(),
            _ports: [door, runtime_api],
        }
    }

    /// The answer to an event. An error of the function is an answer too: `{"errorType", "errorMessage"}`.
    pub async fn invoke(&self, event: &Value) -> Value {
        let _turn = self.turn.lock().await;
        let answer = self.client.post(&self.invocations).json(event).send().await.unwrap();
        let text = answer.text().await.unwrap();
        self.leaks.wrote("a Lambda's answer", &without_cookies(&text));
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{} answered {text}\n{}", self.function, self.log()))
    }

    /// Where AWS's Lambda service would be: it invokes this one, for a function of the name `function`.
    pub fn endpoint(&self) -> String {
        self.invocations.split("/2015-03-31").next().unwrap().to_owned()
    }

    /// What function and emulator have written so far.
    pub fn log(&self) -> String {
        format!("{}{}", self.process.stdout(), self.process.stderr())
    }

    /// Waits until a line of the log holds `text`, and gives that line.
    pub async fn logged(&self, text: &str) -> String {
        let line = || self.log().lines().find(|line| line.contains(text)).map(str::to_owned);
        waiting::until(&format!("{text} in the log of {}", self.function), line).await
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        self.process.end();
        self.leaks.logged(self.function, &self.log());
    }
}

/// An HTTP answer may set a cookie: that is where its value belongs.
fn without_cookies(answer: &str) -> String {
    let Ok(Value::Object(mut answer)) = serde_json::from_str(answer) else { return answer.to_owned() };
    answer.remove("cookies");
    Value::Object(answer).to_string()
}

/// The emulator out of the aws-sam-cli wheel.
fn emulator() -> PathBuf {
    let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let emulator = venv::site_packages().join("samcli/local/rapid").join(format!("aws-lambda-rie-{machine}"));
    assert!(emulator.exists(), "{} is missing: run `make tools` first", emulator.display());
    emulator
}

/// A port that nobody else is given: bound here and not listened on, which leaves it free for one that listens.
#[derive(Debug)]
struct Port {
    address: SocketAddr,
    _reservation: TcpSocket,
}

impl Port {
    fn reserve() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self { address: socket.local_addr().unwrap(), _reservation: socket }
    }
}
