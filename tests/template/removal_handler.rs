//! Runs the Python functions that CloudFormation invokes before it deletes a stack.

use std::process::Stdio;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::routing::put;
use evertoken_tests::moto::REGION;
use evertoken_tests::stack::Stack;
use evertoken_tests::venv;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::process::Command;

/// A custom resource and the function that handles its requests.
pub(crate) struct Handler<'a> {
    /// The stack of both.
    pub(crate) stack: &'a Stack,
    /// The custom resource.
    pub(crate) resource: &'a str,
    /// The function.
    pub(crate) function: &'a str,
    /// Variables with the URLs of the services that it calls.
    pub(crate) variables: Vec<(&'a str, &'a str)>,
}

impl Handler<'_> {
    /// Sends a request, such as `Delete`, to the function and returns its response.
    pub(crate) async fn handle(&self, request: &str) -> Value {
        let (url, response) = response_url().await;
        let event = json!({
            "RequestType": request,
            "ResponseURL": url,
            "StackId": "arn:of:the:nested:stack",
            "RequestId": "r-1",
            "LogicalResourceId": self.resource,
            "ResourceProperties": self.stack.properties(self.resource),
        });
        self.invoke(&event).await;
        let response = response.lock().unwrap().clone();
        for key in ["StackId", "RequestId", "LogicalResourceId"] {
            assert_eq!(response[key], event[key], "{response}");
        }
        response
    }

    async fn invoke(&self, event: &Value) {
        let code = tempfile::tempdir().unwrap();
        let function = self.stack.properties(self.function);
        std::fs::write(code.path().join("index.py"), function["Code"]["ZipFile"].as_str().unwrap()).unwrap();
        let mut process = Command::new(venv::python())
            .args(["-c", "import index, json, sys; index.handler(json.load(sys.stdin), None)"])
            .current_dir(code.path())
            .env_clear()
            .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_DEFAULT_REGION", REGION)])
            .envs([("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_MAX_ATTEMPTS", "1")])
            .envs(self.variables.iter().copied())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        process.stdin.take().unwrap().write_all(event.to_string().as_bytes()).await.unwrap();
        assert!(process.wait().await.unwrap().success());
    }
}

type Response = Arc<Mutex<Value>>;

/// Receives the function's response, as CloudFormation does.
async fn response_url() -> (String, Response) {
    let response = Response::default();
    let receive = async |State(response): State<Response>, body: String| {
        *response.lock().unwrap() = serde_json::from_str(&body).unwrap();
    };
    let service = Router::new().route("/response", put(receive)).with_state(Arc::clone(&response));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/response", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, service).await });
    (url, response)
}
