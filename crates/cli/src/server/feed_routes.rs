//! The public files of feeds, with the headers that CloudFront adds in AWS.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use evertoken_feed::file_path::FilePath;
use evertoken_feed::files::FeedFiles;
use evertoken_feed::folder_files::FolderFiles;
use sha2::{Digest, Sha256};
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Pages of all origins may use the files, as they may use those of a content delivery network.
const HEADERS: [(HeaderName, &str); 3] = [
    (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// The routes of the files in this folder.
pub(super) fn routes(files: FolderFiles) -> Router {
    let [origin, resource, sniffing] =
        HEADERS.map(|(name, value)| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value)));
    // Pictures are compressed already, and the layer leaves them alone.
    let layers = ServiceBuilder::new().layer(origin).layer(resource).layer(sniffing).layer(CompressionLayer::new());
    Router::new()
        .route("/feed/{file}", get(file))
        .route("/img/{account}/{file}", get(file))
        .route("/widget.js", get(file))
        .layer(layers)
        .with_state(Arc::new(files))
}

async fn file(State(files): State<Arc<FolderFiles>>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/').parse::<FilePath>();
    // The routes have no private files. This check does not depend on them.
    let Some(path) = path.ok().filter(FilePath::is_public) else { return StatusCode::NOT_FOUND.into_response() };
    match files.read(&path).await {
        Ok(Some(bytes)) => respond(&path, bytes, request.headers()),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!("the file {path} of a feed could not be read: {error}");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

fn respond(path: &FilePath, bytes: Vec<u8>, request: &HeaderMap) -> Response {
    // Weak, because a compressed response has other bytes (RFC 9110, section 8.8.1).
    let etag = format!("W/\"{}\"", hex::encode(Sha256::digest(&bytes).iter().take(8).copied().collect::<Vec<_>>()));
    let is_known = matches(request, &etag);
    let headers = [
        (CACHE_CONTROL, path.cache_control().to_owned()),
        (CONTENT_TYPE, path.content_type().to_owned()),
        (ETAG, etag),
    ];
    if is_known { (StatusCode::NOT_MODIFIED, headers).into_response() } else { (headers, bytes).into_response() }
}

/// Whether the browser has this version already (RFC 9110, section 13.1.2: a weak comparison).
fn matches(request: &HeaderMap, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let lists = request.get_all(IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|tag| opaque(tag) == "*" || opaque(tag) == opaque(etag))
}
