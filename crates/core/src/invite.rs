//! Who may start a login: a signed, expiring link that lets one person start one login.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::account::{AccountId, AccountName};
use crate::entropy::{Entropy, EntropyError};
use crate::signing::Claims;

/// How long an invite holds unless somebody says otherwise.
pub const DEFAULT_LIFETIME: Duration = Duration::days(7);

/// The longest life of an invite that holds once: a vault remembers that it was used for no longer than this. It is the
/// longest recovery window of Secrets Manager (AWS, `DeleteSecret`), see docs/decisions/0013.
pub const LONGEST_ONCE: Duration = Duration::days(30);

/// The longest note, in characters. The invite travels in an address.
pub const LONGEST_NOTE: usize = 300;

/// What names an invite that holds once: 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InviteId(String);

impl InviteId {
    /// One that nobody else has.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes)?;
        Ok(Self(hex::encode(bytes)))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is no invite's id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("an invite's id has 32 hexadecimal digits")]
pub struct InvalidInviteId;

impl TryFrom<String> for InviteId {
    type Error = InvalidInviteId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // It becomes a part of a secret's or a file's name.
        let valid = text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if valid { Ok(Self(text)) } else { Err(InvalidInviteId) }
    }
}

impl From<InviteId> for String {
    fn from(id: InviteId) -> Self {
        id.0
    }
}

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
    /// Words for the person who opens the link, shown before they go to Instagram.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Set where it holds for one account and no second: what a vault remembers it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<InviteId>,
}

impl Invite {
    /// An invite for whoever holds it, until `expires_at`.
    pub fn new(expires_at: OffsetDateTime) -> Self {
        Self { expires_at, name: None, account: None, return_to: None, replace: false, note: None, once: None }
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
    let mut link = crate::public_url::join(public_url, "login");
    link.query_pairs_mut().append_pair("invite", signed);
    link
}
