//! `GET /{account}/media` and `GET /{media}/children` on Facebook's host: the same posts as on Instagram's.

use axum::extract::State;
use axum::response::Response;

use crate::account::Account;
use crate::endpoint::Endpoint;
use crate::facebook::account_node::{Named, call};
use crate::facebook::rejection::FacebookRejection;
use crate::facebook::respond::respond;
use crate::facebook::token::TokenOwner;
use crate::facebook::token_check::is_facebook_token;
use crate::graph_rejection::GraphRejection;
use crate::graph_request::GraphRequest;
use crate::media_list::{self, list_children, list_posts};
use crate::request_handler::RequestHandler;
use crate::sandbox::Sandbox;

/// The posts of an account. A token of Instagram's reads those of its own account.
pub(crate) async fn posts(State(sandbox): State<Sandbox>, request: GraphRequest) -> Response {
    let id = request.path_param("node").unwrap_or_default();
    if request.token().is_some_and(|token| token.starts_with("IGAA")) {
        return instagram_posts(sandbox, request).await;
    }
    call(&sandbox, &request, Endpoint::FacebookMedia, Named::Account(id), |state, request, account, now| {
        Ok(list_posts(state, request, account, now)?)
    })
    .await
}

/// Instagram's host serves the path too, under either id of the account.
async fn instagram_posts(sandbox: Sandbox, request: GraphRequest) -> Response {
    let id = request.path_param("node").unwrap_or_default();
    let is_own = |account: &Account| Ok(account.account_id) == id.parse() || Ok(account.app_scoped_id) == id.parse();
    let owner = {
        let state = sandbox.state();
        state.account_of(request.token()).and_then(|id| state.accounts.get(id).cloned())
    };
    match owner {
        Some(account) if !is_own(&account) => {
            let unknown = GraphRejection::UnknownObject(id.to_owned());
            let handler = RequestHandler::new(&sandbox, Endpoint::Media);
            handler.handle_graph(Some(account.app_scoped_id), |_, _| Err(unknown)).await
        }
        _ => media_list::posts(State(sandbox), request).await,
    }
}

/// The parts of an album, on the host that the token belongs to.
pub(crate) async fn children(State(sandbox): State<Sandbox>, request: GraphRequest) -> Response {
    if !request.token().is_some_and(is_facebook_token) {
        return media_list::children(State(sandbox), request).await;
    }
    let id = request.path_param("media").unwrap_or_default();
    call(&sandbox, &request, Endpoint::FacebookMedia, Named::Post(id), |state, request, account, now| {
        Ok(list_children(state, request, account, now)?)
    })
    .await
}

/// `GET /me/media`, on the host that the token belongs to. On Facebook, neither a person nor a page has posts of Instagram.
pub(crate) async fn own_posts(State(sandbox): State<Sandbox>, request: GraphRequest) -> Response {
    if !request.token().is_some_and(is_facebook_token) {
        return media_list::posts(State(sandbox), request).await;
    }
    let person = sandbox.state().facebook.person_of(request.token());
    respond(&sandbox, Endpoint::FacebookMedia, person, |state, now| {
        let node = match state.caller(&request, now)?.token.owner {
            TokenOwner::Page(_) => "Page",
            TokenOwner::User | TokenOwner::SystemUser => "User",
        };
        Err(FacebookRejection::UnknownField { field: "media".to_owned(), node })
    })
    .await
}
