//! The Instagram adapter's transport: it sends requests to the sandbox's router and injects faults.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use evertoken_core::provider_error::{ProviderError, ProviderErrorKind};
use evertoken_instagram::{HttpResponse, Transport};
use evertoken_sandbox::{Endpoint, InjectedFault, Sandbox};
use http::{Request, Response};
use tokio::time::{Duration, sleep};

use crate::facebook_person::FACEBOOK_PAGE_PREFIX;
use crate::fault_injector::{CallOutcome, FaultInjector};
use crate::router_client::send;

/// The HTTP client's timeout.
const TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
pub(crate) struct FaultyTransport {
    pub(crate) sandbox: Sandbox,
    pub(crate) instagram: Router,
    pub(crate) faults: Arc<FaultInjector>,
    /// The sandbox's name for the endpoint at a path.
    pub(crate) endpoint_of: fn(&str) -> Endpoint,
}

impl Transport for FaultyTransport {
    async fn send(&self, request: reqwest::Request, maximum_body: usize) -> Result<HttpResponse, ProviderError> {
        let unreachable = || ProviderError::new(ProviderErrorKind::Unreachable);
        let outcome = self.faults.call_instagram().await;
        match &outcome {
            CallOutcome::ConnectionFailed => return Err(unreachable()),
            CallOutcome::Fault(response, timing) => {
                let fault = InjectedFault::new((self.endpoint_of)(request.url().path()), response.clone());
                let fault = InjectedFault { timing: *timing, ..fault };
                self.sandbox.inject_fault(fault).map_err(|_| unreachable())?;
            }
            CallOutcome::Success | CallOutcome::Timeout => {}
        }
        let request = Request::<reqwest::Body>::try_from(request).map_err(|_| unreachable())?;
        let response = read(send(&self.instagram, request.map(Body::new)).await, maximum_body).await;
        if outcome == CallOutcome::Timeout {
            sleep(TIMEOUT).await;
            return Err(unreachable());
        }
        response
    }
}

/// The endpoint of Instagram's at a path.
pub(crate) fn instagram_endpoint(path: &str) -> Endpoint {
    match path {
        "/oauth/access_token" => Endpoint::Code,
        "/access_token" => Endpoint::Exchange,
        "/refresh_access_token" => Endpoint::Refresh,
        _ => Endpoint::Me,
    }
}

/// The endpoint of Facebook's at a path, which begins with a version.
pub(crate) fn facebook_endpoint(path: &str) -> Endpoint {
    let path = path.trim_start_matches('/').split_once('/').map_or(path, |(_, path)| path);
    match path {
        "oauth/access_token" => Endpoint::FacebookToken,
        "debug_token" => Endpoint::FacebookDebug,
        "me" => Endpoint::FacebookMe,
        "me/accounts" => Endpoint::FacebookAccounts,
        "me/businesses" | "me/assigned_pages" => Endpoint::FacebookBusinesses,
        _ if path.ends_with("/owned_pages") || path.ends_with("/client_pages") => Endpoint::FacebookBusinesses,
        _ if path.starts_with(FACEBOOK_PAGE_PREFIX) => Endpoint::FacebookPage,
        _ => Endpoint::FacebookAccount,
    }
}

async fn read(response: Response<Body>, maximum_body: usize) -> Result<HttpResponse, ProviderError> {
    let (parts, body) = response.into_parts();
    // The content of a truncated or oversized body is unknown.
    let body = to_bytes(body, maximum_body).await.map_err(|_| ProviderError::new(ProviderErrorKind::Unreachable))?;
    Ok(HttpResponse { status: parts.status, headers: parts.headers, body: body.to_vec().into() })
}
