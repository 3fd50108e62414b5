//! The control API of the Meta app.

use axum::body::Bytes;
use axum::extract::State;
use serde::Deserialize;

use crate::control_json::{ControlResponse, parse, respond};
use crate::facebook::app::{LoginConfiguration, LoginProduct, MetaApp};
use crate::sandbox::Sandbox;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MetaAppChange {
    app_id: Option<String>,
    app_secret: Option<String>,
    scopes: Option<Vec<String>>,
    configurations: Option<Vec<LoginConfiguration>>,
    require_proof: Option<bool>,
    login: Option<LoginProduct>,
}

pub(crate) async fn show(State(sandbox): State<Sandbox>) -> ControlResponse {
    respond(&sandbox.state().facebook.app)
}

pub(crate) async fn change(State(sandbox): State<Sandbox>, body: Bytes) -> ControlResponse {
    let change: MetaAppChange = parse(&body)?;
    sandbox.update_meta_app(|app| {
        app.id = change.app_id.unwrap_or_else(|| app.id.clone());
        app.secret = change.app_secret.unwrap_or_else(|| app.secret.clone());
        app.scopes = change.scopes.unwrap_or_else(|| app.scopes.clone());
        app.configurations = change.configurations.unwrap_or_else(|| app.configurations.clone());
        app.require_proof = change.require_proof.unwrap_or(app.require_proof);
        app.login = change.login.unwrap_or(app.login);
    });
    show(State(sandbox)).await
}

impl Sandbox {
    /// Changes the Meta app. A reset restores it.
    pub fn update_meta_app(&self, change: impl FnOnce(&mut MetaApp)) {
        change(&mut self.state().facebook.app);
    }
}
