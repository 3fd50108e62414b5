//! The pages of `/oauth/authorize`.

use askama::Template;
use axum::response::Html;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};

use crate::account::{Account, AccountType, Role};
use crate::answer::Answer;
use crate::authorize::{Asked, Refused};
use crate::state::State;

/// Nothing but the page itself and its style. There is no `form-action`: it would stop the redirect back to the app.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/// Asks the person.
#[derive(Template)]
#[template(path = "consent.html")]
pub(crate) struct ConsentPage<'a> {
    app_id: &'a str,
    asked: &'a Asked,
    scope: String,
    scopes: Vec<(&'a str, &'static str)>,
    accounts: Vec<(&'a str, &'static str)>,
}

impl<'a> ConsentPage<'a> {
    pub(crate) fn new(state: &'a State, asked: &'a Asked) -> Self {
        Self {
            app_id: &state.app.app_id,
            asked,
            scope: asked.scopes.join(","),
            scopes: asked.scopes.iter().map(|scope| (scope.as_str(), in_words(scope))).collect(),
            accounts: state.accounts.values().map(|one| (one.username.as_str(), remark(one))).collect(),
        }
    }

    pub(crate) fn answer(&self) -> Answer {
        page("consent_shown", StatusCode::OK, self)
    }
}

/// Says on Instagram's side what is wrong with the request.
#[derive(Template)]
#[template(path = "refused.html")]
pub(crate) struct RefusedPage<'a> {
    message: &'a str,
}

impl<'a> RefusedPage<'a> {
    pub(crate) fn new(refused: &'a Refused) -> Self {
        Self { message: &refused.message }
    }

    pub(crate) fn answer(&self, outcome: &'static str) -> Answer {
        page(outcome, StatusCode::BAD_REQUEST, self)
    }
}

fn page(outcome: &'static str, status: StatusCode, template: &impl Template) -> Answer {
    let Ok(text) = template.render() else { return Answer::internal() };
    let headers = [(CACHE_CONTROL, "no-store"), (CONTENT_SECURITY_POLICY, POLICY)];
    Answer::new(outcome, (status, headers, Html(text)))
}

fn in_words(scope: &str) -> &'static str {
    match scope {
        "instagram_business_basic" => "View the profile and the posts",
        "instagram_business_content_publish" => "Publish posts",
        "instagram_business_manage_messages" => "Read and answer messages",
        "instagram_business_manage_comments" => "Read and answer comments",
        "instagram_business_manage_insights" => "See insights",
        _ => "",
    }
}

/// What this account is, or what will happen to it.
fn remark(account: &Account) -> &'static str {
    match (account.role, account.account_type) {
        (Role::None, _) => "has no role on the app",
        (Role::Invited, _) => "has not accepted the tester invitation",
        (Role::Tester, AccountType::Business) => "business account",
        (Role::Tester, AccountType::MediaCreator) => "creator account",
    }
}
