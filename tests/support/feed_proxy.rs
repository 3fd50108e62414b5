//! A proxy between a role of the feeds and moto that checks IAM policies and counts requests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use reqwest::StatusCode;
use tokio::net::TcpListener;

use crate::iam_policy_check::{IamPolicyCheck, RecordedCalls};
use crate::moto::Moto;
use crate::stack::Stack;
use crate::{http, iam_actions};

/// A separate proxy, which is served until the test's async runtime shuts down.
#[derive(Clone, Debug)]
pub struct FeedProxy {
    endpoint: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    check: IamPolicyCheck,
    calls: RecordedCalls,
    requests: Mutex<BTreeMap<String, usize>>,
}

impl FeedProxy {
    /// Starts a proxy for the shared moto server that denies the calls that the policies of a role do not allow.
    pub async fn start(stack: &Stack, role: &'static str) -> Self {
        let calls = RecordedCalls::default();
        let check = IamPolicyCheck::new(stack, role, &calls);
        let shared = Arc::new(Shared { check, calls, requests: Mutex::default() });
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

    /// Returns the calls of the role, in IAM's terms.
    pub fn calls(&self) -> &RecordedCalls {
        &self.shared.calls
    }

    /// Returns how many requests there were, by the action of S3 and CloudFront, and by the operation of other services.
    pub fn requests(&self) -> BTreeMap<String, usize> {
        self.shared.requests.lock().unwrap().clone()
    }
}

async fn forward(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let service = service(&parts);
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let target = parts.headers.get("x-amz-target").map(|target| target.to_str().unwrap().to_owned());
    let (name, is_allowed) = if let Some(target) = target {
        (target.clone(), shared.check.allows(&target, &body))
    } else {
        let calls = iam_actions::required_by_path(&service, parts.method.as_str(), path, &body);
        (calls[0].action.clone(), shared.check.allows_calls(calls))
    };
    *shared.requests.lock().unwrap().entry(name).or_default() += 1;
    if !is_allowed {
        let error = "<Error><Code>AccessDenied</Code><Message>not authorized</Message></Error>";
        return (StatusCode::FORBIDDEN, error).into_response();
    }
    let mut headers = parts.headers;
    // moto tells its services apart by the host. The signature is not checked.
    let host = headers[HOST].clone();
    headers.remove(CONTENT_LENGTH);
    headers.insert(HOST, if service == "cloudfront" { "cloudfront.amazonaws.com".parse().unwrap() } else { host });
    let url = format!("{}{path}", Moto::shared().endpoint());
    let answer = http::client().request(parts.method, url).headers(headers).body(body).send().await.unwrap();
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    headers.remove(CONTENT_LENGTH);
    headers.remove(TRANSFER_ENCODING);
    (status, headers, answer.bytes().await.unwrap()).into_response()
}

/// The service that the request is signed for: `Credential=<key>/<date>/<region>/<service>/aws4_request`.
fn service(parts: &Parts) -> String {
    let authorization = parts.headers["authorization"].to_str().unwrap();
    let scope = authorization.split_once("Credential=").unwrap().1;
    scope.split('/').nth(3).unwrap().to_owned()
}
