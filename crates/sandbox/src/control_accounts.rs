//! The control API of the accounts.

use axum::body::Bytes;
use axum::extract::{Path, State};
use serde_json::{Map, Value};

use crate::account::Account;
use crate::control_error::ControlError;
use crate::control_json::{ControlResponse, merge, parse, respond};
use crate::sandbox::Sandbox;

pub(crate) async fn list(State(sandbox): State<Sandbox>) -> ControlResponse {
    respond(&sandbox.state().accounts.iter().collect::<Vec<_>>())
}

pub(crate) async fn show(State(sandbox): State<Sandbox>, Path(name): Path<String>) -> ControlResponse {
    respond(sandbox.state().accounts.find(&name)?)
}

/// Only `username` is required.
pub(crate) async fn add(State(sandbox): State<Sandbox>, body: Bytes) -> ControlResponse {
    if !parse::<Map<String, Value>>(&body)?.contains_key("username") {
        return Err(ControlError::InvalidRequest("an account needs a \"username\"".to_owned()));
    }
    let accounts = &mut sandbox.state().accounts;
    let account = merge(&accounts.template(), &body)?;
    accounts.check_unique(&account, None)?;
    let response = respond(&account);
    accounts.insert(account);
    response
}

pub(crate) async fn change(State(sandbox): State<Sandbox>, Path(name): Path<String>, body: Bytes) -> ControlResponse {
    let account = sandbox.replace_account(&name, |account| merge(account, &body))?;
    respond(&account)
}

pub(crate) async fn delete(State(sandbox): State<Sandbox>, Path(name): Path<String>) -> ControlResponse {
    let mut state = sandbox.state();
    let account = state.accounts.find(&name)?.clone();
    state.remove_account(account.app_scoped_id);
    respond(&account)
}

impl Sandbox {
    /// Changes an account, given by username or either id. Setting [`Account::revoked`] or
    /// [`Account::password_changed`] invalidates the account's tokens, and resetting it restores them.
    ///
    /// # Errors
    /// The account does not exist, or another account has the new username or app-scoped id.
    pub fn update_account(&self, name: &str, change: impl FnOnce(&mut Account)) -> Result<(), ControlError> {
        let changed = |account: &Account| {
            let mut account = account.clone();
            change(&mut account);
            Ok(account)
        };
        self.replace_account(name, changed).map(drop)
    }

    fn replace_account(
        &self,
        name: &str,
        change: impl FnOnce(&Account) -> Result<Account, ControlError>,
    ) -> Result<Account, ControlError> {
        let mut state = self.state();
        let before = state.accounts.find(name)?.clone();
        let after = change(&before)?;
        state.accounts.check_unique(&after, Some(before.app_scoped_id))?;
        state.replace_account(&before, after.clone());
        Ok(after)
    }
}
