//! The control API of Facebook's response formats.

use axum::body::Bytes;
use axum::extract::State;

use crate::control_json::{ControlResponse, merge, respond};
use crate::facebook::shapes::FacebookShapes;
use crate::sandbox::Sandbox;

pub(crate) async fn show(State(sandbox): State<Sandbox>) -> ControlResponse {
    respond(&sandbox.state().facebook.shapes)
}

pub(crate) async fn change(State(sandbox): State<Sandbox>, body: Bytes) -> ControlResponse {
    let shapes = &mut sandbox.state().facebook.shapes;
    *shapes = merge(shapes, &body)?;
    respond(shapes)
}

impl Sandbox {
    /// Changes Facebook's response formats. A reset restores them.
    pub fn update_facebook_shapes(&self, change: impl FnOnce(&mut FacebookShapes)) {
        change(&mut self.state().facebook.shapes);
    }
}
