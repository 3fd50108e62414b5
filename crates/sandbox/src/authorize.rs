//! The handlers of `/oauth/authorize`: the consent page and the redirect to the app.

use axum::extract::{RawQuery, Request, State};
use axum::response::Response;
use http::header::{CACHE_CONTROL, LOCATION};
use http::{HeaderValue, StatusCode};
use time::OffsetDateTime;

use crate::account::{InstagramId, Role};
use crate::authorization_request::{AuthorizationError, AuthorizationRequest};
use crate::consent_page::{ConsentPage, ErrorPage};
use crate::endpoint::Endpoint;
use crate::endpoint_response::EndpointResponse;
use crate::params::Params;
use crate::request_handler::RequestHandler;
use crate::sandbox::Sandbox;
use crate::state::SandboxState;

pub(crate) async fn show_consent_page(State(sandbox): State<Sandbox>, RawQuery(query): RawQuery) -> Response {
    let handler = RequestHandler::new(&sandbox, Endpoint::Authorize);
    let params = Params::from_query(query.as_deref());
    handler
        .handle(None, |state, _| match AuthorizationRequest::parse(state, &params) {
            Ok(request) => ConsentPage::new(state, &request).response(),
            Err(error) => ErrorPage::new(&error).response(error.outcome),
        })
        .await
}

pub(crate) async fn submit_decision(State(sandbox): State<Sandbox>, request: Request) -> Response {
    let handler = RequestHandler::new(&sandbox, Endpoint::Authorize);
    let params = Params::from_body(request).await;
    let account = params.get("account").and_then(|name| Some(sandbox.state().accounts.find(name).ok()?.app_scoped_id));
    handler
        .handle(account, |state, now| {
            let decided = AuthorizationRequest::parse(state, &params)
                .and_then(|request| decide(request, state, &params, account, now));
            decided.unwrap_or_else(|error| ErrorPage::new(&error).response(error.outcome))
        })
        .await
}

/// Redirects to the app with a code or an error.
fn decide(
    request: AuthorizationRequest,
    state: &mut SandboxState,
    params: &Params,
    account: Option<InstagramId>,
    now: OffsetDateTime,
) -> Result<EndpointResponse, AuthorizationError> {
    match params.get("decision") {
        Some("allow") => {}
        Some("cancel") => {
            let error = [
                ("error", "access_denied"),
                ("error_reason", "user_denied"),
                ("error_description", "The user denied your request"),
            ];
            return Ok(redirect(request, "denied", &error));
        }
        _ => return Err(AuthorizationError::new("no_decision", "Choose Allow or Cancel")),
    }
    let account = account.and_then(|id| state.accounts.get_mut(id)).filter(|account| !account.facebook_only);
    let account = account.ok_or_else(|| AuthorizationError::new("unknown_account", "There is no such account"))?;
    if account.role == Role::None {
        // Meta documents no `error_reason` for this error.
        let error = [("error", "access_denied"), ("error_description", "Insufficient developer role")];
        return Ok(redirect(request, "insufficient_role", &error));
    }
    // An owner who gets here has logged in to Instagram and followed its instructions.
    account.revoked = false;
    account.password_changed = false;
    account.checkpointed = false;
    let account = account.app_scoped_id;
    let granted = request.scopes.iter().filter(|scope| params.all("grant").any(|granted| granted == *scope));
    let code = state.issue_code(account, &request.redirect_uri, granted.cloned().collect(), now);
    Ok(redirect(request, "allowed", &[("code", &code)]))
}

/// Redirects the browser to the app. Like Instagram, the sandbox returns `state` with an error too, and adds `#_` after
/// a code. A browser does not send that fragment to the app.
fn redirect(request: AuthorizationRequest, outcome: &'static str, pairs: &[(&str, &str)]) -> EndpointResponse {
    let mut url = request.target;
    url.query_pairs_mut().extend_pairs(pairs).extend_pairs(request.state.map(|state| ("state", state)));
    if outcome == "allowed" {
        url.set_fragment(Some("_"));
    }
    let Ok(location) = HeaderValue::try_from(url.as_str()) else { return EndpointResponse::internal_error() };
    let headers = [(LOCATION, location), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    EndpointResponse::new(outcome, (StatusCode::FOUND, headers))
}
