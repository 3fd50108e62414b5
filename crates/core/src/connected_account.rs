//! The result of a successful login.

use time::OffsetDateTime;

use crate::account::{AccountId, AccountName};
use crate::cohort::Cohort;
use crate::document::Document;

/// An account that a login connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectedAccount {
    /// The account's key in the vault.
    pub name: AccountName,
    /// `/me`'s `user_id`.
    pub account_id: AccountId,
    /// The Instagram username.
    pub username: String,
    /// When the account stops working unless somebody acts; see [`Document::deadline`].
    pub expires_at: Option<OffsetDateTime>,
    /// The accounts that it is stored with; `None` if it is stored alone.
    pub cohort: Option<Cohort>,
    /// Whether the account existed before.
    pub reconnected: bool,
}

impl ConnectedAccount {
    /// The account with this document.
    pub fn new(document: Document, cohort: Option<Cohort>, reconnected: bool) -> Self {
        let expires_at = document.deadline();
        Self {
            name: document.name,
            account_id: document.account_id,
            username: document.username,
            expires_at,
            cohort,
            reconnected,
        }
    }
}
