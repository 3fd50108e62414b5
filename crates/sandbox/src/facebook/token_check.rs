//! The check of an access token, with which every call starts.

use time::OffsetDateTime;

use crate::account::InstagramId;
use crate::facebook::id::FacebookId;
use crate::facebook::person::Person;
use crate::facebook::state::FacebookState;
use crate::facebook::token::{FacebookInvalidation, FacebookToken, TokenOwner};
use crate::facebook::token_rejection::FacebookTokenRejection;
use crate::sandbox::Sandbox;

/// Whether a token is one of Facebook's: a person's, a page's or a system user's, or an app's own.
pub(crate) fn is_facebook_token(token: &str) -> bool {
    token.starts_with("EAA") || token.contains('|')
}

impl FacebookState {
    /// The person of a token, even if the token is invalid now. In the form in which faults and activities name it.
    pub(crate) fn person_of(&self, token: Option<&str>) -> Option<InstagramId> {
        Some(self.tokens.get(token?)?.person.into())
    }

    /// The token and its person, if Facebook accepts the token. The order of the checks is assumed, as for Instagram.
    pub(crate) fn check_token(
        &self,
        token: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<(&FacebookToken, &Person), FacebookTokenRejection> {
        let token = token.ok_or(FacebookTokenRejection::Missing)?;
        let token = self.tokens.get(token).ok_or(FacebookTokenRejection::Unknown)?;
        let person = self.persons.get(token.person).ok_or(FacebookTokenRejection::Unknown)?;
        match token.invalidation {
            Some(FacebookInvalidation::Revoked) => {
                return Err(FacebookTokenRejection::Revoked { app_id: self.app.id.clone() });
            }
            Some(FacebookInvalidation::PasswordChanged) => return Err(FacebookTokenRejection::PasswordChanged),
            None => {}
        }
        if let Some(expired_at) = token.expires_at.filter(|expires_at| now >= *expires_at) {
            return Err(FacebookTokenRejection::Expired { expired_at, now });
        }
        if person.checkpointed && !token.is_system_users {
            return Err(FacebookTokenRejection::Checkpointed);
        }
        match token.owner {
            TokenOwner::Page(page) if has_lost_role(person, page) => Err(FacebookTokenRejection::RoleLost),
            _ => Ok((token, person)),
        }
    }

    /// Rejects a call on an Instagram account 90 days after the person's last login.
    pub(crate) fn check_data_access(
        &self,
        token: &FacebookToken,
        now: OffsetDateTime,
    ) -> Result<(), FacebookTokenRejection> {
        let ends_at = self.data_access_expires_at(token.person).filter(|_| !token.is_system_users);
        if ends_at.is_some_and(|ends_at| now >= ends_at) {
            return Err(FacebookTokenRejection::DataAccessExpired);
        }
        Ok(())
    }
}

fn has_lost_role(person: &Person, page: FacebookId) -> bool {
    person.page(page).is_none_or(|page| page.role_lost)
}

impl Sandbox {
    /// Checks whether Facebook accepts a token for calls on Instagram accounts now. No request is sent, so injected faults
    /// do not apply and nothing is counted. A page that has been unlinked from its account is not noticed.
    ///
    /// # Errors
    /// The reason why Facebook rejects the token.
    pub fn check_facebook_token(&self, token: &str) -> Result<(), FacebookTokenRejection> {
        let state = self.state();
        let now = state.clock.now();
        let (token, _) = state.facebook.check_token(Some(token), now)?;
        state.facebook.check_data_access(token, now)
    }
}
