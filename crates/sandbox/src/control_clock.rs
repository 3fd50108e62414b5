//! The control API of the clock.

use axum::body::Bytes;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::control_json::{ControlResponse, parse, respond};
use crate::sandbox::Sandbox;

#[derive(Serialize)]
struct CurrentTime {
    #[serde(with = "time::serde::rfc3339")]
    now: OffsetDateTime,
    /// How far this is ahead of the system's clock.
    offset_seconds: i64,
    /// The sandbox's id.
    sandbox: String,
}

pub(crate) async fn show(State(sandbox): State<Sandbox>) -> ControlResponse {
    let offset_seconds = sandbox.clock_offset().whole_seconds();
    respond(&CurrentTime { now: sandbox.now(), offset_seconds, sandbox: sandbox.id().to_owned() })
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ClockChange {
    AdvanceSeconds(i64),
    #[serde(with = "time::serde::rfc3339")]
    Set(OffsetDateTime),
}

pub(crate) async fn change(State(sandbox): State<Sandbox>, body: Bytes) -> ControlResponse {
    match parse(&body)? {
        ClockChange::AdvanceSeconds(seconds) => sandbox.advance(Duration::seconds(seconds)),
        ClockChange::Set(to) => sandbox.state().clock.set(to),
    }
    show(State(sandbox)).await
}
