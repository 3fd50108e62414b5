//! A proxy in front of the sandbox that records the requests of a function.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use reqwest::Client;
use tokio::net::TcpListener;

use crate::http;

/// A separate proxy, which is served until the test's async runtime shuts down.
#[derive(Clone, Debug)]
pub struct InstagramProxy {
    origin: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    client: Client,
    sandbox: String,
    requests: Mutex<Requests>,
}

#[derive(Debug, Default)]
struct Requests {
    paths: Vec<String>,
    refreshes_in_progress: usize,
    most_refreshes: usize,
}

impl InstagramProxy {
    /// Starts a proxy for the sandbox with this origin.
    pub async fn start(sandbox: &str) -> Self {
        let shared = Shared { client: http::client(), sandbox: sandbox.to_owned(), requests: Mutex::default() };
        let shared = Arc::new(shared);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let service = Router::new().fallback(forward).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { origin, shared }
    }

    /// Returns the value for a variable that sets one of Instagram's hosts.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns the path of each request so far.
    pub fn paths(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap().paths.clone()
    }

    /// Returns the largest number of refresh requests that were in progress at the same time.
    pub fn most_concurrent_refreshes(&self) -> usize {
        self.shared.requests.lock().unwrap().most_refreshes
    }
}

async fn forward(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let is_refresh = uri.path() == "/refresh_access_token";
    {
        let mut requests = shared.requests.lock().unwrap();
        requests.paths.push(uri.path().to_owned());
        requests.refreshes_in_progress += usize::from(is_refresh);
        requests.most_refreshes = requests.most_refreshes.max(requests.refreshes_in_progress);
    }
    let mut request = shared.client.request(method, format!("{}{uri}", shared.sandbox)).body(body);
    for name in ["authorization", "content-type"] {
        if let Some(value) = headers.get(name) {
            request = request.header(name, value);
        }
    }
    let response = request.send().await.unwrap();
    let (status, body) = (response.status(), response.bytes().await.unwrap());
    shared.requests.lock().unwrap().refreshes_in_progress -= usize::from(is_refresh);
    (status, [("content-type", "application/json")], body).into_response()
}
