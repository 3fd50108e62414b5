//! The people who can log in at the sandbox.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An id as Instagram gives it: a positive integer, for most accounts above 2^53.
///
/// In JSON it is written as a string, since a reader that keeps numbers as floating point would round it. It is read
/// from a string or an integer. Where Instagram itself answers with a bare integer, so does the sandbox.
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

/// The kind of professional account, in the upper case that Instagram answers with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountType {
    /// A business account.
    #[default]
    Business,
    /// A creator account.
    MediaCreator,
}

/// What the account may do with an app that is still in development.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// An Instagram tester that has accepted the invitation: everything works.
    #[default]
    Tester,
    /// A tester that has not accepted yet: consent works, then every call of the Graph host is refused with
    /// `Unsupported request - method type: get`.
    Invited,
    /// No role at all: consent comes back with `Insufficient developer role`.
    None,
}

/// One professional account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The user name, unique in a sandbox.
    pub username: String,
    /// The professional account's id, `user_id` of `/me` (17841...).
    pub account_id: InstagramId,
    /// The id that this app sees, `id` of `/me` and `user_id` of the code exchange. Unique in a sandbox.
    pub app_scoped_id: InstagramId,
    /// Business or creator.
    pub account_type: AccountType,
    /// The account's role on the app.
    pub role: Role,
    /// The person has removed the app: all tokens so far are refused with code 190, subcode 458. A new login ends it
    /// for new tokens.
    pub revoked: bool,
    /// The person has changed the password: all tokens so far are refused with code 190, subcode 460. A new login ends
    /// it for new tokens.
    pub password_changed: bool,
    /// Instagram wants the person to log in and follow instructions: every token is refused with code 190, subcode 459,
    /// until this is set to false or the person logs in, which also brings the old tokens back to life.
    pub checkpointed: bool,
}

impl Account {
    /// A business account and accepted tester in good order.
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
        }
    }
}
