//! The last word on every request: one line in the log and, where a problem came up, its page.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use evertoken_core::ports::Entropy;
use http::header;
use serde_json::json;

use crate::pages::{self, page};
use crate::problem::{Explanation, Problem};
use crate::service::Ports;
use crate::visit::wants_json;

impl IntoResponse for Problem {
    /// Only marks the answer; [`answer`] makes a page of it.
    fn into_response(self) -> Response {
        let status = self.explain().status;
        (status, Extension(Arc::new(self))).into_response()
    }
}

/// Logs the request and turns a marked answer into a page or JSON, with a reference that is also in the log.
///
/// The log has the route's pattern and never the query, which carries codes.
pub(crate) async fn answer<S: Ports>(State(service): State<Arc<S>>, request: Request, next: Next) -> Response {
    let json = wants_json(request.headers());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Arc<Problem>>() else {
        let status = response.status().as_u16();
        tracing::info!(http.method = %method, http.route = route, http.status = status, "request handled");
        return response;
    };
    let Explanation { status, code, title, cause, remedy } = problem.explain();
    let reference = reference(service.entropy());
    tracing::warn!(
        reference,
        error.code = code,
        error.detail = problem.detail(),
        http.method = %method,
        http.route = route,
        http.status = status.as_u16(),
        "{title}"
    );
    let mut explained = if json {
        let error = json!({ "code": code, "message": cause, "remedy": remedy, "reference": reference });
        (status, Json(json!({ "error": error }))).into_response()
    } else {
        let again = problem.split().1;
        page(status, &pages::Problem { title, cause: &cause, remedy: &remedy, again, reference: &reference })
    };
    for cookie in response.headers().get_all(header::SET_COOKIE) {
        explained.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    explained
}

/// Ten letters and digits: enough to find one line in a log, short enough to read out on the telephone.
fn reference(entropy: &impl Entropy) -> String {
    // Crockford's: no I, L, O or U, so that nothing is read as something else.
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut bytes = [0; 10];
    // Without randomness there is a worse trouble than an equal reference.
    entropy.fill(&mut bytes).ok();
    bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32))).map(|letter| char::from(*letter)).collect()
}
