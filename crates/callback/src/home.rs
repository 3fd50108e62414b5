//! `GET /`: the home page.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use evertoken_core::public_url;
use http::StatusCode;

use crate::language::Language;
use crate::pages::{HomeTemplate, LoginButton, page};
use crate::restart::with_login;
use crate::service::Ports;
use crate::settings::LoginMode;
use crate::texts::phrases;

/// Describes the service. If anyone may log in, it links to the login.
pub(crate) async fn home<S: Ports>(State(service): State<Arc<S>>, language: Language) -> Response {
    let settings = &service.environment().settings;
    let phrases = phrases(language);
    let link = public_url::join(&settings.public_url, "login");
    let button = |name| LoginButton::new(phrases, name, with_login(&*service, link.clone(), name));
    let buttons: Vec<LoginButton> = match settings.login_mode {
        LoginMode::Open => service.logins().names().map(button).collect(),
        LoginMode::InviteOnly => Vec::new(),
    };
    let is_choice = buttons.len() > 1;
    let template = HomeTemplate { phrases, brand: &settings.brand, buttons, is_choice };
    page(StatusCode::OK, &template)
}
