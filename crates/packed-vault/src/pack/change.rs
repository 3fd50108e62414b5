//! Changes of a pack. Each affects one account, apart from sealing.

use evertoken_core::account::AccountName;
use evertoken_core::document::{Document, DocumentError};
use secrecy::{ExposeSecret, SecretString};

use super::Pack;
use super::entries::Found;
use crate::ids::PackId;
use crate::pack_index::UseId;

/// The largest document that a pack takes, in bytes. A document is about ten times smaller. With this limit, every open pack
/// has room for one more account.
pub(crate) const LARGEST_DOCUMENT: usize = 8 * 1024;

/// A change of a pack, decided against the pack's newest version.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// Stores an account's first document, under a use of its place.
    Create { document: Box<Document>, used_by: UseId },
    /// Stores the document that follows a revision.
    Replace { expected: u64, document: Box<Document> },
    /// Parks a document next to a revision.
    Park { base: u64, document: Box<Document> },
    /// Deletes a parked document.
    Unpark(AccountName),
    /// Deletes an account, readable or not, if it was stored under this use.
    Remove { name: AccountName, used_by: Option<UseId> },
    /// Deletes an account that was copied to another pack, if it still is as copied.
    Drop { name: AccountName, revision: u64 },
    /// Lets an account change no more, because it moves to another pack.
    Fence { name: AccountName, to: PackId },
    /// Stores an account that comes from another pack, if it is expected.
    Receive(Box<Copied>),
    /// Expects an account that has a secret of its own. Only this move may store it.
    Expect { name: AccountName, by: UseId },
    /// Stores an account that comes from a secret of its own, if its move is expected.
    Admit(Box<Copied>),
    /// Deletes an account of which a copy is in a sealed secret, if it still is as copied. From now on, that secret counts.
    Leave { name: AccountName, revision: u64, by: UseId },
    /// Expects an account no more, because its secret is no longer sealed.
    Settle { name: AccountName, by: UseId },
    /// Lets the pack change no more, because it is copied to its next generation.
    Seal,
}

/// An account on its way to another pack.
#[derive(Clone, Debug)]
pub(crate) struct Copied {
    pub(crate) name: AccountName,
    pub(crate) json: SecretString,
    pub(crate) parked: Option<SecretString>,
    pub(crate) used_by: Option<UseId>,
}

/// The result of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Applied {
    /// The account's revision now. 0 if the account is gone.
    pub(crate) revision: u64,
    /// Whether the pack must be written.
    pub(crate) changed: bool,
}

impl Applied {
    const GONE: Self = Self { revision: 0, changed: true };
    const NOTHING: Self = Self { revision: 0, changed: false };
}

/// A change that the pack does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ChangeError {
    /// The account has another revision, or none.
    Conflict,
    /// The account's document cannot be read, so it is not replaced.
    Unreadable(DocumentError),
    /// The account moves to another pack.
    Moving(PackId),
    /// The document is too large for any pack.
    TooLarge,
}

impl Change {
    /// The account that the change is about.
    pub(super) fn name(&self) -> Option<&AccountName> {
        match self {
            Self::Create { document, .. } | Self::Replace { document, .. } | Self::Park { document, .. } => {
                Some(&document.name)
            }
            Self::Unpark(name) | Self::Remove { name, .. } | Self::Drop { name, .. } | Self::Fence { name, .. } => {
                Some(name)
            }
            Self::Expect { name, .. } | Self::Leave { name, .. } | Self::Settle { name, .. } => Some(name),
            Self::Receive(copied) | Self::Admit(copied) => Some(&copied.name),
            Self::Seal => None,
        }
    }
}

impl Pack {
    /// Applies a change. A pack that does not allow it stays as it is.
    pub(crate) fn apply(&mut self, change: &Change) -> Result<Applied, ChangeError> {
        match change {
            Change::Create { document, used_by } => self.create(document, used_by),
            Change::Replace { expected, document } => self.replace(*expected, document),
            Change::Park { base, document } => self.park(*base, document),
            Change::Unpark(name) => {
                self.check_fence(name)?;
                let changed = self.parked.remove(name.as_str());
                Ok(Applied { revision: self.revision(name), changed: self.touch_if(changed) })
            }
            Change::Remove { name, used_by } => {
                self.check_fence(name)?;
                let is_here = self.holds(name) || self.in_transit(name).is_some();
                if is_here && self.used_by(name) != *used_by {
                    return Err(ChangeError::Conflict);
                }
                Ok(self.remove(name))
            }
            Change::Drop { name, revision } => {
                if self.revision(name) == *revision {
                    Ok(self.remove(name))
                } else {
                    Ok(Applied::NOTHING)
                }
            }
            Change::Fence { name, to } => self.fence(name, to),
            Change::Receive(copied) => Ok(self.receive(copied)),
            Change::Expect { name, by } => self.expect_account(name, by),
            Change::Admit(copied) => self.admit(copied),
            Change::Leave { name, revision, by } => self.leave(name, *revision, by),
            Change::Settle { name, by } => Ok(self.settle(name, by)),
            Change::Seal => {
                self.moved_to = Some(self.generation.next());
                self.touch();
                Ok(Applied::GONE)
            }
        }
    }

    fn create(&mut self, document: &Document, used_by: &UseId) -> Result<Applied, ChangeError> {
        let json = encode(document)?;
        if self.holds(&document.name) {
            return Err(ChangeError::Conflict);
        }
        // What is parked without an account is somebody else's.
        self.parked.remove(document.name.as_str());
        self.uses.insert(document.name.as_str().to_owned(), used_by.as_str().to_owned());
        Ok(self.store(&document.name, json))
    }

    fn replace(&mut self, expected: u64, document: &Document) -> Result<Applied, ChangeError> {
        let name = &document.name;
        let json = encode(document)?;
        let present = self.account(name).map_err(ChangeError::Unreadable)?.ok_or(ChangeError::Conflict)?;
        self.check_fence(name)?;
        if self.revision(name) == expected {
            return Ok(self.store(name, json));
        }
        // The same write again.
        if present.document == *document {
            return Ok(Applied { revision: self.revision(name), changed: false });
        }
        Err(ChangeError::Conflict)
    }

    fn park(&mut self, base: u64, document: &Document) -> Result<Applied, ChangeError> {
        let name = &document.name;
        let json = encode(document)?;
        if !self.holds(name) || self.revision(name) != base {
            return Err(ChangeError::Conflict);
        }
        self.check_fence(name)?;
        let is_new = !matches!(self.parked.get(name.as_str()), Found::One(parked) if parked == json.expose_secret());
        if is_new {
            self.parked.remove(name.as_str());
            self.parked.set(name.as_str(), json);
        }
        Ok(Applied { revision: base, changed: self.touch_if(is_new) })
    }

    fn fence(&mut self, name: &AccountName, to: &PackId) -> Result<Applied, ChangeError> {
        if !self.holds(name) {
            return Err(ChangeError::Conflict);
        }
        self.check_fence(name)?;
        self.moving.insert(name.as_str().to_owned(), to.clone());
        self.touch();
        Ok(Applied { revision: self.revision(name), changed: true })
    }

    fn receive(&mut self, copied: &Copied) -> Applied {
        // The account came here before. Since then it may have changed, or have been removed.
        if self.receiving.remove(copied.name.as_str()).is_none() || self.holds(&copied.name) {
            return Applied { revision: self.revision(&copied.name), changed: false };
        }
        self.store_copy(copied)
    }

    pub(super) fn store_copy(&mut self, copied: &Copied) -> Applied {
        self.parked.remove(copied.name.as_str());
        if let Some(parked) = &copied.parked {
            self.parked.set(copied.name.as_str(), parked.clone());
        }
        if let Some(used_by) = &copied.used_by {
            self.uses.insert(copied.name.as_str().to_owned(), used_by.as_str().to_owned());
        }
        self.store(&copied.name, copied.json.clone())
    }

    fn store(&mut self, name: &AccountName, json: SecretString) -> Applied {
        let revision = self.next;
        self.touch();
        self.in_transit.remove(name.as_str());
        self.accounts.set(name.as_str(), json);
        self.revisions.insert(name.as_str().to_owned(), revision);
        Applied { revision, changed: true }
    }

    pub(super) fn remove(&mut self, name: &AccountName) -> Applied {
        let key = name.as_str();
        let was_here = self.accounts.remove(key);
        let was_parked = self.parked.remove(key);
        let had_revision = self.revisions.remove(key).is_some();
        let had_use = self.uses.remove(key).is_some();
        let was_moving = self.moving.remove(key).is_some() | self.in_transit.remove(key).is_some();
        if was_here || was_parked || had_revision || had_use || was_moving {
            self.touch();
            Applied::GONE
        } else {
            Applied::NOTHING
        }
    }

    pub(super) fn check_fence(&self, name: &AccountName) -> Result<(), ChangeError> {
        self.moving_to(name).map_or(Ok(()), |to| Err(ChangeError::Moving(to.clone())))
    }

    /// Takes an account out, to store it elsewhere.
    pub(crate) fn copy(&self, name: &AccountName) -> Option<Copied> {
        let text = |entries: &super::Entries| entries.clone().take(name.as_str());
        let (json, parked) = (text(&self.accounts)?, text(&self.parked));
        Some(Copied { name: name.clone(), json, parked, used_by: self.used_by(name) })
    }

    /// Continues with the revisions of a version that was rolled back, so that none is used twice.
    pub(crate) fn raise_next(&mut self, next: u64) {
        self.next = self.next.max(next);
    }

    pub(super) fn touch_if(&mut self, changed: bool) -> bool {
        if changed {
            self.touch();
        }
        changed
    }

    pub(super) fn touch(&mut self) {
        self.next = self.next.saturating_add(1);
    }
}

fn encode(document: &Document) -> Result<SecretString, ChangeError> {
    let json = document.encode();
    if json.expose_secret().len() > LARGEST_DOCUMENT { Err(ChangeError::TooLarge) } else { Ok(json) }
}
