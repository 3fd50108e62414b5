//! The posts of all accounts.

use std::collections::HashMap;

use time::OffsetDateTime;

use crate::account::{Account, InstagramId};
use crate::control_error::ControlError;
use crate::post::Post;
use crate::random_id::new_sandbox_id;

/// Ids of posts have 17 digits, as Instagram's do.
const FIRST_ID: u64 = 17_900_000_000_000_000;
const IDS_PER_ACCOUNT: u64 = 10_000_000;

/// Posts by their account's app-scoped id. The sample posts of an account are generated when they are first needed, because
/// most sandboxes of tests need none.
pub(crate) struct MediaLibrary {
    started_at: OffsetDateTime,
    accounts: HashMap<InstagramId, AccountPosts>,
    /// Signs the links to files.
    pub(crate) signing_key: String,
    listings: u64,
}

/// The posts of one account, newest first.
pub(crate) struct AccountPosts {
    posts: Vec<Post>,
    last_id: u64,
}

impl MediaLibrary {
    pub(crate) fn new(started_at: OffsetDateTime) -> Self {
        Self { started_at, accounts: HashMap::new(), signing_key: new_sandbox_id(), listings: 0 }
    }

    pub(crate) fn of(&mut self, account: &Account) -> &mut AccountPosts {
        let sample = || AccountPosts::new(account.app_scoped_id, account.sample_posts.generate(self.started_at));
        self.accounts.entry(account.app_scoped_id).or_insert_with(sample)
    }

    /// The post or part of a post with this id, if its account's posts have been listed.
    pub(crate) fn find(&self, id: InstagramId) -> Option<&Post> {
        self.accounts.values().flat_map(|account| &account.posts).find_map(|post| post.part(id))
    }

    /// Forgets an account's posts. The account starts with its sample posts again.
    pub(crate) fn forget(&mut self, account: InstagramId) {
        self.accounts.remove(&account);
    }

    pub(crate) fn change_account_id(&mut self, before: InstagramId, after: InstagramId) {
        if let Some(posts) = self.accounts.remove(&before) {
            self.accounts.insert(after, posts);
        }
    }

    /// A number that makes the links of one listing differ from those of all others.
    pub(crate) fn next_listing(&mut self) -> u64 {
        self.listings = self.listings.wrapping_add(1);
        self.listings
    }
}

impl AccountPosts {
    fn new(account: InstagramId, newest_first: Vec<Post>) -> Self {
        let first = FIRST_ID.saturating_add(account.0 % IDS_PER_ACCOUNT * IDS_PER_ACCOUNT);
        let mut posts = Self { posts: Vec::new(), last_id: first };
        for post in newest_first.into_iter().rev() {
            posts.publish(post);
        }
        posts
    }

    pub(crate) fn all(&self) -> &[Post] {
        &self.posts
    }

    pub(crate) fn get(&self, id: InstagramId) -> Result<&Post, ControlError> {
        self.posts.iter().find(|post| post.id == id).ok_or(ControlError::UnknownPost(id))
    }

    /// Adds a post, and assigns the ids that are 0.
    pub(crate) fn publish(&mut self, mut post: Post) -> Post {
        self.assign_ids(&mut post);
        let position = self.posts.partition_point(|other| other.key() > post.key());
        self.posts.insert(position, post.clone());
        post
    }

    /// Replaces the post with this id by what `change` makes of it. The id stays.
    pub(crate) fn replace(
        &mut self,
        id: InstagramId,
        change: impl FnOnce(&Post) -> Result<Post, ControlError>,
    ) -> Result<Post, ControlError> {
        let changed = Post { id, ..change(self.get(id)?)? };
        self.remove(id)?;
        Ok(self.publish(changed))
    }

    pub(crate) fn remove(&mut self, id: InstagramId) -> Result<Post, ControlError> {
        let position = self.posts.iter().position(|post| post.id == id).ok_or(ControlError::UnknownPost(id))?;
        Ok(self.posts.remove(position))
    }

    fn assign_ids(&mut self, post: &mut Post) {
        for id in std::iter::once(&mut post.id).chain(post.children.iter_mut().map(|child| &mut child.id)) {
            if id.0 == 0 {
                self.last_id = self.last_id.saturating_add(1);
                id.0 = self.last_id;
            }
        }
    }
}
