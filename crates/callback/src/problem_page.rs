//! How a problem is shown and logged: once, in one place.

use std::sync::Arc;

use axum::extract::{Request, State};
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
    /// Only marks the answer; [`explain`] makes a page of it.
    fn into_response(self) -> Response {
        let status = self.explain().status;
        (status, Extension(Arc::new(self))).into_response()
    }
}

/// Turns a marked answer into a page or JSON, with a reference that is also in the log.
pub(crate) async fn explain<S: Ports>(State(service): State<Arc<S>>, request: Request, next: Next) -> Response {
    let json = wants_json(request.headers());
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Arc<Problem>>() else { return response };
    let Explanation { status, code, title, cause, remedy } = problem.explain();
    let reference = reference(service.entropy());
    tracing::warn!(
        reference,
        error.code = code,
        error.detail = problem.detail(),
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
