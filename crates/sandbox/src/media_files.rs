//! `GET /cdn/{file}`: the pictures and videos of posts, at signed links that expire.

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use time::OffsetDateTime;

use crate::account::InstagramId;
use crate::endpoint::Endpoint;
use crate::endpoint_response::EndpointResponse;
use crate::media_link::{LinkRejection, verify};
use crate::params::Params;
use crate::picture;
use crate::post::Post;
use crate::request_handler::RequestHandler;
use crate::sandbox::Sandbox;
use crate::state::SandboxState;

/// The beginning of an MP4 file: its type, and no frames.
const VIDEO: &[u8] = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2";

/// Instagram's servers allow no other site to embed a file, and no script to read one (`jlobos/instagram-web-api#248`).
const HEADERS: [(HeaderName, &str); 2] = [
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (CACHE_CONTROL, "max-age=1209600, no-transform"),
];

struct File {
    content_type: &'static str,
    bytes: Vec<u8>,
}

pub(crate) async fn file(
    State(sandbox): State<Sandbox>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let handler = RequestHandler::new(&sandbox, Endpoint::File);
    let params = Params::from_query(query.as_deref());
    // Drawn before the request is handled, which blocks all others.
    let file = load(&sandbox, &name).await;
    handler.handle(None, |state, now| respond(state, &name, &params, file, now)).await
}

async fn load(sandbox: &Sandbox, name: &str) -> Option<File> {
    let (id, extension) = name.split_once('.')?;
    let id: InstagramId = id.parse().ok()?;
    let post = sandbox.state().media.find(id)?.clone();
    match extension {
        "jpg" => {
            let drawing = tokio::task::spawn_blocking(move || picture_of(post));
            drawing.await.ok()?.map(|bytes| File { content_type: "image/jpeg", bytes })
        }
        "mp4" if post.is_video() => Some(File { content_type: "video/mp4", bytes: VIDEO.to_vec() }),
        _ => None,
    }
}

fn picture_of(post: Post) -> Option<Vec<u8>> {
    post.file.or_else(|| picture::draw(post.id.0, post.width, post.height))
}

fn respond(
    state: &SandboxState,
    name: &str,
    params: &Params,
    file: Option<File>,
    now: OffsetDateTime,
) -> EndpointResponse {
    let forbidden =
        |outcome, text: &'static str| EndpointResponse::new(outcome, (StatusCode::FORBIDDEN, HEADERS, text));
    match (verify(&state.media.signing_key, name, params, now), file) {
        (Err(LinkRejection::Signature), _) => forbidden("altered", "Bad URL hash"),
        (Err(LinkRejection::Expired), _) => forbidden("expired", "URL signature expired"),
        (Ok(()), None) => EndpointResponse::new("deleted", (StatusCode::NOT_FOUND, HEADERS)),
        (Ok(()), Some(File { content_type, bytes })) => {
            EndpointResponse::new("ok", (HEADERS, [(CONTENT_TYPE, content_type)], bytes))
        }
    }
}
