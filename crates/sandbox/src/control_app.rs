//! The control API of the app.

use axum::body::Bytes;
use axum::extract::State;
use serde::Deserialize;
use url::Url;

use crate::control_error::ControlError;
use crate::control_json::{ControlResponse, parse, respond};
use crate::sandbox::Sandbox;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppChange {
    app_id: Option<String>,
    app_secret: Option<String>,
    redirect_uris: Option<Vec<String>>,
    scopes: Option<Vec<String>>,
    refused_fields: Option<Vec<String>>,
}

pub(crate) async fn show(State(sandbox): State<Sandbox>) -> ControlResponse {
    respond(&sandbox.state().app)
}

pub(crate) async fn change(State(sandbox): State<Sandbox>, body: Bytes) -> ControlResponse {
    let change: AppChange = parse(&body)?;
    if let Some(invalid) = change.redirect_uris.iter().flatten().find(|uri| Url::parse(uri).is_err()) {
        return Err(ControlError::InvalidRequest(format!("{invalid:?} is not an absolute URL")));
    }
    {
        let app = &mut sandbox.state().app;
        app.id = change.app_id.unwrap_or_else(|| app.id.clone());
        app.secret = change.app_secret.unwrap_or_else(|| app.secret.clone());
        app.redirect_uris = change.redirect_uris.unwrap_or_else(|| app.redirect_uris.clone());
        app.scopes = change.scopes.unwrap_or_else(|| app.scopes.clone());
        app.refused_fields = change.refused_fields.unwrap_or_else(|| app.refused_fields.clone());
    }
    show(State(sandbox)).await
}

impl Sandbox {
    /// Replaces the app secret. A reset restores the initial one.
    pub fn set_app_secret(&self, secret: impl Into<String>) {
        self.state().app.secret = secret.into();
    }
}
