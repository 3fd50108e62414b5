//! A request to the Graph host, with or without a version in its path.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, RawPathParams};
use http::HeaderMap;
use http::header::{AUTHORIZATION, HOST};
use http::request::Parts;
use time::OffsetDateTime;

use crate::graph_rejection::GraphRejection;
use crate::graph_version::is_supported;
use crate::params::Params;

pub(crate) struct GraphRequest {
    pub(crate) params: Params,
    pub(crate) path: String,
    /// The origin that the client has used.
    pub(crate) origin: String,
    /// The placeholders of the route.
    path_params: Vec<(String, String)>,
    bearer: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for GraphRequest {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let path_params = match RawPathParams::from_request_parts(parts, state).await {
            Ok(params) => params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            Err(_) => Vec::new(),
        };
        let bearer = header(&parts.headers, AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
        Ok(Self {
            params: Params::from_query(parts.uri.query()),
            path: parts.uri.path().to_owned(),
            origin: origin(parts),
            path_params,
            bearer: bearer.map(str::to_owned),
        })
    }
}

impl GraphRequest {
    /// The token, which is in the query or a bearer token.
    pub(crate) fn token(&self) -> Option<&str> {
        self.params.get("access_token").or(self.bearer.as_deref())
    }

    /// The value of a placeholder in the route.
    pub(crate) fn path_param(&self, name: &str) -> Option<&str> {
        self.path_params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Rejects a version that does not exist or has expired.
    pub(crate) fn check_version(&self, now: OffsetDateTime) -> Result<(), GraphRejection> {
        if self.path_param("version").is_none_or(|version| is_supported(version, now)) {
            return Ok(());
        }
        Err(self.unknown_path())
    }

    /// Rejects the same versions, and a path without one.
    pub(crate) fn require_version(&self, now: OffsetDateTime) -> Result<(), GraphRejection> {
        if self.path_param("version").is_none() {
            return Err(self.unknown_path());
        }
        self.check_version(now)
    }

    fn unknown_path(&self) -> GraphRejection {
        GraphRejection::UnknownPath(self.path.clone())
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A tunnel ends TLS and names the scheme. A request in the same process has no host.
fn origin(parts: &Parts) -> String {
    let scheme = header(&parts.headers, "x-forwarded-proto").filter(|scheme| *scheme == "https").unwrap_or("http");
    let host = header(&parts.headers, HOST.as_str()).or_else(|| Some(parts.uri.authority()?.as_str()));
    format!("{scheme}://{}", host.unwrap_or("sandbox.invalid"))
}
