//! Authorization codes and tokens: how they look, what they stand for, how long they live.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use time::{Duration, OffsetDateTime};

use crate::account::InstagramId;

/// A code lives one hour (Meta, "Business Login for Instagram").
pub(crate) const CODE_LIFE: Duration = Duration::hours(1);

/// A short-lived token lives one hour (Meta, Instagram Platform overview).
pub(crate) const SHORT_LIVED: Duration = Duration::hours(1);

/// What one consent gave, until the code is exchanged. It stays after that, so that a second use is told from an
/// invented code.
pub(crate) struct Code {
    pub(crate) account: InstagramId,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) issued_at: OffsetDateTime,
    pub(crate) used: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// From the code exchange.
    Short,
    /// From the long-lived exchange, a refresh, or the dashboard.
    Long,
}

/// What ended a token before its time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Revoked,
    PasswordChanged,
    Superseded,
}

#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) account: InstagramId,
    pub(crate) kind: Kind,
    pub(crate) scopes: Vec<String>,
    pub(crate) issued_at: OffsetDateTime,
    pub(crate) expires_at: OffsetDateTime,
    pub(crate) fate: Option<Fate>,
}

/// A code as long as Instagram's.
pub(crate) fn new_code(serial: u64) -> String {
    format!("AQ{}", random_text::<150>(serial))
}

/// A token that looks like Instagram's: `IGAA`, then some 180 characters.
pub(crate) fn new_token(serial: u64) -> String {
    format!("IGAA{}", random_text::<132>(serial))
}

/// The `fbtrace_id` of an error.
pub(crate) fn new_trace_id() -> String {
    format!("A{}", random_text::<16>(0))
}

/// Text of `N` random bytes. The serial keeps it unique even where the system has no randomness to give: a sandbox's
/// tokens guard nothing, so that is no reason to refuse an answer.
fn random_text<const N: usize>(serial: u64) -> String {
    let mut bytes = [0; N];
    let _no_randomness = getrandom::fill(&mut bytes);
    for (byte, mark) in bytes.iter_mut().rev().zip(serial.to_le_bytes()) {
        *byte ^= mark;
    }
    URL_SAFE_NO_PAD.encode(bytes)
}
