//! The endpoints of Instagram that the sandbox serves.

use serde::{Deserialize, Serialize};

/// An endpoint that has counters and accepts injected faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `/oauth/authorize`: the consent page and its form.
    Authorize,
    /// `/oauth/access_token`: the code exchange.
    Code,
    /// `/access_token`: the long-lived exchange.
    Exchange,
    /// `/refresh_access_token`.
    Refresh,
    /// `/me`, with or without a version.
    Me,
    /// `/me/media` and `/{media}/children`, with or without a version.
    Media,
    /// `/cdn/{file}`: the pictures and videos of posts.
    File,
}
