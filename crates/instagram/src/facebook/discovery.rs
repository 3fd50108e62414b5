//! Finds the Instagram accounts that a login gives access to.
//!
//! `/me/accounts` may be empty or incomplete although access was granted: it hides pages that belong to a business portfolio
//! (`trypostit/trypost#291`, `getopenpost/openpost#216`). So the pages that the token was granted for are read by id, and if
//! no page has an account, the pages of the person's businesses too.

use std::collections::HashSet;

use evertoken_core::account::AccountId;
use evertoken_core::document::TokenKind;
use evertoken_core::provider::{FacebookAccess, GrantedAccount, Profile};
use evertoken_core::provider_error::{ErrorCategory, ProviderError, ProviderErrorKind};
use evertoken_core::secrets::{AccessToken, AppSecret};
use evertoken_core::token::LongLivedToken;

use super::facebook_login::FacebookLogin;
use super::pages::{self, ALL_FIELDS, BASE_FIELDS, LinkedAccount, List, Page};
use super::signed_requests::signed;
use super::token_debugger::FacebookToken;
use crate::transport::{HttpResponse, Transport};

/// The scope whose targets are the granted pages, and the one whose targets are the granted Instagram accounts.
const PAGES: &str = "pages_show_list";
const ACCOUNTS: &str = "instagram_basic";

/// Facebook's largest page of a list.
const PAGE_LENGTH: &str = "100";

/// How many pages of a list are read: 2,000 Facebook Pages.
const MOST_PAGES: usize = 20;

/// How many Facebook Pages are read one by one.
const MOST_SINGLE_READS: usize = 50;

/// A hundred pages with pictures have about 120 KB.
const MAXIMUM_BODY: usize = 1024 * 1024;

/// Reads the lists with one token.
pub(super) struct Discovery<'a, A, T> {
    pub(super) facebook: &'a FacebookLogin<A, T>,
    pub(super) token: &'a AccessToken,
    pub(super) secret: &'a AppSecret,
    /// What Facebook knows about the token.
    pub(super) known: &'a FacebookToken,
}

/// Pages by id, in the order in which they were found.
#[derive(Default)]
struct Found {
    pages: Vec<Page>,
    ids: HashSet<AccountId>,
    /// The first error of a list.
    error: Option<ProviderError>,
}

impl Found {
    fn add(&mut self, result: Result<Vec<Page>, ProviderError>) {
        match result {
            Ok(pages) => self.pages.extend(pages.into_iter().filter(|page| self.ids.insert(page.id.clone()))),
            Err(error) => self.error = Some(self.error.take().unwrap_or(error)),
        }
    }

    fn has_account(&self) -> bool {
        self.pages.iter().any(|page| page.account.is_some() && page.token.is_some())
    }
}

impl<A: Sync, T: Transport> Discovery<'_, A, T> {
    /// The accounts, one per Instagram account, although it can be linked to several pages (`airbytehq/airbyte#2304`).
    pub(super) async fn accounts(&self) -> Result<Vec<GrantedAccount>, ProviderError> {
        let mut found = Found::default();
        found.add(self.list_pages("me/accounts").await);
        found.add(self.granted_pages(&found.ids).await);
        if !found.has_account() {
            let businesses = self.businesses().await.unwrap_or_else(|error| {
                found.add(Err(error));
                Vec::new()
            });
            for business in businesses {
                for edge in ["owned_pages", "client_pages"] {
                    found.add(self.list_pages(&format!("{business}/{edge}")).await);
                }
            }
            found.add(self.list_pages("me/assigned_pages").await);
        }
        let granted: Vec<&Page> = found.pages.iter().filter(|page| self.is_granted(page)).collect();
        let mut accounts = Vec::new();
        let mut ids = HashSet::new();
        for page in &granted {
            if let Some(account) =
                self.granted_account(page).filter(|account| ids.insert(account.profile.account_id.clone()))
            {
                accounts.push(account);
            }
        }
        if accounts.is_empty() { Err(self.reason(&found, &granted)) } else { Ok(accounts) }
    }

    /// Why no account was found: one of five reasons that a person can act on (`Automattic/jetpack#51282`).
    fn reason(&self, found: &Found, granted: &[&Page]) -> ProviderError {
        let kind = match &found.error {
            Some(error) if is_temporary(error) => return error.clone(),
            _ if found.pages.iter().any(|page| page.account.is_some()) => ProviderErrorKind::PagesNotGranted,
            _ if !granted.is_empty() => ProviderErrorKind::NoLinkedAccount,
            _ if !found.pages.is_empty() || self.known.targets(PAGES).is_some_and(|targets| !targets.is_empty()) => {
                ProviderErrorKind::PagesNotGranted
            }
            Some(_) => ProviderErrorKind::PagesUnreadable,
            None => ProviderErrorKind::NoPages,
        };
        ProviderError::new(kind)
    }

    /// Only what the person selected in the dialog is offered, although the business edges return more.
    fn is_granted(&self, page: &Page) -> bool {
        self.known.targets(PAGES).is_none_or(|targets| targets.contains(&page.id))
    }

    fn granted_account(&self, page: &Page) -> Option<GrantedAccount> {
        let (account, page_token) = (page.account.as_ref()?, page.token.as_ref()?);
        if !self.known.targets(ACCOUNTS).is_none_or(|targets| targets.contains(&account.id)) {
            return None;
        }
        let person = self.known.user_id.clone()?;
        Some(if self.known.kind.as_deref() == Some("SYSTEM_USER") {
            granted_account(page, account, self.token, TokenKind::SystemUser, person, self.known)
        } else {
            granted_account(page, account, page_token, TokenKind::Page, person, self.known)
        })
    }

    /// The granted pages that the list does not contain. A page that cannot be read is left out.
    async fn granted_pages(&self, listed: &HashSet<AccountId>) -> Result<Vec<Page>, ProviderError> {
        let targets = self.known.targets(PAGES).unwrap_or_default();
        let mut pages = Vec::new();
        let mut failure = None;
        for id in targets.iter().filter(|id| !listed.contains(*id)).take(MOST_SINGLE_READS) {
            match self.read_pages(id.as_str(), &[], pages::page).await {
                Ok(page) => pages.push(page),
                Err(error) if is_temporary(&error) => failure = Some(error),
                Err(_) => {}
            }
        }
        match failure {
            Some(error) if pages.is_empty() => Err(error),
            _ => Ok(pages),
        }
    }

    /// Needs `business_management`. Without it there are none.
    async fn businesses(&self) -> Result<Vec<AccountId>, ProviderError> {
        let response = self.get("me/businesses", &[("fields", "id"), ("limit", PAGE_LENGTH)]).await;
        match response.and_then(|response| pages::ids(&response)) {
            Ok(list) => Ok(list.entries.into_iter().take(MOST_PAGES).collect()),
            Err(error) if is_temporary(&error) => Err(error),
            Err(_) => Ok(Vec::new()),
        }
    }

    /// All pages of a list, by its cursors.
    async fn list_pages(&self, path: &str) -> Result<Vec<Page>, ProviderError> {
        let mut all = Vec::new();
        let mut cursors: Vec<String> = Vec::new();
        while cursors.len() < MOST_PAGES {
            let after = cursors.last().map(|after: &String| ("after", after.as_str()));
            let query: Vec<_> = [("limit", PAGE_LENGTH)].into_iter().chain(after).collect();
            let List { entries, after } = self.read_pages(path, &query, pages::pages).await?;
            let is_empty = entries.is_empty();
            all.extend(entries);
            match after {
                Some(after) if !is_empty && !cursors.contains(&after) => cursors.push(after),
                _ => break,
            }
        }
        Ok(all)
    }

    /// Reads all fields, or the base fields if Facebook refuses one of the others.
    async fn read_pages<R>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        parse: impl Fn(&HttpResponse) -> Result<R, ProviderError>,
    ) -> Result<R, ProviderError> {
        let refused = |error: &ProviderError| {
            matches!(error.kind, ProviderErrorKind::PermissionMissing | ProviderErrorKind::RequestRefused)
        };
        match parse(&self.get(path, &[query, &[("fields", ALL_FIELDS)]].concat()).await?) {
            Err(error) if refused(&error) => {
                parse(&self.get(path, &[query, &[("fields", BASE_FIELDS)]].concat()).await?)
            }
            pages => pages,
        }
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<HttpResponse, ProviderError> {
        let request = self.facebook.client.get(self.facebook.url(path)).query(query);
        self.facebook.send(signed(request, self.token, self.secret)?, MAXIMUM_BODY).await
    }
}

/// Whether a later attempt can find more.
fn is_temporary(error: &ProviderError) -> bool {
    matches!(error.category(), ErrorCategory::Transient | ErrorCategory::Throttled)
}

/// The account behind a page, with the token to store.
pub(super) fn granted_account(
    page: &Page,
    account: &LinkedAccount,
    token: &AccessToken,
    token_kind: TokenKind,
    person: AccountId,
    known: &FacebookToken,
) -> GrantedAccount {
    GrantedAccount {
        profile: Profile {
            account_id: account.id.clone(),
            app_scoped_id: person,
            username: account.username.clone(),
            account_type: String::new(),
        },
        token: LongLivedToken::without_lifetime(token.clone()),
        facebook: Some(FacebookAccess {
            token_kind,
            page_id: Some(page.id.clone()),
            page_name: Some(page.name.clone()),
            account_name: account.name.clone(),
            picture_url: account.picture_url.clone(),
            data_access_expires_at: known.data_access_expires_at,
        }),
    }
}
