//! Who may start a login: a signed, expiring link that lets one person start one login.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::account::{AccountId, AccountName};
use crate::signing::Claims;

/// How long an invite holds unless somebody says otherwise.
pub const DEFAULT_LIFETIME: Duration = Duration::days(7);

/// What an invite says. Signed, not secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// When it ends.
    #[serde(rename = "exp", with = "time::serde::timestamp")]
    pub expires_at: OffsetDateTime,
    /// What the account is to be called in the vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<AccountName>,
    /// Which account must log in: the `account_id` that a reconnect is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Where to send the person afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_to: Option<Url>,
    /// Whether another account may take the name's place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replace: bool,
}

impl Invite {
    /// An invite for whoever holds it, until `expires_at`.
    pub fn new(expires_at: OffsetDateTime) -> Self {
        Self { expires_at, name: None, account: None, return_to: None, replace: false }
    }
}

impl Claims for Invite {
    const PURPOSE: &'static str = "invite";

    fn expires_at(&self) -> OffsetDateTime {
        self.expires_at
    }
}

/// The link that carries a signed invite.
pub fn link(public_url: &Url, signed: &str) -> Url {
    let mut link = crate::login::below(public_url, "login");
    link.query_pairs_mut().append_pair("invite", signed);
    link
}
