//! Request parameters: names and values in order, decoded from the form encoding only.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Multipart, Request};
use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// More than any valid form needs.
const MAX_FORM_BYTES: usize = 64 * 1024;

/// The parameters of a query or a form.
#[derive(Default)]
pub(crate) struct Params(Vec<(String, String)>);

/// The encoding of a form, from its `Content-Type`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyEncoding {
    Urlencoded,
    Multipart,
    Other,
}

impl BodyEncoding {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let content_type = content_type.to_ascii_lowercase();
        if content_type.starts_with("application/x-www-form-urlencoded") {
            Self::Urlencoded
        } else if content_type.starts_with("multipart/form-data") {
            Self::Multipart
        } else {
            Self::Other
        }
    }
}

impl Params {
    pub(crate) fn from_query(query: Option<&str>) -> Self {
        Self::from_urlencoded(query.unwrap_or_default().as_bytes())
    }

    fn from_urlencoded(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).into_owned().collect())
    }

    /// Parses a body of type `application/x-www-form-urlencoded` or `multipart/form-data`. Any other body, and one
    /// that cannot be read, has no parameters.
    pub(crate) async fn from_body(request: Request) -> Self {
        match BodyEncoding::of(request.headers()) {
            BodyEncoding::Urlencoded => {
                let body = to_bytes(request.into_body(), MAX_FORM_BYTES).await;
                Self::from_urlencoded(&body.unwrap_or_else(|_| Bytes::new()))
            }
            BodyEncoding::Multipart => Self::from_multipart(request).await.unwrap_or_default(),
            BodyEncoding::Other => Self::default(),
        }
    }

    async fn from_multipart(request: Request) -> Option<Self> {
        let mut parts = Multipart::from_request(request, &()).await.ok()?;
        let mut params = Vec::new();
        while let Some(part) = parts.next_field().await.ok()? {
            let name = part.name()?.to_owned();
            params.push((name, part.text().await.ok()?));
        }
        Some(Self(params))
    }

    /// These parameters, then those of another source.
    #[must_use]
    pub(crate) fn followed_by(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// The first value of a parameter. An empty value counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }

    /// All values of a parameter.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
