//! The accounts that can log in to the sandbox.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::call_usage::CallUsage;
use crate::sample_posts::SamplePosts;

/// An Instagram id: a positive integer, for most accounts above 2^53.
///
/// Serializes to a string, because a parser that reads numbers as floating point would round an integer. Deserializes
/// from a string or an integer. Where Instagram itself sends a bare integer, the sandbox does the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstagramId(pub u64);

impl fmt::Display for InstagramId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for InstagramId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl Serialize for InstagramId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for InstagramId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "an id: digits, as a string or an integer")]
        enum Form {
            Integer(u64),
            Text(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Integer(number) => Ok(Self(number)),
            Form::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

/// The type of a professional account. Serializes in upper case, as in Instagram's responses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountType {
    /// A business account.
    #[default]
    Business,
    /// A creator account.
    MediaCreator,
    /// A personal account. Evertoken rejects it after the login, because Instagram's APIs do not support it.
    Personal,
}

/// The account's role on an app that is in development mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// An Instagram tester that has accepted the invitation. Every request works.
    #[default]
    Tester,
    /// An Instagram tester that has not accepted the invitation. Consent works, but the Graph host rejects every
    /// request with `Unsupported request - method type: get`.
    Invited,
    /// No role. Consent fails with `Insufficient developer role`.
    None,
}

/// A professional Instagram account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is an event of its own, and any of them can coincide")]
pub struct Account {
    /// The username, unique in a sandbox.
    pub username: String,
    /// The professional account's id: `user_id` of `/me` (17841...).
    pub account_id: InstagramId,
    /// The id that this app sees: `id` of `/me` and `user_id` of the code exchange. Unique in a sandbox.
    pub app_scoped_id: InstagramId,
    /// Business or creator.
    pub account_type: AccountType,
    /// The account's role on the app.
    pub role: Role,
    /// The owner has removed the app: existing tokens are rejected with code 190, subcode 458. A new login resets this
    /// flag for new tokens.
    pub revoked: bool,
    /// The owner has changed the password: existing tokens are rejected with code 190, subcode 460. A new login resets
    /// this flag for new tokens.
    pub password_changed: bool,
    /// Instagram requires the owner to log in and follow instructions: every token is rejected with code 190, subcode
    /// 459. A new login resets this flag, and the existing tokens work again.
    pub checkpointed: bool,
    /// The owner changes the password during each login: the token that the login obtains is rejected with code 190,
    /// subcode 460, from its first use.
    pub password_changes_during_login: bool,
    /// The posts that the account starts with. A change discards all posts.
    pub sample_posts: SamplePosts,
    /// How much of the budget of calls is used, as the list of posts reports it. `None` leaves the header out.
    pub call_usage: Option<CallUsage>,
    /// Whether the account is reached through Facebook only: its owner does not log in to Instagram here.
    #[serde(default)]
    pub facebook_only: bool,
}

impl Account {
    /// A business account whose owner is an accepted tester.
    pub fn new(username: impl Into<String>, account_id: u64, app_scoped_id: u64) -> Self {
        Self {
            username: username.into(),
            account_id: InstagramId(account_id),
            app_scoped_id: InstagramId(app_scoped_id),
            account_type: AccountType::default(),
            role: Role::default(),
            revoked: false,
            password_changed: false,
            checkpointed: false,
            password_changes_during_login: false,
            sample_posts: SamplePosts::None,
            call_usage: None,
            facebook_only: false,
        }
    }

    /// Whether a login of this account fails.
    pub(crate) fn fails_to_log_in(&self) -> bool {
        let is_personal = self.account_type == AccountType::Personal;
        self.role != Role::Tester || is_personal || self.password_changes_during_login
    }
}
