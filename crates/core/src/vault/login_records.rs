//! The port that remembers which account a login stored.

use std::future::Future;

use super::error::VaultError;
use crate::account::AccountName;
use crate::login_state::LoginId;

/// Remembers completed logins, so that a duplicate callback finds the account that the first one stored.
pub trait LoginRecords: Send + Sync + 'static {
    /// Records the name that a login stored its account under. The record may be dropped once the login's state has
    /// expired.
    fn remember(&self, login: &LoginId, name: &AccountName) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// The name that a login stored its account under, or `None` if it has not stored one yet.
    fn recall(&self, login: &LoginId) -> impl Future<Output = Result<Option<AccountName>, VaultError>> + Send;
}
