//! The pages of `/oauth/authorize`.

use askama::Template;
use axum::response::Html;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};

use crate::account::{Account, AccountType, Role};
use crate::authorization_request::{AuthorizationError, AuthorizationRequest};
use crate::endpoint_response::EndpointResponse;
use crate::state::SandboxState;

/// Allows only the page's inline style. `form-action` is left out because it would block the redirect to the app.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "consent.html")]
pub(crate) struct ConsentPage<'a> {
    app_id: &'a str,
    request: &'a AuthorizationRequest,
    scope: String,
    scopes: Vec<(&'a str, &'static str)>,
    accounts: Vec<(&'a str, &'static str)>,
    /// Accounts whose login fails.
    failing: Vec<(&'a str, &'static str)>,
}

impl<'a> ConsentPage<'a> {
    pub(crate) fn new(state: &'a SandboxState, request: &'a AuthorizationRequest) -> Self {
        let (failing, accounts): (Vec<_>, Vec<_>) = state
            .accounts
            .iter()
            .filter(|account| !account.facebook_only)
            .partition(|account| account.fails_to_log_in());
        let choices = |accounts: Vec<&'a Account>| {
            accounts.into_iter().map(|account| (account.username.as_str(), describe_account(account))).collect()
        };
        Self {
            app_id: &state.app.id,
            request,
            scope: request.scopes.join(","),
            scopes: request.scopes.iter().map(|scope| (scope.as_str(), describe_scope(scope))).collect(),
            accounts: choices(accounts),
            failing: choices(failing),
        }
    }

    pub(crate) fn response(&self) -> EndpointResponse {
        page("consent_shown", StatusCode::OK, self)
    }
}

#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage<'a> {
    pub(crate) message: &'a str,
}

impl<'a> ErrorPage<'a> {
    pub(crate) fn new(error: &'a AuthorizationError) -> Self {
        Self { message: &error.message }
    }

    pub(crate) fn response(&self, outcome: &'static str) -> EndpointResponse {
        page(outcome, StatusCode::BAD_REQUEST, self)
    }
}

pub(crate) fn page(outcome: &'static str, status: StatusCode, template: &impl Template) -> EndpointResponse {
    let Ok(text) = template.render() else { return EndpointResponse::internal_error() };
    let headers = [(CACHE_CONTROL, "no-store"), (CONTENT_SECURITY_POLICY, POLICY)];
    EndpointResponse::new(outcome, (status, headers, Html(text)))
}

fn describe_scope(scope: &str) -> &'static str {
    match scope {
        "instagram_business_basic" => "View profile and posts",
        "instagram_business_content_publish" => "Publish posts",
        "instagram_business_manage_messages" => "Read and reply to messages",
        "instagram_business_manage_comments" => "Read and reply to comments",
        "instagram_business_manage_insights" => "View insights",
        _ => "",
    }
}

pub(crate) fn describe_account(account: &Account) -> &'static str {
    match (account.role, account.account_type) {
        (Role::None, _) => "has no role on the app",
        (Role::Invited, _) => "has not accepted the tester invitation",
        (Role::Tester, AccountType::Personal) => "personal account",
        (Role::Tester, _) if account.password_changes_during_login => "changes the password during the login",
        (Role::Tester, AccountType::Business) => "business account",
        (Role::Tester, AccountType::MediaCreator) => "creator account",
    }
}
