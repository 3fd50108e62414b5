//! All accounts of a sandbox.

use crate::account::{Account, InstagramId};
use crate::control_error::ControlError;

/// The first ids that are assigned to accounts added without ids.
const FIRST_ACCOUNT_ID: u64 = 17_841_405_800_000_000;
const FIRST_APP_SCOPED_ID: u64 = 27_640_875_400_000_001;

/// Accounts sorted by app-scoped id, which is unique.
#[derive(Default)]
pub(crate) struct Accounts(Vec<Account>);

impl Accounts {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Account> {
        self.0.iter()
    }

    pub(crate) fn get(&self, id: InstagramId) -> Option<&Account> {
        self.0.get(self.position(id).ok()?)
    }

    pub(crate) fn get_mut(&mut self, id: InstagramId) -> Option<&mut Account> {
        let position = self.position(id).ok()?;
        self.0.get_mut(position)
    }

    /// Finds an account by username or either id.
    pub(crate) fn find(&self, name: &str) -> Result<&Account, ControlError> {
        let id = name.parse().ok();
        let by_app_scoped_id = id.and_then(|id| self.get(id));
        by_app_scoped_id
            .or_else(|| self.iter().find(|account| account.username == name || Some(account.account_id) == id))
            .ok_or_else(|| ControlError::UnknownAccount(name.to_owned()))
    }

    /// Adds an account, or replaces the one with the same app-scoped id.
    pub(crate) fn insert(&mut self, account: Account) {
        match self.position(account.app_scoped_id) {
            Ok(position) => {
                if let Some(existing) = self.0.get_mut(position) {
                    *existing = account;
                }
            }
            Err(position) => self.0.insert(position, account),
        }
    }

    pub(crate) fn remove(&mut self, id: InstagramId) {
        self.0.retain(|account| account.app_scoped_id != id);
    }

    /// An account with unused ids and an empty username.
    pub(crate) fn template(&self) -> Account {
        let last = self.0.last().map_or(0, |account| account.app_scoped_id.0);
        let app_scoped_id = last.saturating_add(2).max(FIRST_APP_SCOPED_ID);
        let account_id = FIRST_ACCOUNT_ID.saturating_add(app_scoped_id.saturating_sub(FIRST_APP_SCOPED_ID) / 2);
        Account::new("", account_id, app_scoped_id)
    }

    /// Checks that no account other than `replaced` has this username or app-scoped id.
    pub(crate) fn check_unique(&self, account: &Account, replaced: Option<InstagramId>) -> Result<(), ControlError> {
        for other in self.iter().filter(|other| Some(other.app_scoped_id) != replaced) {
            if other.app_scoped_id == account.app_scoped_id {
                return Err(ControlError::DuplicateId(account.app_scoped_id));
            }
            if other.username == account.username {
                return Err(ControlError::DuplicateUsername(account.username.clone()));
            }
        }
        Ok(())
    }

    fn position(&self, id: InstagramId) -> Result<usize, usize> {
        self.0.binary_search_by_key(&id, |account| account.app_scoped_id)
    }
}

impl FromIterator<Account> for Accounts {
    fn from_iter<T: IntoIterator<Item = Account>>(accounts: T) -> Self {
        let mut all = Self::default();
        for account in accounts {
            all.insert(account);
        }
        all
    }
}
