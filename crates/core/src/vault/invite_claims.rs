//! The port that makes sure that a single-use invite is used once, and that a token is shown once.

use std::future::Future;

use super::error::VaultError;
use crate::invite::InviteId;

/// Records which single-use invites were used, and which logins have shown their token. Their IDs look alike, and both are
/// random.
pub trait InviteClaims: Send + Sync + 'static {
    /// Uses up a single-use invite. Returns [`VaultError::Conflict`] if it was used before. The claim is kept for at
    /// least [`LONGEST_ONCE`](crate::invite::LONGEST_ONCE).
    fn claim(&self, invite: &InviteId) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Whether a single-use invite was used.
    fn is_claimed(&self, invite: &InviteId) -> impl Future<Output = Result<bool, VaultError>> + Send;

    /// Withdraws a claim because the login that made it was not stored.
    fn release(&self, invite: &InviteId) -> impl Future<Output = Result<(), VaultError>> + Send;
}
