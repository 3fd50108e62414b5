//! `GET /` and `GET /healthz`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use evertoken_core::login::below;
use http::StatusCode;
use serde_json::{Value, json};

use crate::pages::{self, page};
use crate::service::Ports;
use crate::settings::Admission;

/// Says what this is; offers to connect where logins are open.
pub(crate) async fn home<S: Ports>(State(service): State<Arc<S>>) -> Response {
    let settings = service.settings();
    let login = below(&settings.public_url, "login");
    page(StatusCode::OK, &pages::Home { open: settings.admission == Admission::Open, login: login.as_str() })
}

/// Says that this process answers, and its version. Asks nobody.
pub(crate) async fn healthz() -> Json<Value> {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}
