//! The result of a successful login.

use time::OffsetDateTime;

use crate::account::{AccountId, AccountName};

/// An account that a login connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectedAccount {
    /// The account's key in the vault.
    pub name: AccountName,
    /// `/me`'s `user_id`.
    pub account_id: AccountId,
    /// The Instagram username.
    pub username: String,
    /// When the token expires.
    pub expires_at: Option<OffsetDateTime>,
    /// Whether the account existed before.
    pub reconnected: bool,
}
