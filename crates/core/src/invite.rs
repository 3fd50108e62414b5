//! Invites: signed, expiring links that let a person start a login.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::account::{AccountId, AccountName};
use crate::document::{Placement, ProviderName};
use crate::entropy::{Entropy, EntropyError};
use crate::signing::Claims;

/// The default lifetime of an invite.
pub const DEFAULT_LIFETIME: Duration = Duration::days(7);

/// The longest lifetime of a single-use invite. A vault remembers for no longer than this that an invite was used: it is
/// the longest recovery window of Secrets Manager (AWS, `DeleteSecret`; docs/decisions/0013).
pub const LONGEST_ONCE: Duration = Duration::days(30);

/// The longest note, in characters. The invite is part of a URL.
pub const LONGEST_NOTE: usize = 300;

/// The id of a single-use invite: 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InviteId(String);

impl InviteId {
    /// Generates a random id.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes)?;
        Ok(Self(hex::encode(bytes)))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is not a valid invite id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a valid invite id: expected 32 hexadecimal digits")]
pub struct InvalidInviteId;

impl TryFrom<String> for InviteId {
    type Error = InvalidInviteId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // The id becomes part of a secret's or a file's name.
        let valid = text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if valid { Ok(Self(text)) } else { Err(InvalidInviteId) }
    }
}

impl From<InviteId> for String {
    fn from(id: InviteId) -> Self {
        id.0
    }
}

/// The claims of an invite. They are signed, but not secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct Invite {
    /// When the invite expires.
    #[serde(rename = "exp", with = "time::serde::timestamp")]
    pub expires_at: OffsetDateTime,
    /// The account name to store the account under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<AccountName>,
    /// The `account_id` that must log in. Reconnect links set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The URL to redirect to after the login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_to: Option<Url>,
    /// Whether the login may replace another account that has the same name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replace: bool,
    /// A note for the person who opens the link, shown on the landing page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The id of a single-use invite; `None` if the invite may be used several times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<InviteId>,
    /// Whether the page after the login shows where the token is stored, for operators who connect accounts themselves.
    #[serde(default, rename = "location", skip_serializing_if = "std::ops::Not::not")]
    pub show_location: bool,
    /// Whether the person who logs in may copy the token once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reveal: bool,
    /// The login to use; `None` for the one that the person chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderName>,
    /// Whether one login may connect several accounts, each under a name of its own.
    #[serde(default, rename = "many", skip_serializing_if = "std::ops::Not::not")]
    pub many_accounts: bool,
    /// Where the account is to be stored, in a vault that stores accounts together.
    #[serde(default, skip_serializing_if = "Placement::is_anywhere")]
    pub placement: Placement,
}

impl Invite {
    /// The name of the account, if the invite has one. The name of an invite for several accounts is only the beginning of
    /// theirs.
    pub fn account_name(&self) -> Option<&AccountName> {
        self.name.as_ref().filter(|_| !self.many_accounts)
    }

    /// An invite without restrictions that expires at `expires_at`.
    pub fn new(expires_at: OffsetDateTime) -> Self {
        Self {
            expires_at,
            name: None,
            account: None,
            return_to: None,
            replace: false,
            note: None,
            once: None,
            show_location: false,
            reveal: false,
            provider: None,
            many_accounts: false,
            placement: Placement::Anywhere,
        }
    }
}

impl Claims for Invite {
    const PURPOSE: &'static str = "invite";

    fn expires_at(&self) -> OffsetDateTime {
        self.expires_at
    }
}

/// The link to the landing page of a signed invite.
pub fn link(public_url: &Url, signed: &str) -> Url {
    let mut link = crate::public_url::join(public_url, "login");
    link.query_pairs_mut().append_pair("invite", signed);
    link
}

/// The link of the landing page's button, which starts the login.
pub fn start_link(public_url: &Url, signed: &str) -> Url {
    let mut link = link(public_url, signed);
    link.query_pairs_mut().append_pair("noted", "1");
    link
}
