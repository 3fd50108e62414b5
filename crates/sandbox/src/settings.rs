//! What a sandbox starts with.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::account::{Account, AccountType};

/// The base scope: without it nothing on the Graph host may be read or refreshed.
pub(crate) const BASE_SCOPE: &str = "instagram_business_basic";

/// The scopes of the Instagram API with Instagram Login, from Meta's "Business Login for Instagram" page and the embed
/// URL that Meta's dashboard makes.
const SCOPES: [&str; 5] = [
    BASE_SCOPE,
    "instagram_business_content_publish",
    "instagram_business_manage_messages",
    "instagram_business_manage_comments",
    "instagram_business_manage_insights",
];

/// What a sandbox starts with, and goes back to at a reset.
#[derive(Clone)]
pub struct Settings {
    /// The Instagram app id, `client_id` of the requests.
    pub app_id: String,
    /// The Instagram app secret.
    pub app_secret: String,
    /// The registered redirect URIs, compared byte by byte. Plain http is taken, as for a real app it would not be.
    pub redirect_uris: Vec<String>,
    /// The scopes that the app may ask for.
    pub scopes: Vec<String>,
    /// Who can log in.
    pub accounts: Vec<Account>,
    /// The forms of the answers where Instagram's documents and its deployed behaviour differ.
    pub shapes: Shapes,
    /// The sandbox's time at its start, from which its clock runs on. `None` is the real time.
    pub start: Option<OffsetDateTime>,
}

impl Default for Settings {
    /// A made-up app with three accounts and no redirect URI: register one before the first login.
    fn default() -> Self {
        Self {
            app_id: "1234567890123456".to_owned(),
            app_secret: "0123456789abcdef0123456789abcdef".to_owned(),
            redirect_uris: Vec::new(),
            scopes: SCOPES.map(str::to_owned).to_vec(),
            accounts: vec![
                Account::new("blue_bottle", 17_841_405_793_187_218, 27_640_875_392_278_831),
                Account::new("corner_bakery", 17_841_405_793_187_219, 27_640_875_392_278_833),
                Account {
                    account_type: AccountType::MediaCreator,
                    ..Account::new("maya.makes", 17_841_405_793_187_220, 27_640_875_392_278_835)
                },
            ],
            shapes: Shapes::default(),
            start: None,
        }
    }
}

impl fmt::Debug for Settings {
    /// Everything but the app secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("app_id", &self.app_id)
            .field("app_secret", &"[redacted]")
            .field("redirect_uris", &self.redirect_uris)
            .field("scopes", &self.scopes)
            .field("accounts", &self.accounts.len())
            .field("shapes", &self.shapes)
            .field("start", &self.start)
            .finish()
    }
}

/// The forms of the answers where Instagram's documents and its deployed behaviour differ.
///
/// The defaults are what deployed clients report to receive today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shapes {
    /// The code exchange's answer.
    pub code_answer: Envelope,
    /// `user_id` in the code exchange's answer.
    pub user_id: IdForm,
    /// `permissions` in the code exchange's answer.
    pub permissions: ListForm,
    /// The profile's answer.
    pub profile: Envelope,
    /// The life of a long-lived token in seconds, and what `expires_in` says.
    pub long_lived_seconds: u32,
    /// What a refresh gives.
    pub refreshed_token: RefreshedToken,
    /// What becomes of the older token when a refresh gives a new one.
    pub older_token: OlderToken,
    /// `error_subcode` of code 190, which the Instagram host sometimes sends as 0 or leaves out.
    pub error_subcode: Subcode,
}

impl Default for Shapes {
    fn default() -> Self {
        Self {
            code_answer: Envelope::Flat,
            user_id: IdForm::Integer,
            permissions: ListForm::Array,
            profile: Envelope::Flat,
            long_lived_seconds: 5_184_000,
            refreshed_token: RefreshedToken::New,
            older_token: OlderToken::Valid,
            error_subcode: Subcode::Present,
        }
    }
}

/// Whether an answer is the object itself or wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Envelope {
    /// `{...}`, as deployed clients read it.
    Flat,
    /// `{"data":[{...}]}`, as Meta's pages print it.
    Data,
}

/// How an id is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdForm {
    /// A bare JSON integer above 2^53.
    Integer,
    /// A string of digits.
    String,
}

/// How a list of permissions is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListForm {
    /// A JSON array of strings.
    Array,
    /// One string, separated by commas.
    String,
    /// Left out.
    Absent,
}

/// What a refresh gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshedToken {
    /// Another string.
    New,
    /// The string that was sent, with a later expiry.
    Same,
    /// Another string that is refused everywhere from its first use on; the older token stays what it was.
    Dud,
}

/// What becomes of the older token when a refresh gives a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OlderToken {
    /// It stays valid until its own expiry.
    Valid,
    /// It is refused with code 190, subcode 467.
    Dies,
}

/// How code 190 carries its subcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subcode {
    /// As documented.
    Present,
    /// As 0.
    Zero,
    /// Left out.
    Absent,
}
