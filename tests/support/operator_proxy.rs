//! A proxy between the command and AWS that records the command's calls in IAM's terms.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use url::form_urlencoded;

use crate::deployed_stack::DeployedStack;
use crate::lambda_emulator::Lambda;
use crate::moto::REGION;
use crate::permissions::Call;
use crate::stack::ACCOUNT;
use crate::{http, iam_actions};

/// A separate proxy, which is served until the test's async runtime shuts down.
#[derive(Clone, Debug)]
pub struct OperatorProxy {
    endpoint: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    aws: String,
    /// By name: an endpoint of the Lambda emulator, and the name that CloudFormation would give the function.
    functions: BTreeMap<String, (String, String)>,
    calls: Mutex<BTreeSet<Call>>,
}

impl OperatorProxy {
    /// Starts a proxy for the stack's operator. It forwards invocations to the stack's functions, and all else to the stack's
    /// endpoint.
    pub async fn start(stack: &DeployedStack, refresh: &Lambda, feed: &Lambda) -> Self {
        let refresh = (
            stack.refresh_function().to_owned(),
            (refresh.endpoint(), format!("{}-RefreshFunction-1A2B3C4D", stack.name)),
        );
        let feed = (stack.feed_function(), (feed.endpoint(), stack.feed_function()));
        let (aws, functions) = (stack.endpoint().to_owned(), BTreeMap::from([refresh, feed]));
        let shared = Arc::new(Shared { aws, functions, calls: Mutex::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let service = Router::new().fallback(forward).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { endpoint, shared }
    }

    /// Returns the value for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns all calls so far.
    pub fn calls(&self) -> BTreeSet<Call> {
        self.shared.calls.lock().unwrap().clone()
    }
}

async fn forward(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let service = service(&parts);
    shared.calls.lock().unwrap().extend(required(&shared, &service, &parts, &body));
    let url = if service == "lambda" {
        format!("{}/2015-03-31/functions/function/invocations", shared.function(&parts).0)
    } else {
        format!("{}{}", shared.aws, parts.uri.path_and_query().map_or("/", |path| path.as_str()))
    };
    let mut headers = parts.headers;
    headers.remove("host");
    headers.remove("content-length");
    let answer = http::client().request(parts.method, url).headers(headers).body(body).send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = (status, answer.bytes().await.unwrap()).into_response();
    for name in ["content-type", "x-amz-function-error"] {
        if let Some(value) = headers.get(name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

/// The service that the request is signed for: `Credential=<key>/<date>/<region>/<service>/aws4_request`.
fn service(parts: &Parts) -> String {
    let authorization = parts.headers["authorization"].to_str().unwrap();
    let scope = authorization.split_once("Credential=").unwrap().1;
    scope.split('/').nth(3).unwrap().to_owned()
}

impl Shared {
    /// Returns the invoked function. No other request to Lambda is allowed (AWS, Lambda's `Invoke`).
    fn function(&self, parts: &Parts) -> &(String, String) {
        let path = parts.uri.path();
        let name = path.strip_prefix("/2015-03-31/functions/").and_then(|path| path.strip_suffix("/invocations"));
        let name = name.unwrap_or_else(|| panic!("{path}: the operator's policy allows invocations only"));
        self.functions.get(name).unwrap_or_else(|| panic!("the stack has no function {name}"))
    }
}

/// Returns the actions that AWS checks for a request (AWS, "Service Authorization Reference").
fn required(shared: &Shared, service: &str, parts: &Parts, body: &Bytes) -> Vec<Call> {
    let target = parts.headers.get("x-amz-target").map_or("", |target| target.to_str().unwrap());
    let json = |key: &str| serde_json::from_slice::<Value>(body).unwrap()[key].as_str().unwrap().to_owned();
    let form = |key: &str| form_urlencoded::parse(body).find(|(name, _)| name == key).unwrap().1.into_owned();
    let operation = || target.rsplit('.').next().unwrap().to_owned();
    let arn = |resource: &str| format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}");
    let last_part = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let (action, resource) = match service {
        "secretsmanager" | "dynamodb" => return iam_actions::required(target, body, None),
        "cloudformation" => {
            let name = form("StackName");
            (form("Action"), if name.starts_with("arn:") { name } else { arn(&format!("stack/{name}/1a2b3c4d")) })
        }
        "lambda" => ("InvokeFunction".to_owned(), arn(&format!("function:{}", shared.function(parts).1))),
        "logs" => (operation(), arn(&format!("log-group:{}:*", json("logGroupName")))),
        "scheduler" => ("GetSchedule".to_owned(), arn(&format!("schedule/default/{}", last_part(parts.uri.path())))),
        "sns" => (form("Action"), form("TopicArn")),
        "sqs" => (operation(), arn(&last_part(&json("QueueUrl")))),
        other => panic!("{other}: the operator's policy has no action of this service"),
    };
    vec![Call { action: format!("{service}:{action}"), resource, context: Vec::new() }]
}
