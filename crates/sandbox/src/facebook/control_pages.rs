//! The control API of a person's pages.

use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::account::Account;
use crate::control_error::ControlError;
use crate::control_json::{ControlResponse, merge, parse, respond};
use crate::facebook::id::FacebookId;
use crate::facebook::page::Page;
use crate::facebook::person::Person;
use crate::sandbox::Sandbox;

/// More than Facebook shows to anybody.
const MAX_COUNT: usize = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ManyPages {
    count: usize,
}

/// Adds one page, of which only `name` is required, or `count` pages. Returns the person.
pub(crate) async fn add(State(sandbox): State<Sandbox>, Path(person): Path<String>, body: Bytes) -> ControlResponse {
    let members: Map<String, Value> = parse(&body)?;
    if members.contains_key("count") {
        return respond(&sandbox.add_linked_pages(&person, parse::<ManyPages>(&body)?.count)?);
    }
    if !members.contains_key("name") {
        return Err(ControlError::InvalidRequest("a page needs a \"name\"".to_owned()));
    }
    let page: Page = merge(&Page::default(), &body)?;
    respond(&sandbox.replace_person(&person, |person| {
        let mut person = person.clone();
        person.pages.push(page);
        Ok(person)
    })?)
}

pub(crate) async fn change(
    State(sandbox): State<Sandbox>,
    Path((person, page)): Path<(String, String)>,
    body: Bytes,
) -> ControlResponse {
    respond(&sandbox.replace_page(&person, &page, |page| Ok(Some(merge(page, &body)?)))?)
}

pub(crate) async fn delete(
    State(sandbox): State<Sandbox>,
    Path((person, page)): Path<(String, String)>,
) -> ControlResponse {
    respond(&sandbox.replace_page(&person, &page, |_| Ok(None))?)
}

/// People are given by label or id, and their pages by id or name.
impl Sandbox {
    /// Changes a page of a person: unlinks the account ([`Page::unlinked`]) or takes the role away ([`Page::role_lost`]).
    ///
    /// # Errors
    /// The person or the page does not exist, or the newly linked account does not.
    pub fn update_page(&self, person: &str, page: &str, change: impl FnOnce(&mut Page)) -> Result<(), ControlError> {
        let changed = |page: &Page| {
            let mut page = page.clone();
            change(&mut page);
            Ok(Some(page))
        };
        self.replace_page(person, page, changed).map(drop)
    }

    /// Adds this many pages to a person, each linked to a new account that is reached through Facebook only.
    ///
    /// # Errors
    /// The person does not exist, or `count` is above 10,000.
    pub fn add_linked_pages(&self, person: &str, count: usize) -> Result<Person, ControlError> {
        if count > MAX_COUNT {
            return Err(ControlError::InvalidRequest(format!("\"count\" must be at most {MAX_COUNT}")));
        }
        self.person(person)?;
        let accounts: Vec<Account> = {
            let mut state = self.state();
            let new_accounts = (0..count).map(|_| {
                let template = state.accounts.template();
                let username = format!("client_{}", template.app_scoped_id);
                let account = Account { username, facebook_only: true, ..template };
                state.accounts.insert(account.clone());
                account
            });
            new_accounts.collect()
        };
        self.replace_person(person, |person| {
            let mut person = person.clone();
            person.pages.extend(
                accounts
                    .iter()
                    .zip(1..)
                    .map(|(account, number)| Page::linked(0, format!("Client {number}"), account.account_id.0)),
            );
            Ok(person)
        })
    }

    /// Replaces a page, or removes it if `change` returns `None`. Returns the person.
    fn replace_page(
        &self,
        person: &str,
        page: &str,
        change: impl FnOnce(&Page) -> Result<Option<Page>, ControlError>,
    ) -> Result<Person, ControlError> {
        self.replace_person(person, |person| {
            let id: Option<FacebookId> = page.parse().ok();
            let mut person = person.clone();
            let wanted = |candidate: &Page| Some(candidate.id) == id || candidate.name == page;
            let position = person.pages.iter().position(wanted);
            let found = position.and_then(|position| Some((position, person.pages.get(position)?)));
            let Some((position, before)) = found else { return Err(ControlError::UnknownPage(page.to_owned())) };
            match change(before)? {
                Some(after) => person.pages.splice(position..=position, [after]).for_each(drop),
                None => drop(person.pages.remove(position)),
            }
            Ok(person)
        })
    }
}
