//! `GET /debug_token`: what Facebook knows about a token (Meta, reference page "`debug_token`").

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::endpoint::Endpoint;
use crate::facebook::caller::{Caller, user_id};
use crate::facebook::id::FacebookId;
use crate::facebook::page::Page;
use crate::facebook::proof;
use crate::facebook::rejection::FacebookRejection;
use crate::facebook::respond::respond;
use crate::facebook::shapes::{DebugAccess, TargetIds};
use crate::facebook::token::TokenOwner;
use crate::facebook::token_rejection::FacebookTokenRejection;
use crate::graph_request::GraphRequest;
use crate::sandbox::Sandbox;
use crate::state::SandboxState;

/// The app's name.
const APPLICATION: &str = "Evertoken sandbox";

pub(crate) async fn inspect(State(sandbox): State<Sandbox>, request: GraphRequest) -> Response {
    let input = request.params.get("input_token");
    let person = sandbox.state().facebook.person_of(input);
    respond(&sandbox, Endpoint::FacebookDebug, person, |state, now| {
        check_access(state, &request, now)?;
        let input = input.ok_or(FacebookRejection::MissingParameter("input_token"))?;
        Ok(json!({"data": describe(state, input, now)?}))
    })
    .await
}

/// The request is authorized by the app's own token, `id|secret`, or by any token of the app.
fn check_access(state: &SandboxState, request: &GraphRequest, now: OffsetDateTime) -> Result<(), FacebookRejection> {
    let app = &state.facebook.app;
    let own = request.token().and_then(|token| token.split_once('|').map(|parts| (token, parts)));
    let Some((token, (id, secret))) = own else {
        let caller = state.caller(request, now)?;
        return match state.facebook.shapes.debug_access {
            DebugAccess::SameApp if caller.token.app_id != app.id => Err(FacebookRejection::OtherAppsToken),
            DebugAccess::SameApp => Ok(()),
            DebugAccess::App => Err(FacebookRejection::AppTokenRequired),
        };
    };
    request.check_version(now)?;
    if id != app.id || secret != app.secret {
        return Err(FacebookRejection::InvalidAppToken);
    }
    match request.params.get("appsecret_proof") {
        // The token contains the secret, so nothing is left to prove. Assumed.
        None => Ok(()),
        proof => proof::check(app, token, None, proof),
    }
}

fn describe(state: &SandboxState, input: &str, now: OffsetDateTime) -> Result<Value, FacebookRejection> {
    let (facebook, app) = (&state.facebook, &state.facebook.app);
    if input == format!("{}|{}", app.id, app.secret) {
        let app_id = app_id(state);
        return Ok(json!({
            "app_id": app_id, "type": "APP", "application": APPLICATION, "is_valid": true, "scopes": [],
        }));
    }
    let known = facebook.tokens.get(input).and_then(|token| Some((token, facebook.persons.get(token.person)?)));
    let Some((token, person)) = known else {
        let error = json!({"code": 190, "message": "Invalid OAuth access token."});
        return Ok(json!({"error": error, "is_valid": false, "scopes": []}));
    };
    if token.app_id != app.id {
        return Err(FacebookRejection::OtherAppsToken);
    }
    let holder = state.holder(input, token, person);
    let unix = |time: Option<OffsetDateTime>| time.map_or(0, OffsetDateTime::unix_timestamp);
    let data_access = facebook.data_access_expires_at(person.id).filter(|_| !token.is_system_users);
    let mut data = Map::new();
    let mut add = |name: &str, value: Value| data.insert(name.to_owned(), value);
    add("app_id", app_id(state));
    add("type", json!(token.owner.debugger_type()));
    add("application", json!(APPLICATION));
    add("data_access_expires_at", json!(unix(data_access)));
    add("expires_at", json!(unix(token.expires_at)));
    let checked = facebook.check_token(Some(input), now);
    add("is_valid", json!(checked.is_ok()));
    if let Err(rejection) = checked {
        add("error", error(&rejection));
    }
    // Meta's page: for long-lived tokens only.
    if !token.is_short_lived {
        add("issued_at", json!(token.issued_at.unix_timestamp()));
    }
    if let TokenOwner::Page(page) = token.owner {
        add("profile_id", facebook.shapes.id(page));
    }
    add("user_id", facebook.shapes.id(user_id(token, person)));
    add("granular_scopes", granular_scopes(state, &holder));
    add("scopes", json!(holder.scopes));
    Ok(data.into())
}

/// The debugger calls the subcode `subcode`.
fn error(rejection: &FacebookTokenRejection) -> Value {
    let error = rejection.error();
    json!({"code": error.code, "message": error.message, "subcode": error.subcode})
}

fn app_id(state: &SandboxState) -> Value {
    let id = &state.facebook.app.id;
    id.parse::<FacebookId>().map_or_else(|_| json!(id), |id| state.facebook.shapes.id(id))
}

/// The permissions about pages and accounts, and the ones to which they were granted.
fn granular_scopes(state: &SandboxState, holder: &Caller) -> Value {
    let shapes = state.facebook.shapes;
    let pages = || holder.pages.iter();
    let entries = holder.scopes.iter().filter_map(|scope| {
        let targets: Vec<FacebookId> = match scope.as_str() {
            name if name.starts_with("instagram_") => {
                let accounts = pages().filter_map(Page::account);
                accounts.filter(|id| state.professional_account(*id).is_some()).map(FacebookId::from).collect()
            }
            name if name.starts_with("pages_") => pages().map(|page| page.id).collect(),
            "business_management" => pages().filter_map(|page| Some(page.business.as_ref()?.id)).collect(),
            _ => return None,
        };
        let mut unique: Vec<FacebookId> = Vec::new();
        for id in targets {
            if !unique.contains(&id) {
                unique.push(id);
            }
        }
        let target_ids: Vec<Value> = unique.into_iter().map(|id| shapes.id(id)).collect();
        Some(match shapes.target_ids {
            TargetIds::Present => json!({"scope": scope, "target_ids": target_ids}),
            TargetIds::Absent => json!({"scope": scope}),
        })
    });
    entries.collect()
}
