//! The control API of the people.

use axum::body::Bytes;
use axum::extract::{Path, State};
use serde_json::{Map, Value};

use crate::control_error::ControlError;
use crate::control_json::{ControlResponse, merge, parse, respond};
use crate::facebook::person::Person;
use crate::sandbox::Sandbox;
use crate::state::SandboxState;

pub(crate) async fn list(State(sandbox): State<Sandbox>) -> ControlResponse {
    respond(&sandbox.state().facebook.persons.iter().collect::<Vec<_>>())
}

pub(crate) async fn show(State(sandbox): State<Sandbox>, Path(name): Path<String>) -> ControlResponse {
    respond(&sandbox.person(&name)?)
}

/// Only `label` is required. It is also the name, unless the request has one.
pub(crate) async fn add(State(sandbox): State<Sandbox>, body: Bytes) -> ControlResponse {
    if !parse::<Map<String, Value>>(&body)?.contains_key("label") {
        return Err(ControlError::InvalidRequest("a person needs a \"label\"".to_owned()));
    }
    let mut person: Person = merge(&sandbox.state().facebook.persons.template(), &body)?;
    if person.name.is_empty() {
        person.name.clone_from(&person.label);
    }
    respond(&sandbox.add_person(person)?)
}

pub(crate) async fn change(State(sandbox): State<Sandbox>, Path(name): Path<String>, body: Bytes) -> ControlResponse {
    respond(&sandbox.replace_person(&name, |person| merge(person, &body))?)
}

pub(crate) async fn delete(State(sandbox): State<Sandbox>, Path(name): Path<String>) -> ControlResponse {
    let mut state = sandbox.state();
    let person = state.facebook.persons.find(&name)?.clone();
    state.facebook.remove_person(person.id);
    respond(&person)
}

/// People are given by label or id.
impl Sandbox {
    /// A person with the pages.
    ///
    /// # Errors
    /// The person does not exist.
    pub fn person(&self, name: &str) -> Result<Person, ControlError> {
        self.state().facebook.persons.find(name).cloned()
    }

    /// Adds a person, and returns it with the ids that the sandbox has assigned to its pages.
    ///
    /// # Errors
    /// Another person has the label or id, a page appears twice, or a linked account does not exist.
    pub fn add_person(&self, person: Person) -> Result<Person, ControlError> {
        let mut state = self.state();
        let person = state.facebook.persons.complete(person, None)?;
        check_links(&state, None, &person)?;
        state.facebook.persons.push(person.clone());
        Ok(person)
    }

    /// Changes a person, or the pages. Setting [`Person::revoked`] or [`Person::password_changed`] invalidates the person's
    /// tokens, and resetting it restores them.
    ///
    /// # Errors
    /// The person does not exist, another person has the new label or id, a page appears twice, or a newly linked account
    /// does not exist.
    pub fn update_person(&self, name: &str, change: impl FnOnce(&mut Person)) -> Result<(), ControlError> {
        let changed = |person: &Person| {
            let mut person = person.clone();
            change(&mut person);
            Ok(person)
        };
        self.replace_person(name, changed).map(drop)
    }

    pub(crate) fn replace_person(
        &self,
        name: &str,
        change: impl FnOnce(&Person) -> Result<Person, ControlError>,
    ) -> Result<Person, ControlError> {
        let mut state = self.state();
        let before = state.facebook.persons.find(name)?.clone();
        let after = state.facebook.persons.complete(change(&before)?, Some(before.id))?;
        check_links(&state, Some(&before), &after)?;
        state.facebook.replace_person(&before, after.clone());
        Ok(after)
    }
}

/// A new link must lead to an account. The accounts of existing links may have been deleted.
fn check_links(state: &SandboxState, before: Option<&Person>, after: &Person) -> Result<(), ControlError> {
    let known = |id| {
        let is_old = before.is_some_and(|person| person.pages.iter().any(|page| page.instagram_account == Some(id)));
        is_old || state.accounts.iter().any(|account| account.account_id == id)
    };
    match after.pages.iter().filter_map(|page| page.instagram_account).find(|id| !known(*id)) {
        Some(id) => Err(ControlError::UnknownAccount(id.to_string())),
        None => Ok(()),
    }
}
