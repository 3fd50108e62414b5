//! Accounts on their way between a secret of their own and a pack.

use std::collections::BTreeSet;

use evertoken_core::account::AccountName;

use super::Pack;
use super::change::{Applied, ChangeError, Copied};
use crate::pack_index::{Departure, UseId};

impl Pack {
    /// The move that may complete the way of an account between a secret of its own and this pack. While there is one, the
    /// account's sealed secret counts.
    pub fn in_transit(&self, name: &AccountName) -> Option<UseId> {
        self.in_transit.get(name.as_str()).map(UseId::new)
    }

    /// All accounts on their way, with their moves.
    pub fn transits(&self) -> impl Iterator<Item = (AccountName, UseId)> {
        self.in_transit.iter().filter_map(|(name, by)| Some((name.parse().ok()?, UseId::new(by))))
    }

    /// Lets a move complete the way of an account, and no earlier move.
    pub(super) fn expect_account(&mut self, name: &AccountName, by: &UseId) -> Result<Applied, ChangeError> {
        if self.holds(name) {
            return Err(ChangeError::Conflict);
        }
        self.in_transit.insert(name.as_str().to_owned(), by.as_str().to_owned());
        self.touch();
        Ok(Applied { revision: 0, changed: true })
    }

    /// Stores an account that comes from a secret of its own.
    pub(super) fn admit(&mut self, copied: &Copied) -> Result<Applied, ChangeError> {
        let name = &copied.name;
        if self.holds(name) {
            // The same change again.
            let is_same = copied.used_by.is_some() && self.used_by(name) == copied.used_by;
            let revision = self.revision(name);
            return if is_same { Ok(Applied { revision, changed: false }) } else { Err(ChangeError::Conflict) };
        }
        if copied.used_by.is_none() || self.in_transit(name) != copied.used_by {
            return Err(ChangeError::Conflict);
        }
        Ok(self.store_copy(copied))
    }

    /// Lets an account leave for the secret that a copy of this revision is in.
    pub(super) fn leave(&mut self, name: &AccountName, revision: u64, by: &UseId) -> Result<Applied, ChangeError> {
        self.check_fence(name)?;
        if !self.holds(name) && self.in_transit(name).as_ref() == Some(by) {
            // The same change again.
            return Ok(Applied { revision: 0, changed: false });
        }
        if !self.holds(name) || self.revision(name) != revision {
            return Err(ChangeError::Conflict);
        }
        self.remove(name);
        self.in_transit.insert(name.as_str().to_owned(), by.as_str().to_owned());
        Ok(Applied { revision: 0, changed: true })
    }

    /// Puts accounts in transit that have left while the pack could not be written. One departure may follow another.
    pub(crate) fn depart(&mut self, departures: &BTreeSet<Departure>) {
        for _ in departures {
            for Departure { name, from, by } in departures {
                if self.used_by(name).as_ref() == Some(from) {
                    self.remove(name);
                    self.in_transit.insert(name.as_str().to_owned(), by.as_str().to_owned());
                }
            }
        }
    }

    /// Ends the way of an account whose secret is no longer sealed.
    pub(super) fn settle(&mut self, name: &AccountName, by: &UseId) -> Applied {
        let is_present = self.in_transit(name).as_ref() == Some(by);
        if is_present {
            self.in_transit.remove(name.as_str());
        }
        Applied { revision: self.revision(name), changed: self.touch_if(is_present) }
    }
}
