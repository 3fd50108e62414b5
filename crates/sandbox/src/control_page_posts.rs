//! The forms of the control page about posts.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};

use crate::call_usage::CallUsage;
use crate::control_error::ControlError;
use crate::control_page::{ControlPage, PATH, invalid};
use crate::params::Params;
use crate::post::Post;
use crate::sandbox::Sandbox;

/// How long Instagram rejects calls after the last one, in minutes.
const REGAIN_MINUTES: u32 = 60;

/// Publishes a post, or changes or deletes the newest one.
pub(crate) async fn change_posts(State(control): State<ControlPage>, request: Request) -> Response {
    let params = Params::from_body(request).await;
    let name = params.get("account").unwrap_or_default();
    let caption = params.get("caption").map(str::to_owned);
    let sandbox = &control.sandbox;
    let (changed, what) = match params.get("change") {
        Some("publish") => (publish(sandbox, name, caption), "published a post"),
        Some("edit") => (edit(sandbox, name, caption), "changed a caption"),
        Some("delete") => (delete(sandbox, name), "deleted a post"),
        _ => return invalid("change must be publish, edit or delete"),
    };
    control.done(changed, &format!("@{name} {what}"))
}

/// Sets how much of an account's budget of calls is used.
pub(crate) async fn use_calls(State(control): State<ControlPage>, request: Request) -> Response {
    let params = Params::from_body(request).await;
    let name = params.get("account").unwrap_or_default();
    let percent = params.get("percent").and_then(|percent| percent.parse::<u32>().ok());
    let Some(percent) = percent.filter(|percent| *percent <= 100) else {
        return invalid("percent must be a number from 0 to 100");
    };
    let usage = CallUsage { percent, regain_minutes: if percent == 100 { REGAIN_MINUTES } else { 0 } };
    let changed = control.sandbox.update_account(name, |account| account.call_usage = Some(usage));
    control.done(changed, &format!("{percent} % of the calls of @{name} are used"))
}

/// Forbids the app a field of posts, or allows all of them.
pub(crate) async fn refuse_field(State(control): State<ControlPage>, request: Request) -> Response {
    let params = Params::from_body(request).await;
    let refused = params.get("refuse");
    control.sandbox.refuse_fields(refused.as_slice());
    let what = refused
        .map_or_else(|| "The app may read all fields".to_owned(), |field| format!("The app may not read {field}"));
    control.done(Ok(()), &what)
}

fn publish(sandbox: &Sandbox, account: &str, caption: Option<String>) -> Result<(), ControlError> {
    let post = Post { caption, timestamp: sandbox.now(), ..Post::default() };
    sandbox.publish_post(account, post).map(drop)
}

fn edit(sandbox: &Sandbox, account: &str, caption: Option<String>) -> Result<(), ControlError> {
    let newest = newest(sandbox, account)?;
    sandbox.update_post(account, newest.id, |post| post.caption = caption)
}

fn delete(sandbox: &Sandbox, account: &str) -> Result<(), ControlError> {
    sandbox.delete_post(account, newest(sandbox, account)?.id).map(drop)
}

fn newest(sandbox: &Sandbox, account: &str) -> Result<Post, ControlError> {
    let newest = sandbox.posts(account)?.into_iter().next();
    newest.ok_or_else(|| ControlError::InvalidRequest("the account has no posts".to_owned()))
}

impl ControlPage {
    pub(crate) fn done(&self, result: Result<(), ControlError>, what: &str) -> Response {
        match result {
            Ok(()) => {
                self.log(what.to_owned());
                Redirect::to(PATH).into_response()
            }
            Err(error) => invalid(&error.to_string()),
        }
    }
}
