//! The control API's accounts: who there is, and what has happened to them.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::routing::get;
use serde_json::{Map, Value};

use crate::Sandbox;
use crate::account::{Account, InstagramId};
use crate::control_reply::{Reply, Wrong, merge, read, show};
use crate::grants::Fate;
use crate::state::State;

/// Where the ids of accounts begin that are added without any.
const FIRST_ACCOUNT_ID: u64 = 17_841_405_800_000_000;
const FIRST_APP_SCOPED_ID: u64 = 27_640_875_400_000_001;

pub(crate) fn router() -> Router<Sandbox> {
    Router::new()
        .route("/_sandbox/accounts", get(list).post(add))
        .route("/_sandbox/accounts/{account}", get(one).patch(change).delete(remove))
}

async fn list(Shared(sandbox): Shared<Sandbox>) -> Reply {
    show(&sandbox.state().accounts.values().collect::<Vec<_>>())
}

async fn one(Shared(sandbox): Shared<Sandbox>, Path(name): Path<String>) -> Reply {
    let state = sandbox.state();
    show(state.find_account(&name).ok_or_else(|| Wrong::no_account(&name))?)
}

/// `username` is all that must be given.
async fn add(Shared(sandbox): Shared<Sandbox>, body: Bytes) -> Reply {
    let mut state = sandbox.state();
    if !read::<Map<String, Value>>(&body)?.contains_key("username") {
        return Err(Wrong::request("an account needs a \"username\""));
    }
    let account = merge(&state.next_account(), &body)?;
    state.refuse_double(&account, None)?;
    let shown = show(&account);
    state.accounts.insert(account.app_scoped_id, account);
    shown
}

async fn change(Shared(sandbox): Shared<Sandbox>, Path(name): Path<String>, body: Bytes) -> Reply {
    let mut state = sandbox.state();
    let before = state.find_account(&name).ok_or_else(|| Wrong::no_account(&name))?.clone();
    let after: Account = merge(&before, &body)?;
    state.refuse_double(&after, Some(before.app_scoped_id))?;
    let shown = show(&after);
    state.change_account(&before, after);
    shown
}

async fn remove(Shared(sandbox): Shared<Sandbox>, Path(name): Path<String>) -> Reply {
    let mut state = sandbox.state();
    let account = state.find_account(&name).ok_or_else(|| Wrong::no_account(&name))?.clone();
    state.accounts.remove(&account.app_scoped_id);
    state.codes.retain(|_, code| code.account != account.app_scoped_id);
    state.tokens.retain(|_, token| token.account != account.app_scoped_id);
    show(&account)
}

impl State {
    /// An account with ids that are free.
    fn next_account(&self) -> Account {
        let last_key = self.accounts.keys().next_back().map_or(0, |id| id.0);
        let app_scoped_id = last_key.saturating_add(2).max(FIRST_APP_SCOPED_ID);
        let account_id = FIRST_ACCOUNT_ID.saturating_add(app_scoped_id.saturating_sub(FIRST_APP_SCOPED_ID) / 2);
        Account::new("", account_id, app_scoped_id)
    }

    /// Refuses a user name or app-scoped id that another account than `own` has.
    fn refuse_double(&self, account: &Account, own: Option<InstagramId>) -> Result<(), Wrong> {
        if own != Some(account.app_scoped_id) && self.accounts.contains_key(&account.app_scoped_id) {
            return Err(Wrong::conflict(format!("another account has the app-scoped id {}", account.app_scoped_id)));
        }
        let others = self.accounts.values().filter(|other| Some(other.app_scoped_id) != own);
        if others.map(|other| &other.username).any(|username| *username == account.username) {
            return Err(Wrong::conflict(format!("another account is called {:?}", account.username)));
        }
        Ok(())
    }

    /// Puts `after` in the place of `before`, tokens and codes with it.
    fn change_account(&mut self, before: &Account, after: Account) {
        let id = after.app_scoped_id;
        if id != before.app_scoped_id {
            self.accounts.remove(&before.app_scoped_id);
            let of_tokens = self.tokens.values_mut().map(|token| &mut token.account);
            let of_codes = self.codes.values_mut().map(|code| &mut code.account);
            of_tokens.chain(of_codes).filter(|account| **account == before.app_scoped_id).for_each(|it| *it = id);
        }
        let fates = [
            (before.revoked, after.revoked, Fate::Revoked),
            (before.password_changed, after.password_changed, Fate::PasswordChanged),
        ];
        self.accounts.insert(id, after);
        for (was, is, fate) in fates {
            if was && !is {
                self.revive_tokens(id, fate);
            }
        }
        for (_, is, fate) in fates {
            if is {
                self.end_tokens(id, fate);
            }
        }
    }
}
