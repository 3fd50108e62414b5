//! Turns the error of a handler into an error page, or into JSON for API clients.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::{Extension, Json};
use evertoken_core::entropy::Entropy;
use http::header::SET_COOKIE;
use serde_json::json;
use url::Url;

use crate::accept::ResponseFormat;
use crate::brand::Brand;
use crate::error_page::ErrorPage;
use crate::language::Language;
use crate::links::{in_plain_text, split_links};
use crate::pages::{ErrorTemplate, page};
use crate::request_error::RequestError;
use crate::service::Ports;
use crate::texts::{explanation, fill, phrases};

/// An error that a response shows. A response extension, for the request log.
#[derive(Clone, Debug)]
pub(crate) struct ShownError {
    pub(crate) error: Arc<RequestError>,
    pub(crate) reference: String,
}

impl IntoResponse for ErrorPage {
    fn into_response(self) -> Response {
        RequestError::from(self).into_response()
    }
}

impl IntoResponse for RequestError {
    /// Attaches the error to an empty response. [`show_errors`] renders it, because that depends on the request.
    fn into_response(self) -> Response {
        (self.page().status(), Extension(Arc::new(self))).into_response()
    }
}

/// Middleware that renders the errors of the handlers in the format and language that the client prefers.
pub(crate) async fn show_errors<S: Ports>(
    State(service): State<Arc<S>>,
    format: ResponseFormat,
    language: Language,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<Arc<RequestError>>() else { return response };
    let reference = new_reference(&*service.environment().entropy);
    // axum adds the header `Allow` afterwards.
    let cookies = response.headers().get_all(SET_COOKIE).iter().map(|cookie| (SET_COOKIE, cookie.clone()));
    let cookies = AppendHeaders(cookies.collect::<Vec<_>>());
    let shown = render(&error, format, language, &service.environment().settings.brand, &reference);
    (cookies, Extension(ShownError { error, reference }), shown).into_response()
}

fn render(
    error: &RequestError,
    format: ResponseFormat,
    language: Language,
    brand: &Brand,
    reference: &str,
) -> Response {
    let (error_page, placeholders) = (error.page(), error.placeholders(phrases(language)));
    let text = explanation(language, error_page);
    let cause = fill(text.cause, &placeholders);
    let operator = fill(text.operator, &placeholders);
    let remedy = split_links(text.remedy, |part| fill(part, &placeholders));
    match format {
        ResponseFormat::Json => {
            let remedy = in_plain_text(&remedy);
            let body = json!({ "code": error_page.code(), "message": cause, "remedy": remedy, "reference": reference });
            (error_page.status(), Json(json!({ "error": body }))).into_response()
        }
        ResponseFormat::Html => {
            let contact_url = brand.contact_about(reference);
            let template = ErrorTemplate {
                phrases: phrases(language),
                brand,
                title: text.title,
                cause: &cause,
                remedy,
                operator: &operator,
                restart_url: error.restart_url(),
                contact_url: contact_url.as_ref().map(Url::as_str),
                code: error_page.code(),
                reference,
            };
            page(error_page.status(), &template)
        }
    }
}

/// Ten letters and digits: enough to find one line in a log, and short enough to read out over the phone.
fn new_reference(entropy: &dyn Entropy) -> String {
    // Crockford's base 32 has no I, L, O or U, which are easily misread.
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut bytes = [0; 10];
    // Without random bytes, references repeat. That is the smaller problem then.
    entropy.fill(&mut bytes).ok();
    bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32))).map(|letter| char::from(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use evertoken_core::entropy::EntropyError;

    use super::*;

    struct FixedEntropy([u8; 10]);

    impl Entropy for FixedEntropy {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
            bytes.copy_from_slice(&self.0);
            Ok(())
        }
    }

    #[test]
    fn a_reference_uses_the_whole_alphabet() {
        let entropy = FixedEntropy([0, 1, 9, 10, 31, 32, 33, 63, 64, 255]);
        assert_eq!(new_reference(&entropy), "019AZ01Z0Z");
    }
}
