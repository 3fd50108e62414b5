//! Calls on an Instagram account through Facebook: what they have in common, and `GET /{account}` (Meta, reference page
//! "IG User").

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::account::Account;
use crate::call_usage::CallUsage;
use crate::endpoint::Endpoint;
use crate::facebook::caller::Caller;
use crate::facebook::fields::{ACCOUNT, requested};
use crate::facebook::page_json;
use crate::facebook::rejection::FacebookRejection;
use crate::facebook::respond::result;
use crate::facebook::shapes::LapsedDataAccess;
use crate::graph_request::GraphRequest;
use crate::media_list::USAGE;
use crate::request_handler::RequestHandler;
use crate::sandbox::Sandbox;
use crate::state::SandboxState;

pub(crate) type AccountOperation =
    fn(&mut SandboxState, &GraphRequest, &Account, OffsetDateTime) -> Result<Value, FacebookRejection>;

/// How a call names an account.
pub(crate) enum Named<'a> {
    /// By its `account_id`.
    Account(&'a str),
    /// By the id of one of its posts.
    Post(&'a str),
}

/// `GET /{account}`.
pub(crate) async fn read(State(sandbox): State<Sandbox>, request: GraphRequest) -> Response {
    let id = request.path_param("node").unwrap_or_default();
    call(&sandbox, &request, Endpoint::FacebookAccount, Named::Account(id), |state, request, account, _| {
        let fields = requested(request, "id", &ACCOUNT)?;
        Ok(page_json::account(state, account, &fields))
    })
    .await
}

/// Runs a call on an account. Every response shows how much of the account's budget of calls is used.
pub(crate) async fn call(
    sandbox: &Sandbox,
    request: &GraphRequest,
    endpoint: Endpoint,
    named: Named<'_>,
    operation: AccountOperation,
) -> Response {
    let handler = RequestHandler::new(sandbox, endpoint);
    let account = named_account(&mut sandbox.state(), &named).map(|account| account.app_scoped_id);
    handler
        .handle(account, |state, now| {
            let usage = account.and_then(|id| {
                let account = state.accounts.get(id)?;
                account.call_usage?.header(account.account_id)
            });
            let mut response = result(state, now, |state, now| answer(state, request, &named, operation, now));
            if let Some(usage) = usage {
                response.response.headers_mut().insert(USAGE, usage);
            }
            response
        })
        .await
}

fn named_account(state: &mut SandboxState, named: &Named<'_>) -> Option<Account> {
    match named {
        Named::Account(id) => state.professional_account(id.parse().ok()?).cloned(),
        Named::Post(id) => {
            let id = id.parse().ok()?;
            let accounts: Vec<_> = state.accounts.iter().cloned().collect();
            accounts.into_iter().find(|account| state.media.of(account).get(id).is_ok())
        }
    }
}

fn answer(
    state: &mut SandboxState,
    request: &GraphRequest,
    named: &Named<'_>,
    operation: AccountOperation,
    now: OffsetDateTime,
) -> Result<Value, FacebookRejection> {
    let caller = state.caller(request, now)?;
    if let Err(lapsed) = state.facebook.check_data_access(&caller.token, now) {
        return match state.facebook.shapes.lapsed_data_access {
            LapsedDataAccess::InvalidToken => Err(lapsed.into()),
            LapsedDataAccess::NoPermission => Err(FacebookRejection::MissingPermission("instagram_basic")),
            LapsedDataAccess::Empty => Ok(empty(state, request, &caller)),
        };
    }
    caller.require("instagram_basic")?;
    caller.require("pages_read_engagement")?;
    let id = match named {
        Named::Account(id) => (*id).to_owned(),
        Named::Post(post) => {
            let owner = named_account(state, named).map(|account| account.account_id.to_string());
            owner.ok_or_else(|| FacebookRejection::UnknownObject((*post).to_owned()))?
        }
    };
    let account = state.reached_account(&caller, &id).map_err(|unreached| match named {
        Named::Account(_) => unreached,
        Named::Post(post) => FacebookRejection::UnknownObject((*post).to_owned()),
    })?;
    let account = account.clone();
    if account.call_usage.is_some_and(CallUsage::is_exhausted) {
        return Err(FacebookRejection::TooManyCalls);
    }
    operation(state, request, &account, now)
}

/// A list without posts, or an account without fields.
fn empty(state: &SandboxState, request: &GraphRequest, caller: &Caller) -> Value {
    let id = request.path_param("node").and_then(|id| state.reached_account(caller, id).ok());
    match id.filter(|_| !request.path.ends_with("/media")) {
        Some(account) => json!({"id": state.facebook.shapes.id(account.account_id)}),
        None => json!({"data": []}),
    }
}
