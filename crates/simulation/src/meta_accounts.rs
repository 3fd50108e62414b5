//! What owners do on Instagram and Facebook, and what happens to their accounts there.

use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::credentials::SigningKeySource;
use evertoken_core::document::ProviderName;
use evertoken_core::invite::{self, Invite};
use evertoken_sandbox::{Page, Person};
use url::Url;

use crate::browser::Choices;
use crate::error::SimulationError;
use crate::facebook_person::FacebookPerson;
use crate::plan::AccountPlan;
use crate::testbed::Testbed;
use crate::token_status::TokenStatus;

/// All functions take the account's plan. The label of a person on Facebook is the account's name.
impl Testbed {
    /// Creates an invite link, as the operator does.
    pub(crate) async fn invite(&self, account: &AccountPlan) -> Option<Url> {
        let name: AccountName = account.name.parse().ok()?;
        let keys = self.credentials.signing_keys().await.ok()?;
        let expires_at = self.clock.now() + invite::DEFAULT_LIFETIME;
        let provider = account.facebook.as_ref().map(|_| ProviderName::Facebook);
        let invite = Invite { name: Some(name), provider, ..Invite::new(expires_at) };
        Some(invite::link(&self.public_url, &keys.sign(&invite)))
    }

    /// Opens a link and logs in. Returns whether it succeeded.
    pub(crate) async fn log_in(&self, account: &AccountPlan, link: &Url) -> bool {
        let Some(person) = &account.facebook else { return self.browser.log_in(link, &account.name).await };
        let mut pages = vec![person.page()];
        pages.extend(person.has_second_page.then(|| person.second_page()));
        let page = self.page(account, person);
        let Some(instagram_account) = page.and_then(|page| page.instagram_account) else { return false };
        let choices = Choices { person: &account.name, pages: &pages, account: instagram_account.0 };
        self.browser.log_in_with_facebook(link, choices).await
    }

    /// Changes the password, which invalidates all tokens.
    pub(crate) fn change_password(&self, account: &AccountPlan) -> Result<(), SimulationError> {
        match account.facebook {
            Some(_) => self.sandbox.update_person(&account.name, |person| person.password_changed = true)?,
            None => self.sandbox.update_account(&account.name, |account| account.password_changed = true)?,
        }
        Ok(())
    }

    /// Requires a confirmation from the owner, or takes it.
    pub(crate) fn set_checkpoint(&self, account: &AccountPlan, checkpointed: bool) -> Result<(), SimulationError> {
        match account.facebook {
            Some(_) => self.sandbox.update_person(&account.name, |person| person.checkpointed = checkpointed)?,
            None => self.sandbox.update_account(&account.name, |account| account.checkpointed = checkpointed)?,
        }
        Ok(())
    }

    /// Changes the page of the account, if it was connected through Facebook.
    pub(crate) fn change_page(
        &self,
        account: &AccountPlan,
        change: impl FnOnce(&mut Page),
    ) -> Result<(), SimulationError> {
        if let Some(person) = &account.facebook {
            self.sandbox.update_page(&account.name, &person.page().to_string(), change)?;
        }
        Ok(())
    }

    /// Removes the app on the owner's behalf. Meta then notifies the service.
    pub(crate) async fn remove_app(&self, account: &AccountPlan) -> Result<(), SimulationError> {
        let name = &account.name;
        let signed_request = if account.facebook.is_some() {
            self.sandbox.update_person(name, |person| person.revoked = true)?;
            self.sandbox.facebook_signed_request(name)?
        } else {
            self.sandbox.update_account(name, |account| account.revoked = true)?;
            self.sandbox.signed_request(name)?
        };
        // Meta does not document whether it retries. If the request fails, the refresh detects the invalid token.
        self.browser.deauthorize(&signed_request).await;
        Ok(())
    }

    /// The status of a stored token. It makes no call that could fail.
    pub(crate) fn token_status(&self, account: &AccountPlan, token: &str) -> TokenStatus {
        let Some(person) = &account.facebook else { return self.sandbox.check_token(token).into() };
        match self.sandbox.check_facebook_token(token).into() {
            TokenStatus::Working if self.page(account, person).is_some_and(|page| page.unlinked) => {
                TokenStatus::OwnerNeeded
            }
            status => status,
        }
    }

    /// The page of an account that was connected through Facebook.
    fn page(&self, account: &AccountPlan, person: &FacebookPerson) -> Option<Page> {
        let Person { pages, .. } = self.sandbox.person(&account.name).ok()?;
        pages.into_iter().find(|page| page.id.0 == person.page())
    }
}
