//! Accounts that the vault stores together.

use std::fmt;
use std::sync::Arc;

/// The name of a group of accounts that one write stores. They are renewed together, so that a renewal of all of them takes
/// few writes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cohort(Arc<str>);

impl Cohort {
    /// Wraps the vault's own name for the group. It stays the same for the life of the group.
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The vault's own name for the group.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cohort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
