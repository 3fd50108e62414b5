//! The signed proof of a completed login that `/connected` shows.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::account::AccountName;
use crate::connected_account::ConnectedAccount;
use crate::login_state::LoginState;
use crate::signing::Claims;

/// How long a browser can show `/connected` again.
const LIFETIME: Duration = Duration::hours(1);

/// What `/connected` says. Signed, it needs no look into the vault and tells nobody else's business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The login that it is for. A cookie with another login's receipt opens nothing.
    #[serde(rename = "login")]
    login: String,
    #[serde(rename = "exp", with = "time::serde::timestamp")]
    expires_at: OffsetDateTime,
    /// The account's key in the vault.
    pub name: AccountName,
    /// The Instagram user name.
    pub username: String,
    /// When the token ends.
    #[serde(rename = "token_exp", with = "time::serde::timestamp::option")]
    pub token_expires_at: Option<OffsetDateTime>,
    /// Where the invite sends the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_to: Option<Url>,
}

impl Claims for Receipt {
    const PURPOSE: &'static str = "receipt";

    fn expires_at(&self) -> OffsetDateTime {
        self.expires_at
    }
}

impl Receipt {
    /// A receipt for a login that ended well at `now`.
    pub fn new(connected: &ConnectedAccount, state: &LoginState, now: OffsetDateTime) -> Self {
        Self {
            login: state.login_id().as_str().to_owned(),
            expires_at: now + LIFETIME,
            name: connected.name.clone(),
            username: connected.username.clone(),
            token_expires_at: connected.expires_at,
            return_to: state.destination().cloned(),
        }
    }

    /// Whether it is this login's.
    pub fn is_for(&self, state: &LoginState) -> bool {
        self.login == state.login_id().as_str()
    }
}
