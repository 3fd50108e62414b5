//! Whether a token may be used: what every endpoint of the Graph host looks at first.

use http::Method;
use time::OffsetDateTime;

use crate::account::{Account, InstagramId, Role};
use crate::grants::{Fate, Token};
use crate::graph_refusal::GraphRefusal;
use crate::settings::BASE_SCOPE;
use crate::state::State;

impl State {
    /// Whose token it is, valid or not.
    pub(crate) fn account_of(&self, token: Option<&str>) -> Option<InstagramId> {
        Some(self.tokens.get(token?)?.account)
    }

    /// The token and its account, or why Instagram refuses it.
    ///
    /// In which order Instagram looks is not documented. What ended the token comes before its age, since a person who
    /// has removed the app is told so for ever, and a checkpoint after it, since clearing one revives no dead token.
    pub(crate) fn use_token(
        &self,
        token: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<(&Token, &Account), GraphRefusal> {
        let token = token.ok_or(GraphRefusal::NoToken)?;
        let token = self.tokens.get(token).ok_or(GraphRefusal::UnknownToken)?;
        let account = self.accounts.get(&token.account).ok_or(GraphRefusal::UnknownToken)?;
        match token.fate {
            Some(Fate::Revoked) => return Err(GraphRefusal::Revoked { app_id: self.app.app_id.clone() }),
            Some(Fate::PasswordChanged) => return Err(GraphRefusal::PasswordChanged),
            Some(Fate::Superseded) => return Err(GraphRefusal::Superseded),
            None => {}
        }
        if now >= token.expires_at {
            return Err(GraphRefusal::Expired { at: token.expires_at, now });
        }
        if account.checkpointed {
            return Err(GraphRefusal::Checkpointed);
        }
        if account.role != Role::Tester {
            return Err(GraphRefusal::Unsupported(Method::GET));
        }
        Ok((token, account))
    }
}

impl Token {
    /// Refuses a token without the base scope.
    pub(crate) fn require_base_scope(&self) -> Result<(), GraphRefusal> {
        if self.scopes.iter().any(|scope| scope == BASE_SCOPE) {
            return Ok(());
        }
        Err(GraphRefusal::NoPermission)
    }
}
