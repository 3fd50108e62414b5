//! The table of the model, and the conditions of its transactions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::group::Group;
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginId;
use evertoken_core::vault::VaultError;
use time::OffsetDateTime;

use crate::ids::PackId;
use crate::pack_index::{DayBudget, GroupState, PackState, Place, Reservation, ReserveError};

/// All items of the table.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) is_lost: bool,
    /// The transactions until one conflicts with another one.
    pub(super) conflict_in: Option<u32>,
    pub(super) places: BTreeMap<AccountName, Place>,
    pub(super) ids: BTreeMap<AccountId, BTreeSet<AccountName>>,
    pub(super) packs: BTreeMap<PackId, PackState>,
    pub(super) groups: BTreeMap<Group, GroupState>,
    pub(super) app_limited_until: Option<OffsetDateTime>,
    pub(super) claims: HashMap<InviteId, OffsetDateTime>,
    pub(super) logins: HashMap<LoginId, AccountName>,
}

impl Table {
    /// Whether the present transaction conflicts with another one.
    pub(super) fn conflicts(&mut self) -> bool {
        let conflicts = self.conflict_in == Some(0);
        self.conflict_in = self.conflict_in.and_then(|left| left.checked_sub(1));
        conflicts
    }

    /// The place, if it is as the caller has read it.
    pub(super) fn place_as_read(&mut self, name: &AccountName, read: &Place) -> Result<&mut Place, VaultError> {
        let place = self.places.get_mut(name).ok_or(VaultError::Conflict)?;
        let is_same = place.pack == read.pack && place.uses == read.uses && place.removed_until == read.removed_until;
        if is_same { Ok(place) } else { Err(VaultError::Conflict) }
    }

    pub(super) fn pack(&mut self, pack: &PackId) -> &mut PackState {
        // `UpdateItem` creates what does not exist.
        self.packs.entry(pack.clone()).or_default()
    }

    pub(super) fn add_ids(&mut self, name: &AccountName, ids: &BTreeSet<AccountId>) {
        for id in ids {
            self.ids.entry(id.clone()).or_default().insert(name.clone());
        }
    }

    pub(super) fn delete_ids<'a>(&mut self, name: &AccountName, ids: impl IntoIterator<Item = &'a AccountId>) {
        for id in ids {
            if let Some(names) = self.ids.get_mut(id) {
                names.remove(name);
                if names.is_empty() {
                    self.ids.remove(id);
                }
            }
        }
    }

    pub(super) fn reserve(&mut self, wanted: &Reservation) -> Result<(), ReserveError> {
        let present = self.places.get(&wanted.name);
        let of = |place: &Place| (place.pack.clone(), place.removed_until);
        let is_placed = present.is_some_and(|place| place.removed_until.is_none());
        if is_placed || present.map(of) != wanted.replaces.as_ref().map(of) {
            return Err(ReserveError::Taken);
        }
        let mut earlier = present.map(|place| place.earlier.clone()).unwrap_or_default();
        let mut ids = present.map(|place| place.ids.clone()).unwrap_or_default();
        let state = self.packs.get(&wanted.pack).ok_or(ReserveError::Full)?;
        let has_budget = match wanted.budget {
            DayBudget::Continue { day, logins } => state.day == Some(day) && state.day_logins < logins,
            DayBudget::Start { day } => state.day != Some(day),
            DayBudget::Ignore => true,
        };
        if state.used >= wanted.size || !has_budget {
            return Err(ReserveError::Full);
        }
        if let Some(replaced) = &wanted.replaces {
            self.pack(&replaced.pack).removed.remove(&wanted.name);
            if replaced.pack != wanted.pack {
                earlier.insert(replaced.pack.clone());
            }
        }
        let state = self.pack(&wanted.pack);
        state.used += 1;
        state.removed.remove(&wanted.name);
        match wanted.budget {
            DayBudget::Continue { .. } => state.day_logins += 1,
            DayBudget::Start { day } => (state.day, state.day_logins) = (Some(day), 1),
            DayBudget::Ignore => {}
        }
        ids.extend(wanted.ids.iter().cloned());
        self.add_ids(&wanted.name, &wanted.ids);
        let (pack, uses) = (wanted.pack.clone(), BTreeSet::from([wanted.used_by.clone()]));
        self.places.insert(wanted.name.clone(), Place { pack, uses, ids, earlier, removed_until: None });
        Ok(())
    }

    pub(super) fn release(&mut self, name: &AccountName, read: &Place) -> Result<(), VaultError> {
        let place = self.place_as_read(name, read)?.clone();
        self.places.remove(name);
        let state = self.pack(&place.pack);
        state.removed.remove(name);
        if place.removed_until.is_none() {
            state.used = state.used.saturating_sub(1);
        }
        self.delete_ids(name, &place.ids);
        Ok(())
    }
}
