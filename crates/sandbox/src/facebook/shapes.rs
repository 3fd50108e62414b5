//! Formats of Facebook's responses that differ between apps, people and reports.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::facebook::id::FacebookId;
use crate::shapes::IdFormat;

/// Formats of Facebook's responses that differ between apps, people and reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FacebookShapes {
    /// The user token that a code gives. Meta documents a short-lived one; some servers report 60 days at once
    /// (`simi/omniauth-facebook`).
    pub code_token: CodeToken,
    /// `expires_in` of a token response, which some apps do not get (`pixelant/pxa_social_feed#105`).
    pub expires_in: ExpiresIn,
    /// The lifetime of a short-lived user token in seconds. Meta says one to two hours.
    pub short_lived_seconds: u32,
    /// The lifetime of a long-lived user token and of a dated system-user token in seconds.
    pub long_lived_seconds: u32,
    /// How long after a login an app can read Instagram, in seconds: 90 days (Meta, "Authorization vs. data access").
    pub data_access_seconds: u32,
    /// What a call on an Instagram account returns after that. No source settles it.
    pub lapsed_data_access: LapsedDataAccess,
    /// Every id in JSON, except for those of posts. Old samples of Meta's show numbers.
    pub ids: IdFormat,
    /// Whether objects have a key that no documentation mentions.
    pub unknown_keys: bool,
    /// `target_ids` of `granular_scopes`.
    pub target_ids: TargetIds,
    /// Who may inspect a token.
    pub debug_access: DebugAccess,
}

impl Default for FacebookShapes {
    fn default() -> Self {
        Self {
            code_token: CodeToken::Short,
            expires_in: ExpiresIn::Present,
            short_lived_seconds: 5_400,
            long_lived_seconds: 5_184_000,
            data_access_seconds: 7_776_000,
            lapsed_data_access: LapsedDataAccess::InvalidToken,
            ids: IdFormat::String,
            unknown_keys: false,
            target_ids: TargetIds::Present,
            debug_access: DebugAccess::SameApp,
        }
    }
}

impl FacebookShapes {
    pub(crate) fn id(&self, id: impl Into<FacebookId>) -> Value {
        let id = id.into();
        match self.ids {
            IdFormat::Integer => json!(id.0),
            IdFormat::String => json!(id),
        }
    }
}

/// The user token that a code gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeToken {
    /// A short-lived one.
    Short,
    /// A long-lived one.
    Long,
}

/// The format of `expires_in`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiresIn {
    /// As documented.
    Present,
    /// Left out, although the token expires.
    Absent,
    /// Left out, because a long-lived user token does not expire.
    Never,
}

/// What a call on an Instagram account returns after data access has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LapsedDataAccess {
    /// Code 190, subcode 493 (`MrSwitch/hello.js#548`, `jaredhanson/passport-facebook#241`).
    InvalidToken,
    /// Code 10. Assumed.
    NoPermission,
    /// Status 200 without data, as one operator expects.
    Empty,
}

/// The format of `target_ids`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetIds {
    /// The ids of the granted pages and accounts.
    Present,
    /// Left out.
    Absent,
}

/// Who may inspect a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DebugAccess {
    /// The app, and any token of the app.
    SameApp,
    /// The app only, as for people who are not its developers (`nyaruka/rapidpro#3734`).
    App,
}
