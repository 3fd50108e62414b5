//! The last word on every request: one line in the log and, where a problem came up, its page.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use evertoken_core::entropy::Entropy;
use http::header::{self, ALLOW};
use serde_json::json;
use tokio::time::Instant;

use crate::language::Language;
use crate::pages::{self, page, pieces};
use crate::problem::Problem;
use crate::service::Ports;
use crate::texts::{explanation, fill, phrases};
use crate::topic::Topic;
use crate::visit::wants_json;

impl IntoResponse for Topic {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

impl IntoResponse for Problem {
    /// Only marks the answer; [`answer`] makes a page of it.
    fn into_response(self) -> Response {
        let status = self.topic().status();
        (status, Extension(Arc::new(self))).into_response()
    }
}

/// Logs the request and turns a marked answer into a page or JSON, with a reference that is also in the log.
///
/// The log has the route's pattern and never the query, which carries codes.
pub(crate) async fn answer<S: Ports>(State(service): State<Arc<S>>, request: Request, next: Next) -> Response {
    let json = wants_json(request.headers());
    let language = Language::of(request.headers());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let begun_at = Instant::now();
    let mut response = next.run(request).await;
    let duration_ms = u64::try_from(begun_at.elapsed().as_millis()).unwrap_or(u64::MAX);
    let Some(problem) = response.extensions_mut().remove::<Arc<Problem>>() else {
        let status = response.status().as_u16();
        tracing::info!(
            http.method = %method,
            http.route = route,
            http.status = status,
            http.duration_ms = duration_ms,
            "request handled"
        );
        return response;
    };
    let topic = problem.topic();
    let reference = reference(&*service.environment().entropy);
    tracing::warn!(
        reference,
        error.code = topic.code(),
        error.detail = problem.detail(),
        http.method = %method,
        http.route = route,
        http.status = topic.status().as_u16(),
        http.duration_ms = duration_ms,
        "{}",
        explanation(Language::English, topic).title
    );
    let mut explained = explain(&problem, language, json, &reference);
    for name in [header::SET_COOKIE, ALLOW] {
        for value in response.headers().get_all(&name) {
            explained.headers_mut().append(&name, value.clone());
        }
    }
    explained
}

fn explain(problem: &Problem, language: Language, json: bool, reference: &str) -> Response {
    let topic = problem.topic();
    let words = explanation(language, topic);
    let values = problem.values();
    let (cause, remedy) = (fill(words.cause, &values), fill(words.remedy, &values));
    if json {
        let error = json!({ "code": topic.code(), "message": cause, "remedy": remedy, "reference": reference });
        return (topic.status(), Json(json!({ "error": error }))).into_response();
    }
    let problem_page = pages::Problem {
        say: phrases(language),
        title: words.title,
        cause: &cause,
        remedy: pieces(&remedy),
        operator: words.operator,
        again: problem.start(),
        reference,
    };
    page(topic.status(), &problem_page)
}

/// Ten letters and digits: enough to find one line in a log, short enough to read out on the telephone.
pub(crate) fn reference(entropy: &dyn Entropy) -> String {
    // Crockford's: no I, L, O or U, so that nothing is read as something else.
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut bytes = [0; 10];
    // Without randomness there is a worse trouble than an equal reference.
    entropy.fill(&mut bytes).ok();
    bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32))).map(|letter| char::from(*letter)).collect()
}
