//! The check of an access token, with which every endpoint of the Graph host starts.

use time::OffsetDateTime;

use crate::account::{Account, InstagramId, Role};
use crate::graph_rejection::GraphRejection;
use crate::settings::BASE_SCOPE;
use crate::state::SandboxState;
use crate::token::{Invalidation, Token};
use crate::token_rejection::TokenRejection;

impl SandboxState {
    /// The account to which a token was issued, even if the token is invalid now.
    pub(crate) fn account_of(&self, token: Option<&str>) -> Option<InstagramId> {
        Some(self.tokens.get(token?)?.account)
    }

    /// The token and its account, if Instagram accepts the token.
    ///
    /// The order of Instagram's checks is not documented. Here the invalidation precedes the expiry, because removing
    /// the app has no end. The checkpoint follows the expiry, because clearing it does not restore an expired token.
    pub(crate) fn check_token(
        &self,
        token: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<(&Token, &Account), TokenRejection> {
        let token = token.ok_or(TokenRejection::Missing)?;
        let token = self.tokens.get(token).ok_or(TokenRejection::Unknown)?;
        let account = self.accounts.get(token.account).ok_or(TokenRejection::Unknown)?;
        match token.invalidation {
            Some(Invalidation::Revoked) => return Err(TokenRejection::Revoked { app_id: self.app.id.clone() }),
            Some(Invalidation::PasswordChanged) => return Err(TokenRejection::PasswordChanged),
            Some(Invalidation::Superseded) => return Err(TokenRejection::Superseded),
            None => {}
        }
        if now >= token.expires_at {
            return Err(TokenRejection::Expired { expired_at: token.expires_at, now });
        }
        if account.checkpointed {
            return Err(TokenRejection::Checkpointed);
        }
        if account.role != Role::Tester {
            return Err(TokenRejection::NotATester);
        }
        Ok((token, account))
    }
}

impl Token {
    pub(crate) fn require_base_scope(&self) -> Result<(), GraphRejection> {
        if self.scopes.iter().any(|scope| scope == BASE_SCOPE) {
            return Ok(());
        }
        Err(GraphRejection::MissingScope)
    }
}
