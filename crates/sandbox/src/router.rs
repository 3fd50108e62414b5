//! The routes of Instagram's and Facebook's hosts and of the control API.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use http::{Method, Uri};

use crate::control_page::ControlPage;
use crate::facebook::{media, node};
use crate::graph_rejection::GraphRejection;
use crate::sandbox::Sandbox;
use crate::service::{NoService, Service};
use crate::{authorize, code_exchange, control, facebook, long_lived_exchange, media_files, token_refresh};

impl Sandbox {
    /// All of Instagram's and Facebook's hosts on one origin, the control API under `/_sandbox`, and the control page at `/sandbox`.
    pub fn router(&self) -> Router {
        self.router_with(Arc::new(NoService(self.clone())))
    }

    /// The same, where the control page also lets time pass for the service.
    pub fn router_with(&self, service: Arc<dyn Service>) -> Router {
        Router::new()
            .route("/oauth/authorize", get(authorize::show_consent_page).post(authorize::submit_decision))
            .route("/oauth/access_token", post(code_exchange::exchange))
            .route("/access_token", graph(get(long_lived_exchange::exchange)))
            .route("/refresh_access_token", graph(get(token_refresh::refresh)))
            .route("/me", graph(get(node::me)))
            .route("/{version}/me", graph(get(node::me)))
            .route("/me/media", graph(get(media::own_posts)))
            .route("/{version}/me/media", graph(get(media::own_posts)))
            .route("/{media}/children", graph(get(media::children)))
            .route("/{version}/{media}/children", graph(get(media::children)))
            .merge(facebook::router::router())
            .route("/cdn/{file}", get(media_files::file))
            .fallback(unknown_path)
            .merge(control::router())
            .with_state(self.clone())
            .merge(ControlPage { sandbox: self.clone(), service }.router())
    }
}

/// Rejects all methods except GET. axum would run a GET handler for HEAD, so HEAD is rejected explicitly.
fn graph(methods: MethodRouter<Sandbox>) -> MethodRouter<Sandbox> {
    methods.head(unsupported_method).fallback(unsupported_method)
}

async fn unsupported_method(State(sandbox): State<Sandbox>, method: Method) -> Response {
    reject(&sandbox, &GraphRejection::UnsupportedMethod(method))
}

async fn unknown_path(State(sandbox): State<Sandbox>, uri: Uri) -> Response {
    reject(&sandbox, &GraphRejection::UnknownPath(uri.path().to_owned()))
}

fn reject(sandbox: &Sandbox, rejection: &GraphRejection) -> Response {
    let subcode_format = sandbox.state().shapes.error_subcode;
    rejection.response(subcode_format).response
}
