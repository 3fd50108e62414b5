//! The control page at `/sandbox`: moves the clock, changes accounts, and shows what happened. For people; the control
//! API is for programs.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::StatusCode;
use time::{Duration, OffsetDateTime};

use crate::account::Account;
use crate::activity_log::Activity;
use crate::consent_page::{ErrorPage, describe_account, page};
use crate::control_page_posts;
use crate::facebook::control_cards::{self, PersonCard};
use crate::params::Params;
use crate::sandbox::Sandbox;
use crate::service::Service;
use crate::state::SandboxState;
use crate::token::{Token, TokenKind};
use crate::what_happened::{Chapter, chapters, day, minute, reason};

pub(crate) const PATH: &str = "/sandbox";

/// The longest time that can pass at once, in days.
const MAX_DAYS: i64 = 366;

#[derive(Clone)]
pub(crate) struct ControlPage {
    pub(crate) sandbox: Sandbox,
    pub(crate) service: Arc<dyn Service>,
}

impl ControlPage {
    pub(crate) fn router(self) -> Router {
        Router::new()
            .route(PATH, get(show))
            .route("/sandbox/time", post(pass_time))
            .route("/sandbox/accounts", post(change_account))
            .route("/sandbox/persons", post(control_cards::change))
            .route("/sandbox/posts", post(control_page_posts::change_posts))
            .route("/sandbox/calls", post(control_page_posts::use_calls))
            .route("/sandbox/fields", post(control_page_posts::refuse_field))
            .with_state(self)
    }
}

#[derive(Template)]
#[template(path = "control.html")]
struct ControlPageTemplate<'a> {
    now: String,
    service: Option<&'a str>,
    chapters: Vec<Chapter>,
    connected: Vec<AccountCard>,
    others: Vec<String>,
    persons: Vec<PersonCard>,
    other_persons: Vec<String>,
    refused_fields: String,
}

/// An account with a token.
struct AccountCard {
    username: String,
    description: &'static str,
    issued: String,
    /// What became of the newest token. Not the token.
    token: String,
    works: bool,
    posts: usize,
    calls: u32,
}

async fn show(State(control): State<ControlPage>) -> Response {
    let mut state = control.sandbox.state();
    let state = &mut *state;
    let now = state.clock.now();
    let (mut connected, mut others) = (Vec::new(), Vec::new());
    let accounts: Vec<_> = state.accounts.iter().cloned().collect();
    for account in &accounts {
        // Instagram issues tokens to some of the accounts whose login fails, too.
        match card(state, account, now).filter(|_| !account.fails_to_log_in()) {
            Some(card) => connected.push(card),
            None if account.facebook_only => {}
            None => others.push(account.username.clone()),
        }
    }
    let (persons, other_persons) = control_cards::cards(state, now);
    let chapters = chapters(&state.activities, &state.accounts, &state.facebook.persons);
    let template = ControlPageTemplate {
        now: minute(now),
        service: control.service.url(),
        chapters,
        connected,
        others,
        persons,
        other_persons,
        refused_fields: state.app.refused_fields.join(", "),
    };
    page("control_shown", StatusCode::OK, &template).response
}

/// The account's newest long-lived token, as the Graph host sees it.
fn card(state: &mut SandboxState, account: &Account, now: OffsetDateTime) -> Option<AccountCard> {
    let posts = state.media.of(account).all().len();
    let is_wanted = |token: &Token| token.account == account.app_scoped_id && token.kind == TokenKind::Long;
    let tokens = state.tokens.iter().filter(|(_, token)| is_wanted(token));
    let (text, token) = tokens.max_by_key(|(_, token)| token.issued_at)?;
    let checked = state.check_token(Some(text), now);
    let left = (token.expires_at - now).whole_days();
    let status = match &checked {
        Ok(_) => format!("works, expires in {left} {}", if left == 1 { "day" } else { "days" }),
        Err(rejection) => format!("rejected: {}", reason(rejection.outcome())),
    };
    Some(AccountCard {
        username: account.username.clone(),
        description: describe_account(account),
        issued: day(token.issued_at),
        token: status,
        works: checked.is_ok(),
        posts,
        calls: account.call_usage.map_or(0, |usage| usage.percent),
    })
}

/// Lets days pass, and shows what happened.
async fn pass_time(State(control): State<ControlPage>, request: Request) -> Response {
    let params = Params::from_body(request).await;
    let days =
        params.get("days").and_then(|days| days.parse::<i64>().ok()).filter(|days| (1..=MAX_DAYS).contains(days));
    let Some(days) = days else { return invalid("days must be a number from 1 to 366") };
    control.log(format!("{days} {} later", if days == 1 { "day" } else { "days" }));
    control.service.pass_time(Duration::days(days)).await;
    Redirect::to(PATH).into_response()
}

/// Does what the owner of an account can do on Instagram.
async fn change_account(State(control): State<ControlPage>, request: Request) -> Response {
    let params = Params::from_body(request).await;
    let change: (fn(&mut Account), &str) = match params.get("change") {
        Some("password") => (|account| account.password_changed = true, "changed the password"),
        Some("removal") => (|account| account.revoked = true, "removed the app"),
        Some("checkpoint") => (|account| account.checkpointed = true, "has to confirm something on Instagram"),
        _ => return invalid("change must be password, removal or checkpoint"),
    };
    let name = params.get("account").unwrap_or_default();
    let (apply, what) = change;
    match control.sandbox.update_account(name, apply) {
        Ok(()) => {
            control.log(format!("@{name} {what}"));
            Redirect::to(PATH).into_response()
        }
        Err(error) => invalid(&error.to_string()),
    }
}

impl ControlPage {
    pub(crate) fn log(&self, action: String) {
        let mut state = self.sandbox.state();
        let now = state.clock.now();
        state.activities.add(now, Activity::Action(action));
    }
}

pub(crate) fn invalid(message: &str) -> Response {
    page("invalid", StatusCode::BAD_REQUEST, &ErrorPage { message }).response
}
