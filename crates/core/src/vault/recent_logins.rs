//! Login records that live in the memory of one process.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::account::AccountName;
use crate::login_state::LoginId;

/// The accounts that recent logins stored: at most the latest thousand, for as long as the process lives.
#[derive(Clone, Debug, Default)]
pub struct RecentLogins(Arc<Mutex<VecDeque<(LoginId, AccountName)>>>);

/// How many logins are kept. A duplicate callback arrives within seconds.
const CAPACITY: usize = 1000;

impl RecentLogins {
    /// Records that a login stored an account.
    pub fn remember(&self, login: &LoginId, name: &AccountName) {
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        records.push_back((login.clone(), name.clone()));
        if records.len() > CAPACITY {
            records.pop_front();
        }
    }

    /// The account that a login stored, if it is still kept.
    pub fn recall(&self, login: &LoginId) -> Option<AccountName> {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        records.iter().find(|(recorded, _)| recorded == login).map(|(_, name)| name.clone())
    }
}
