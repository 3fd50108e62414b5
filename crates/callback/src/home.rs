//! `GET /` and `GET /healthz`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use evertoken_core::public_url;
use http::StatusCode;
use serde_json::{Value, json};

use crate::language::Language;
use crate::pages::{self, page};
use crate::service::Ports;
use crate::settings::Admission;
use crate::texts::phrases;

/// Says what this is; offers to connect where logins are open.
pub(crate) async fn home<S: Ports>(State(service): State<Arc<S>>, language: Language) -> Response {
    let settings = &service.environment().settings;
    let login = public_url::join(&settings.public_url, "login");
    let open = settings.admission == Admission::Open;
    page(StatusCode::OK, &pages::Home { say: phrases(language), open, login: login.as_str() })
}

/// Says that this process answers, and its version. Asks nobody.
pub(crate) async fn healthz() -> Json<Value> {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}
