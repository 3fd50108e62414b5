//! The control API of the posts.

use axum::body::Bytes;
use axum::extract::{Path, State};

use crate::account::InstagramId;
use crate::control_error::ControlError;
use crate::control_json::{ControlResponse, merge, respond};
use crate::media_library::AccountPosts;
use crate::post::Post;
use crate::sandbox::Sandbox;

pub(crate) async fn list(State(sandbox): State<Sandbox>, Path(account): Path<String>) -> ControlResponse {
    respond(&sandbox.posts(&account)?)
}

/// No member is required.
pub(crate) async fn publish(
    State(sandbox): State<Sandbox>,
    Path(account): Path<String>,
    body: Bytes,
) -> ControlResponse {
    let template = Post { timestamp: sandbox.now(), ..Post::default() };
    respond(&sandbox.publish_post(&account, merge(&template, &body)?)?)
}

pub(crate) async fn show(
    State(sandbox): State<Sandbox>,
    Path((account, post)): Path<(String, String)>,
) -> ControlResponse {
    let post = sandbox.with_posts(&account, |posts| posts.get(parse_id(&post)?).cloned())??;
    respond(&post)
}

pub(crate) async fn change(
    State(sandbox): State<Sandbox>,
    Path((account, post)): Path<(String, String)>,
    body: Bytes,
) -> ControlResponse {
    respond(&sandbox.replace_post(&account, parse_id(&post)?, |post| merge(post, &body))?)
}

pub(crate) async fn delete(
    State(sandbox): State<Sandbox>,
    Path((account, post)): Path<(String, String)>,
) -> ControlResponse {
    respond(&sandbox.delete_post(&account, parse_id(&post)?)?)
}

fn parse_id(text: &str) -> Result<InstagramId, ControlError> {
    text.parse().map_err(|_| ControlError::InvalidRequest(format!("{text:?} is not the id of a post")))
}

/// Accounts are given by username or either id.
impl Sandbox {
    /// All posts of an account, newest first.
    ///
    /// # Errors
    /// The account does not exist.
    pub fn posts(&self, account: &str) -> Result<Vec<Post>, ControlError> {
        self.with_posts(account, |posts| posts.all().to_vec())
    }

    /// Publishes a post, and returns it with its id.
    ///
    /// # Errors
    /// The account does not exist, or the post has an id already.
    pub fn publish_post(&self, account: &str, post: Post) -> Result<Post, ControlError> {
        if std::iter::once(&post).chain(&post.children).any(|part| part.id != InstagramId(0)) {
            return Err(ControlError::InvalidRequest("the sandbox assigns the ids of new posts".to_owned()));
        }
        self.with_posts(account, |posts| posts.publish(post))
    }

    /// Changes a post, for example its caption. Its id stays.
    ///
    /// # Errors
    /// The account or the post does not exist.
    pub fn update_post(
        &self,
        account: &str,
        post: InstagramId,
        change: impl FnOnce(&mut Post),
    ) -> Result<(), ControlError> {
        let changed = |post: &Post| {
            let mut post = post.clone();
            change(&mut post);
            Ok(post)
        };
        self.replace_post(account, post, changed).map(drop)
    }

    /// Deletes a post. Links to its files stop working.
    ///
    /// # Errors
    /// The account or the post does not exist.
    pub fn delete_post(&self, account: &str, post: InstagramId) -> Result<Post, ControlError> {
        self.with_posts(account, |posts| posts.remove(post))?
    }

    /// Lets Instagram reject every list of posts that requests one of these fields.
    pub fn refuse_fields(&self, fields: &[&str]) {
        self.state().app.refused_fields = fields.iter().map(|field| (*field).to_owned()).collect();
    }

    fn replace_post(
        &self,
        account: &str,
        post: InstagramId,
        change: impl FnOnce(&Post) -> Result<Post, ControlError>,
    ) -> Result<Post, ControlError> {
        self.with_posts(account, |posts| posts.replace(post, change))?
    }

    pub(crate) fn with_posts<T>(
        &self,
        account: &str,
        action: impl FnOnce(&mut AccountPosts) -> T,
    ) -> Result<T, ControlError> {
        let mut state = self.state();
        let account = state.accounts.find(account)?.clone();
        Ok(action(state.media.of(&account)))
    }
}
