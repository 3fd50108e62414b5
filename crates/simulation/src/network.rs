//! The way to Instagram: requests go to the sandbox's own router in this process, through the weather.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_instagram::{HttpResponse, Transport};
use http::header::CONTENT_TYPE;
use http::{Method, Request, Response};
use serde_json::Value;
use tokio::time::{Duration, sleep};
use tower::ServiceExt;

use crate::weather::{Passage, Weather};

/// As the HTTP client does: larger answers are none of Instagram's.
const LARGEST_ANSWER: usize = 64 * 1024;

/// As the HTTP client does.
const TIME_OUT: Duration = Duration::from_secs(10);

/// Carries the adapter's requests. A clone goes the same way.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) instagram: Router,
    pub(crate) weather: Arc<Weather>,
}

impl Transport for Network {
    async fn send(&self, request: reqwest::Request) -> Result<HttpResponse, ProviderError> {
        let unreachable = || ProviderError::new(ProviderErrorKind::Unreachable);
        let passage = self.weather.to_instagram().await;
        match &passage {
            Passage::NoConnection => return Err(unreachable()),
            Passage::Fault(fault) => self.set_fault(request.url().path(), fault.clone()).await,
            Passage::Clear | Passage::TimeOut => {}
        }
        let request = Request::<reqwest::Body>::try_from(request).map_err(|_| unreachable())?;
        let answer = read(ask(&self.instagram, request.map(Body::new)).await).await;
        if matches!(passage, Passage::TimeOut) {
            sleep(TIME_OUT).await;
            return Err(unreachable());
        }
        answer
    }
}

impl Network {
    async fn set_fault(&self, path: &str, mut fault: Value) {
        let endpoint = match path {
            "/oauth/access_token" => "code",
            "/access_token" => "exchange",
            "/refresh_access_token" => "refresh",
            _ => "me",
        };
        if let Some(fault) = fault.as_object_mut() {
            fault.insert("endpoint".to_owned(), endpoint.into());
        }
        control(&self.instagram, Method::POST, "/_sandbox/faults", &fault).await;
    }
}

/// Asks a router, as a server would.
pub(crate) async fn ask(router: &Router, request: Request<Body>) -> Response<Body> {
    match router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Asks the sandbox's control API. What it answers; null where it refuses.
pub(crate) async fn control(instagram: &Router, method: Method, path: &str, body: &Value) -> Value {
    let mut request = Request::new(Body::from(body.to_string()));
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().unwrap_or_default();
    request.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    let answer = read(ask(instagram, request).await).await;
    answer.ok().and_then(|answer| serde_json::from_slice(&answer.body).ok()).unwrap_or_default()
}

async fn read(response: Response<Body>) -> Result<HttpResponse, ProviderError> {
    let (parts, body) = response.into_parts();
    // Cut off or too large: in neither case is it known what it said.
    let body = to_bytes(body, LARGEST_ANSWER).await.map_err(|_| ProviderError::new(ProviderErrorKind::Unreachable))?;
    Ok(HttpResponse { status: parts.status, headers: parts.headers, body: body.to_vec() })
}
