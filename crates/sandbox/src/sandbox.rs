//! The sandbox and its routes.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::State as Shared;
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use http::{Method, Uri};
use time::{Duration, OffsetDateTime};

use crate::clock::Clock;
use crate::graph_refusal::GraphRefusal;
use crate::settings::Settings;
use crate::state::State;
use crate::{authorize, code_exchange, control, long_lived_exchange, profile, token_refresh};

/// A stand-in for Instagram. Clones share everything.
#[derive(Clone)]
pub struct Sandbox {
    state: Arc<Mutex<State>>,
}

impl fmt::Debug for Sandbox {
    /// Nothing of what it knows: that would be tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").finish_non_exhaustive()
    }
}

impl Sandbox {
    /// A sandbox in which nobody has logged in yet.
    pub fn new(settings: Settings) -> Self {
        Self::with_clock(settings, &Clock::real())
    }

    /// A sandbox that lives in somebody else's time, in a simulation for example; moving its clock moves it away from
    /// that.
    pub fn in_the_time_of(settings: Settings, now: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        Self::with_clock(settings, &Clock::running_by(now))
    }

    fn with_clock(settings: Settings, clock: &Clock) -> Self {
        Self { state: Arc::new(Mutex::new(State::new(settings, clock))) }
    }

    /// All of Instagram's hosts on one origin, and the control API under `/_sandbox`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/oauth/authorize", get(authorize::show).post(authorize::decide))
            .route("/oauth/access_token", post(code_exchange::exchange))
            .route("/access_token", graph(get(long_lived_exchange::exchange)))
            .route("/refresh_access_token", graph(get(token_refresh::refresh)))
            .route("/me", graph(get(profile::me)))
            .route("/{version}/me", graph(get(profile::versioned_me)))
            .fallback(unknown_path)
            .merge(control::router())
            .with_state(self.clone())
    }

    /// The sandbox's time.
    pub fn now(&self) -> OffsetDateTime {
        self.state().clock.now()
    }

    /// Why this token would be refused now, in the word of the counters (`expired`, `revoked`, `password_changed`,
    /// `checkpointed`, ...); none if it works. It is no request: no fault meets it and nothing is counted.
    pub fn would_refuse(&self, token: &str) -> Option<&'static str> {
        let state = self.state();
        state.use_token(Some(token), state.clock.now()).err().map(GraphRefusal::outcome)
    }

    /// Moves the sandbox's clock forward, or back by a negative duration.
    pub fn advance(&self, by: Duration) {
        self.state().clock.advance(by);
    }

    /// Registers a redirect URI, for good: a reset keeps it.
    pub fn register_redirect_uri(&self, uri: &str) {
        self.state().register_redirect_uri(uri);
    }

    /// A panic in one request says nothing about the state, so the others go on.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The Graph host names the method that it refuses. A HEAD would do a GET's work, so it is refused too.
fn graph(methods: MethodRouter<Sandbox>) -> MethodRouter<Sandbox> {
    methods.head(unsupported).fallback(unsupported)
}

async fn unsupported(Shared(sandbox): Shared<Sandbox>, method: Method) -> Response {
    let subcode = sandbox.state().app.shapes.error_subcode;
    GraphRefusal::Unsupported(method).answer(subcode).response
}

async fn unknown_path(Shared(sandbox): Shared<Sandbox>, uri: Uri) -> Response {
    let subcode = sandbox.state().app.shapes.error_subcode;
    GraphRefusal::UnknownPath(uri.path().to_owned()).answer(subcode).response
}
