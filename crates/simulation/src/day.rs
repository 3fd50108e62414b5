//! What is seen of a year while it passes.

use serde::Serialize;
use time::Date;

use crate::outcome::Outcome;

/// An account's day. Where several are true the last one is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Not yet connected.
    #[default]
    Absent,
    /// The token works.
    Well,
    /// The token was renewed.
    Refreshed,
    /// The owner has logged in for the first time.
    Connected,
    /// A try to renew failed; the token works.
    Failed,
    /// The token does not work.
    Dark,
    /// It works again.
    Recovered,
    /// The owner was told.
    Alerted,
    /// The owner has removed the app.
    Left,
}

/// Something that is worth a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct News {
    /// Whose, if it is one account's.
    pub account: Option<String>,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// For two days nothing answers.
    OutageBegins,
    /// All answers again.
    OutageEnds,
    /// The app has another secret at Meta.
    AppSecretChanged,
    /// The operator has configured it.
    AppSecretConfigured,
    /// The owner has changed the password: the token is dead.
    PasswordChanged,
    /// Instagram wants something of the owner: the token rests.
    Checkpoint,
    /// The owner has removed the app.
    AppRemoved,
    /// The owner was told to do something on Instagram.
    OwnerActionNeeded,
    /// The owner was told to log in again.
    LoginRequired,
    /// The owner has logged in again.
    Reconnected,
    /// The token was found to work again.
    Recovered,
    /// The token has ended by its age: a machine could have kept it.
    Lost,
}

impl What {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::OutageBegins => "everything is down for two days",
            Self::OutageEnds => "everything answers again",
            Self::AppSecretChanged => "the app secret is changed at Meta",
            Self::AppSecretConfigured => "the new app secret is configured, the old one beside it",
            Self::PasswordChanged => "the owner changes the password: the token is dead",
            Self::Checkpoint => "Instagram wants the owner to confirm something: the token rests",
            Self::AppRemoved => "the owner removes the app",
            Self::OwnerActionNeeded => "told: the owner must act on Instagram",
            Self::LoginRequired => "told: the owner must log in again",
            Self::Reconnected => "the owner has logged in again",
            Self::Recovered => "the token works again",
            Self::Lost => "THE TOKEN ENDED by its age: a machine could have kept it",
        }
    }
}

/// A day that has passed.
#[derive(Clone, Copy, Debug)]
pub struct Day<'a> {
    /// Counted from 1.
    pub number: u32,
    /// The date.
    pub date: Date,
    /// Each account's mark, in the order of their numbers.
    pub marks: &'a [Mark],
    /// Accounts whose token works at the day's end.
    pub working: u32,
    /// Accounts whose token does not.
    pub dark: u32,
    /// What was worth a line.
    pub news: &'a [News],
    /// The year so far.
    pub so_far: &'a Outcome,
}
