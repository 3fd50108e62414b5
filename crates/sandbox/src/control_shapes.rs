//! The control API of the response formats.

use axum::body::Bytes;
use axum::extract::State;

use crate::control_json::{ControlResponse, merge, respond};
use crate::sandbox::Sandbox;

pub(crate) async fn show(State(sandbox): State<Sandbox>) -> ControlResponse {
    respond(&sandbox.state().shapes)
}

pub(crate) async fn change(State(sandbox): State<Sandbox>, body: Bytes) -> ControlResponse {
    let shapes = &mut sandbox.state().shapes;
    *shapes = merge(shapes, &body)?;
    respond(shapes)
}
