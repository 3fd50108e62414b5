//! The people who can log in to Facebook, and system users.

use serde::{Deserialize, Serialize};

use crate::facebook::id::FacebookId;
use crate::facebook::page::Page;

/// Whether a person logs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonKind {
    /// Somebody who logs in to Facebook.
    #[default]
    Person,
    /// A system user of a business portfolio. It has no password and cannot log in: its tokens come from the portfolio's
    /// settings, here from the control API.
    SystemUser,
}

/// A person, and the pages on which the person has a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// A short name for tests, unique in a sandbox. Facebook has none.
    pub label: String,
    /// The id that this app sees: `id` of `/me` and `user_id` of a signed request. Unique in a sandbox.
    pub id: FacebookId,
    /// The name on Facebook.
    pub name: String,
    /// A person, or a system user.
    pub kind: PersonKind,
    /// The person has removed the app: existing tokens are rejected with code 190, subcode 458. A new login resets this flag
    /// for new tokens.
    pub revoked: bool,
    /// The person has changed the password: existing tokens are rejected with code 190, subcode 460. A new login resets this
    /// flag for new tokens. The tokens of system users stay valid.
    pub password_changed: bool,
    /// Facebook requires the person to log in and follow instructions: every token is rejected with code 190, subcode 459.
    /// A new login resets this flag, and the existing tokens work again.
    pub checkpointed: bool,
    /// The pages on which the person has a role, or has had one.
    pub pages: Vec<Page>,
}

impl Person {
    /// A person with these pages.
    pub fn new(label: impl Into<String>, id: u64, name: impl Into<String>, pages: Vec<Page>) -> Self {
        Self {
            label: label.into(),
            id: FacebookId(id),
            name: name.into(),
            kind: PersonKind::Person,
            revoked: false,
            password_changed: false,
            checkpointed: false,
            pages,
        }
    }

    pub(crate) fn page(&self, id: FacebookId) -> Option<&Page> {
        self.pages.iter().find(|page| page.id == id)
    }

    /// The pages that the dialog offers.
    pub(crate) fn offered_pages(&self) -> impl Iterator<Item = &Page> {
        self.pages.iter().filter(|page| !page.role_lost)
    }
}
