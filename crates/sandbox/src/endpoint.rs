//! The endpoints of Instagram and Facebook that the sandbox serves.

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
    /// `/{version}/dialog/oauth`: Facebook's consent page and its form.
    FacebookDialog,
    /// `/{version}/oauth/access_token`: Facebook's exchange of codes and tokens.
    FacebookToken,
    /// `/me`, `/{version}/{person}` and `/{version}/me/permissions` with a token of Facebook's.
    FacebookMe,
    /// `/{version}/me/accounts`: a person's pages.
    FacebookAccounts,
    /// `/{version}/me/businesses`, `/{version}/me/assigned_pages`, and the pages of a business.
    FacebookBusinesses,
    /// `/{version}/{page}`.
    FacebookPage,
    /// `/{version}/{account}`: an Instagram account.
    FacebookAccount,
    /// `/{version}/{account}/media` and `/{version}/{media}/children` with a token of Facebook's.
    FacebookMedia,
    /// `/{version}/debug_token`.
    FacebookDebug,
}
