//! What the index holds about accounts, packs and groups, and how a place is reserved.

use std::collections::BTreeSet;
use std::fmt;

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::vault::VaultError;
use time::{Date, OffsetDateTime};

use crate::ids::{Generation, PackId};

/// Where an account is, or was until it was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The pack.
    pub pack: PackId,
    /// The logins that have stored the account's first document, or are about to. The place is not released while one of
    /// them is about to.
    pub uses: BTreeSet<UseId>,
    /// The ids that the account can be found by.
    pub ids: BTreeSet<AccountId>,
    /// Other packs that have held the account. Their earlier versions may still hold it.
    pub earlier: BTreeSet<PackId>,
    /// `None` unless the account was removed; until when it can be restored.
    pub removed_until: Option<OffsetDateTime>,
}

/// Identifies a login that uses a place: 16 hexadecimal digits, random. The pack has it too, next to the document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UseId(String);

impl UseId {
    /// Wraps an element of the attribute `uses`.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An account that has left its pack for a secret of its own, while the pack could not be written. The next write of the pack
/// puts it in transit; until then, whoever reads the pack does. Its text is `name:from:by`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Departure {
    /// The account.
    pub name: AccountName,
    /// The use under which the pack holds the account or has it in transit. Under another use, it has not left.
    pub from: UseId,
    /// The move that may complete the account's way back.
    pub by: UseId,
}

impl fmt::Display for Departure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.name, self.from.as_str(), self.by.as_str())
    }
}

impl Departure {
    /// Reads the text of a departure. `None` if it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, uses) = text.split_once(':')?;
        let (from, by) = uses.split_once(':')?;
        Some(Self { name: name.parse().ok()?, from: UseId::new(from), by: UseId::new(by) })
    }
}

/// What the index knows about a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackState {
    /// The generation of the secret that holds the pack.
    pub generation: Generation,
    /// An earlier generation whose secret is still to be deleted.
    pub retiring: Option<Generation>,
    /// The number of places in the pack.
    pub used: u32,
    /// The day of the last reservation, in UTC.
    pub day: Option<Date>,
    /// The number of reservations on that day.
    pub day_logins: u32,
    /// When the earlier versions of the pack are to be deleted, because they hold accounts that were removed.
    pub purge_after: Option<OffsetDateTime>,
    /// The accounts that were removed and that earlier versions of the pack hold.
    pub removed: BTreeSet<AccountName>,
    /// The accounts that have left while the pack could not be written.
    pub departures: BTreeSet<Departure>,
}

impl PackState {
    /// The state of a new pack.
    pub fn new() -> Self {
        Self {
            generation: Generation::FIRST,
            retiring: None,
            used: 0,
            day: None,
            day_logins: 0,
            purge_after: None,
            removed: BTreeSet::new(),
            departures: BTreeSet::new(),
        }
    }
}

impl Default for PackState {
    fn default() -> Self {
        Self::new()
    }
}

/// A pack that the secrets have shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPack {
    /// The newest generation.
    pub generation: Generation,
    /// An earlier generation whose secret is still to be deleted.
    pub retiring: Option<Generation>,
    /// When the earlier versions of the pack are to be deleted, unless that is known: they may hold accounts that were removed.
    pub purge_after: OffsetDateTime,
}

/// The packs of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupState {
    /// How many packs the group has. Their numbers are 1 to this.
    pub packs: u32,
    /// The numbers of the packs that take new accounts.
    pub open: BTreeSet<u32>,
}

/// A place to be reserved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The account.
    pub name: AccountName,
    /// Its ids.
    pub ids: BTreeSet<AccountId>,
    /// The pack.
    pub pack: PackId,
    /// The use of the login.
    pub used_by: UseId,
    /// The place of a removed account that this one replaces.
    pub replaces: Option<Place>,
    /// How many places a pack has.
    pub size: u32,
    /// How many places a pack gives away a day.
    pub budget: DayBudget,
}

/// How the places that a pack gives away in one day are counted.
///
/// Every first document is a write of its own, and Secrets Manager accepts no more than 100 versions of a secret in 24 hours
/// (AWS, "Secrets Manager quotas"). Without the limit, a day with many logins would leave none for renewals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayBudget {
    /// One more on the day of the last one.
    Continue {
        /// Today in UTC.
        day: Date,
        /// The most in a day.
        logins: u32,
    },
    /// The first one of a day.
    Start {
        /// Today in UTC.
        day: Date,
    },
    /// No login.
    Ignore,
}

/// A place was not reserved.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReserveError {
    /// The name has a place, or another one than the reservation replaces.
    #[error("the account has a place already")]
    Taken,
    /// The pack has no place left, or none today.
    #[error("the pack is full")]
    Full,
    /// Any other error. [`VaultError::Conflict`] if the transaction met another one.
    #[error(transparent)]
    Vault(#[from] VaultError),
}
