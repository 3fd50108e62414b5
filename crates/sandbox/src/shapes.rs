//! Formats for which Instagram's documentation and its deployed behavior differ.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Formats for which Instagram's documentation and its deployed behavior differ.
///
/// The defaults are what deployed clients report today, except for `refreshed_token` and `older_token`: no source settles
/// those, and each explains its default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shapes {
    /// The encodings that the code exchange accepts in a request.
    pub code_request: FormEncoding,
    /// The response of the code exchange.
    pub code_answer: Envelope,
    /// `user_id` in the response of the code exchange.
    pub user_id: IdFormat,
    /// `permissions` in the response of the code exchange.
    pub permissions: ListFormat,
    /// The profile.
    pub profile: Envelope,
    /// The lifetime of a long-lived token in seconds: the value of `expires_in`.
    pub long_lived_seconds: u32,
    /// The token that a refresh returns. Meta does not say whether it is a new one: the sample on its reference page
    /// `refresh_access_token` shows another placeholder than the request, while users report the same token with a later
    /// expiry (`stevenschobert/instafeed.js#747`, `jsmrtn/craftagram#62`). The default is a new one, because it finds
    /// clients that do not store the response.
    pub refreshed_token: RefreshedToken,
    /// What happens to the older token when a refresh returns a new one. No source says. The default is that it stays
    /// valid, because no report of a token that died at a refresh was found.
    pub older_token: OlderToken,
    /// How long a link to a picture works, in seconds. Reports range from hours to a week; five days are assumed.
    pub media_link_seconds: u32,
    /// `error_subcode` of code 190. Instagram sometimes sends 0, or leaves it out.
    pub error_subcode: SubcodeFormat,
}

impl Default for Shapes {
    fn default() -> Self {
        Self {
            code_request: FormEncoding::Any,
            code_answer: Envelope::Flat,
            user_id: IdFormat::Integer,
            permissions: ListFormat::Array,
            profile: Envelope::Flat,
            long_lived_seconds: 5_184_000,
            refreshed_token: RefreshedToken::New,
            older_token: OlderToken::Valid,
            media_link_seconds: 432_000,
            error_subcode: SubcodeFormat::Present,
        }
    }
}

/// The accepted encodings of a form. Meta documents multipart (`curl -F`); deployed clients report success with both, and
/// one project reports that a URL-encoded form is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormEncoding {
    /// Both.
    Any,
    /// `multipart/form-data` only.
    Multipart,
    /// `application/x-www-form-urlencoded` only.
    Urlencoded,
}

/// Whether a response wraps its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Envelope {
    /// `{...}`, as deployed clients report.
    Flat,
    /// `{"data":[{...}]}`, as in Meta's documentation.
    Data,
}

impl Envelope {
    pub(crate) fn wrap(self, object: Value) -> Value {
        match self {
            Self::Flat => object,
            Self::Data => json!({"data": [object]}),
        }
    }
}

/// The JSON type of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdFormat {
    /// An integer above 2^53.
    Integer,
    /// A string of digits.
    String,
}

/// The format of a list of permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListFormat {
    /// A JSON array of strings.
    Array,
    /// A comma-separated string.
    String,
    /// Left out.
    Absent,
}

/// The token that a refresh returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshedToken {
    /// A new token.
    New,
    /// The same token with a later expiry.
    Same,
    /// A new token that every endpoint rejects. The older token stays valid.
    Dud,
}

/// What happens to the older token when a refresh returns a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OlderToken {
    /// It stays valid until it expires.
    Valid,
    /// It is rejected with code 190, subcode 467.
    Dies,
}

/// The format of `error_subcode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubcodeFormat {
    /// As documented.
    Present,
    /// Always 0.
    Zero,
    /// Left out.
    Absent,
}
