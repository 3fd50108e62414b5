//! The signed proof of a completed login that `/connected` shows.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::account::AccountName;
use crate::connected_account::ConnectedAccount;
use crate::document::{Document, ProviderName};
use crate::invite::InviteId;
use crate::login_state::LoginState;
use crate::signing::Claims;

/// How long a browser can show `/connected` again.
const LIFETIME: Duration = Duration::hours(1);

/// How long after a login its token can be copied.
const REVEAL_TIME: Duration = Duration::minutes(10);

/// The content of `/connected`. It is signed, so the page needs no read from the vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The id of the login that it belongs to.
    #[serde(rename = "login")]
    login: String,
    #[serde(rename = "exp", with = "time::serde::timestamp")]
    expires_at: OffsetDateTime,
    /// The account's key in the vault.
    pub name: AccountName,
    /// The Instagram username.
    pub username: String,
    /// The usernames of the other accounts that the same login connected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// Whether the person logged in through Facebook, where the connection must be confirmed every 90 days.
    #[serde(default, rename = "fb", skip_serializing_if = "std::ops::Not::not")]
    pub through_facebook: bool,
    /// When the token expires.
    #[serde(rename = "token_exp", with = "time::serde::timestamp::option")]
    pub token_expires_at: Option<OffsetDateTime>,
    /// The URL to redirect to after the login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_to: Option<Url>,
    /// Whether the page shows where the token is stored.
    #[serde(default, rename = "location", skip_serializing_if = "std::ops::Not::not")]
    pub show_location: bool,
    /// Until when the person may copy the token, if the invite allows it.
    #[serde(
        default,
        rename = "reveal",
        with = "time::serde::timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    reveal_until: Option<OffsetDateTime>,
}

impl Claims for Receipt {
    const PURPOSE: &'static str = "receipt";

    fn expires_at(&self) -> OffsetDateTime {
        self.expires_at
    }
}

impl Receipt {
    /// A receipt for a login that completed at `now`.
    pub fn new(connected: &ConnectedAccount, state: &LoginState, now: OffsetDateTime) -> Self {
        Self {
            login: state.login_id().as_str().to_owned(),
            expires_at: now + LIFETIME,
            name: connected.name.clone(),
            username: connected.username.clone(),
            others: Vec::new(),
            through_facebook: state.provider == ProviderName::Facebook,
            token_expires_at: connected.expires_at,
            return_to: state.destination().cloned(),
            show_location: state.invite.as_ref().is_some_and(|invite| invite.show_location),
            reveal_until: state.invite.as_ref().filter(|invite| invite.reveal).map(|_| now + REVEAL_TIME),
        }
    }

    /// A receipt for a login that connected several accounts; `None` without an account.
    pub fn of_many(connected: &[ConnectedAccount], state: &LoginState, now: OffsetDateTime) -> Option<Self> {
        let (first, others) = connected.split_first()?;
        let others = others.iter().map(|other| other.username.clone()).collect();
        let receipt = Self::new(first, state, now);
        // The page shows one token, so it shows none if there are several.
        let reveal_until = receipt.reveal_until.filter(|_| connected.len() == 1);
        Some(Self { others, reveal_until, ..receipt })
    }

    /// Whether the receipt belongs to this login.
    pub fn is_for(&self, state: &LoginState) -> bool {
        self.login == state.login_id().as_str()
    }

    /// Whether both receipts belong to the same login.
    pub fn is_of_same_login(&self, other: &Self) -> bool {
        self.login == other.login
    }

    /// Whether the login of this receipt stored the document, and nothing has replaced its token since.
    pub fn is_of(&self, document: &Document) -> bool {
        document.last_attempt.login.as_ref().is_some_and(|login| login.as_str() == self.login)
    }

    /// The claim that shows the token, which succeeds once; `None` if the token may not be shown at `now`.
    pub fn reveal_claim(&self, now: OffsetDateTime) -> Option<InviteId> {
        self.reveal_until.filter(|until| now < *until)?;
        self.login.clone().try_into().ok()
    }
}
