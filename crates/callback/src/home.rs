//! `GET /`: the home page.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use evertoken_core::public_url;
use http::StatusCode;
use url::Url;

use crate::language::Language;
use crate::pages::{HomeTemplate, page};
use crate::service::Ports;
use crate::settings::LoginMode;
use crate::texts::phrases;

/// Describes the service. If anyone may log in, it links to the login.
pub(crate) async fn home<S: Ports>(State(service): State<Arc<S>>, language: Language) -> Response {
    let settings = &service.environment().settings;
    let login_url = match settings.login_mode {
        LoginMode::Open => Some(public_url::join(&settings.public_url, "login")),
        LoginMode::InviteOnly => None,
    };
    let login_url = login_url.as_ref().map(Url::as_str);
    let template = HomeTemplate { phrases: phrases(language), brand: &settings.brand, login_url };
    page(StatusCode::OK, &template)
}
