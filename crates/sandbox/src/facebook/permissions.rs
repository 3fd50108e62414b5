//! `/me/permissions` and `DELETE /{user}/permissions` (Meta, reference page "User/permissions").

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use crate::endpoint::Endpoint;
use crate::facebook::caller::Caller;
use crate::facebook::rejection::FacebookRejection;
use crate::facebook::respond::respond;
use crate::graph_request::GraphRequest;
use crate::sandbox::Sandbox;

/// What the person has granted and declined.
pub(crate) async fn list(State(sandbox): State<Sandbox>, request: GraphRequest) -> Response {
    let person = sandbox.state().facebook.person_of(request.token());
    respond(&sandbox, Endpoint::FacebookMe, person, |state, now| {
        let caller = state.caller(&request, now)?;
        check_user(&caller, &request)?;
        let declined = state.facebook.granted.get(&caller.person.id).filter(|_| !caller.token.is_system_users);
        let entry = |scope: &String, status: &str| json!({"permission": scope, "status": status});
        let declined = declined.iter().flat_map(|granted| &granted.declined).map(|scope| entry(scope, "declined"));
        let granted = caller.scopes.iter().map(|scope| entry(scope, "granted"));
        let data: Vec<Value> = granted.chain(declined).collect();
        Ok(json!({"data": data}))
    })
    .await
}

/// Removes the app from the person's Facebook account. All tokens of the person are invalid from now on.
pub(crate) async fn revoke(State(sandbox): State<Sandbox>, request: GraphRequest) -> Response {
    let person = sandbox.state().facebook.person_of(request.token());
    respond(&sandbox, Endpoint::FacebookMe, person, |state, now| {
        let caller = state.caller(&request, now)?;
        check_user(&caller, &request)?;
        let mut removed = caller.person.clone();
        removed.revoked = true;
        state.facebook.replace_person(&caller.person, removed);
        Ok(json!({"success": true}))
    })
    .await
}

/// A user's own permissions only, by `me` or by id.
fn check_user(caller: &Caller, request: &GraphRequest) -> Result<(), FacebookRejection> {
    caller.require_user("permissions")?;
    match request.path_param("node") {
        Some(id) if id.parse() != Ok(caller.user_id()) => Err(FacebookRejection::UnknownObject(id.to_owned())),
        _ => Ok(()),
    }
}
