//! All people of a sandbox.

use crate::control_error::ControlError;
use crate::facebook::id::FacebookId;
use crate::facebook::person::Person;

/// The first ids that are assigned to people and pages added without ids.
const FIRST_PERSON_ID: u64 = 10_229_900_000_000_001;
const FIRST_PAGE_ID: u64 = 61_559_000_000_001;

/// In the order in which they were added.
#[derive(Default)]
pub(crate) struct Persons(Vec<Person>);

impl Persons {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Person> {
        self.0.iter()
    }

    pub(crate) fn get(&self, id: FacebookId) -> Option<&Person> {
        self.0.iter().find(|person| person.id == id)
    }

    pub(crate) fn get_mut(&mut self, id: FacebookId) -> Option<&mut Person> {
        self.0.iter_mut().find(|person| person.id == id)
    }

    /// Finds a person by label or id.
    pub(crate) fn find(&self, name: &str) -> Result<&Person, ControlError> {
        let id = name.parse().ok();
        let found = self.iter().find(|person| person.label == name || Some(person.id) == id);
        found.ok_or_else(|| ControlError::UnknownPerson(name.to_owned()))
    }

    /// A person with an unused id, and neither label nor name.
    pub(crate) fn template(&self) -> Person {
        let last = self.iter().map(|person| person.id.0.saturating_add(1)).max().unwrap_or_default();
        Person::new("", last.max(FIRST_PERSON_ID), "", Vec::new())
    }

    pub(crate) fn push(&mut self, person: Person) {
        self.0.push(person);
    }

    /// Replaces the person with this id. The order stays.
    pub(crate) fn replace(&mut self, id: FacebookId, by: Person) {
        if let Some(person) = self.get_mut(id) {
            *person = by;
        }
    }

    pub(crate) fn remove(&mut self, id: FacebookId) {
        self.0.retain(|person| person.id != id);
    }

    /// Assigns ids to the pages that have none, and checks label, id and pages.
    ///
    /// `replaced` is the person whose place this one takes.
    pub(crate) fn complete(&self, mut person: Person, replaced: Option<FacebookId>) -> Result<Person, ControlError> {
        for other in self.iter().filter(|other| Some(other.id) != replaced) {
            if other.id == person.id {
                return Err(ControlError::DuplicatePersonId(person.id));
            }
            if other.label == person.label {
                return Err(ControlError::DuplicateLabel(person.label));
            }
        }
        let pages = self.iter().flat_map(|person| &person.pages).chain(&person.pages);
        let mut last = pages.map(|page| page.id.0).max().unwrap_or_default().max(FIRST_PAGE_ID);
        let mut ids = Vec::new();
        for page in &mut person.pages {
            if page.id.0 == 0 {
                last = last.saturating_add(1);
                page.id = FacebookId(last);
            }
            ids.push(page.id);
        }
        ids.sort_unstable();
        match ids.windows(2).find(|pair| pair.first() == pair.last()) {
            Some(pair) => Err(ControlError::DuplicatePage(pair.first().copied().unwrap_or(FacebookId(0)))),
            None => Ok(person),
        }
    }
}

impl FromIterator<Person> for Persons {
    fn from_iter<T: IntoIterator<Item = Person>>(persons: T) -> Self {
        Self(persons.into_iter().collect())
    }
}
