//! A model of the index for tests and simulations: one table with conditions and transactions.

mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::group::Group;
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginId;
use evertoken_core::vault::{OutageCause, VaultError};
use time::OffsetDateTime;

use self::table::Table;
use crate::ids::{Generation, PackId};
use crate::pack_index::{
    BATCH, Departure, FoundPack, GroupState, PackIndex, PackState, Place, Reservation, ReserveError, UseId,
};
use crate::process::Process;

/// The index in memory. Clones share the table.
#[derive(Clone, Debug, Default)]
pub struct MemoryIndex {
    table: Arc<Mutex<Table>>,
    process: Process,
}

impl MemoryIndex {
    /// The same table, used by another process.
    #[must_use]
    pub fn used_by(&self, process: &Process) -> Self {
        Self { table: Arc::clone(&self.table), process: process.clone() }
    }

    /// A copy of the table, which changes on its own.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { table: Arc::new(Mutex::new(self.table().clone())), process: Process::default() }
    }

    /// Deletes the table itself.
    pub fn lose_table(&self) {
        self.table().is_lost = true;
    }

    /// Deletes all items.
    pub fn clear(&self) {
        *self.table() = Table::default();
    }

    /// All places.
    pub fn all_places(&self) -> BTreeMap<AccountName, Place> {
        self.table().places.clone()
    }

    /// All packs.
    pub fn all_packs(&self) -> BTreeMap<PackId, PackState> {
        self.table().packs.clone()
    }

    /// All ids and the names that may belong to them.
    pub fn all_ids(&self) -> BTreeMap<AccountId, BTreeSet<AccountName>> {
        self.table().ids.clone()
    }

    /// Points a pack to another generation, as no code does.
    pub fn corrupt_generation(&self, pack: &PackId, generation: Generation) {
        if let Some(state) = self.table().packs.get_mut(pack) {
            state.generation = generation;
        }
    }

    /// Lets a transaction conflict with another one, and change nothing: the one with this number, counted from 0 from now on.
    pub fn conflict_at(&self, transaction: u32) {
        self.table().conflict_in = Some(transaction);
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // An operation checks all of its conditions before it changes anything, and does not panic in between.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn request<T>(&self, work: impl FnOnce(&mut Table) -> Result<T, VaultError>) -> Result<T, VaultError> {
        let work = || {
            let mut table = self.table();
            if table.is_lost {
                let code = "the table of the index does not exist".to_owned();
                return Err(VaultError::Unavailable { cause: OutageCause::Other, code });
            }
            work(&mut table)
        };
        self.process.request(work).await?
    }

    async fn transaction<T>(&self, work: impl FnOnce(&mut Table) -> Result<T, VaultError>) -> Result<T, VaultError> {
        self.request(|table| if table.conflicts() { Err(VaultError::Conflict) } else { work(table) }).await
    }
}

impl PackIndex for MemoryIndex {
    async fn place(&self, name: &AccountName) -> Result<Option<Place>, VaultError> {
        self.request(|table| Ok(table.places.get(name).cloned())).await
    }

    async fn places(&self, names: &[AccountName]) -> Result<BTreeMap<AccountName, Place>, VaultError> {
        check_batch(names.len())?;
        let found = |table: &mut Table| {
            let item = |name: &AccountName| Some((name.clone(), table.places.get(name)?.clone()));
            Ok(names.iter().filter_map(item).collect())
        };
        self.request(found).await
    }

    async fn names(&self, id: &AccountId) -> Result<BTreeSet<AccountName>, VaultError> {
        self.request(|table| Ok(table.ids.get(id).cloned().unwrap_or_default())).await
    }

    async fn pack(&self, pack: &PackId) -> Result<Option<PackState>, VaultError> {
        self.request(|table| Ok(table.packs.get(pack).cloned())).await
    }

    async fn packs(&self, packs: &[PackId]) -> Result<BTreeMap<PackId, PackState>, VaultError> {
        check_batch(packs.len())?;
        let found = |table: &mut Table| {
            Ok(packs.iter().filter_map(|pack| Some((pack.clone(), table.packs.get(pack)?.clone()))).collect())
        };
        self.request(found).await
    }

    async fn groups(&self) -> Result<BTreeSet<Group>, VaultError> {
        self.request(|table| Ok(table.groups.keys().cloned().collect())).await
    }

    async fn group(&self, group: &Group) -> Result<GroupState, VaultError> {
        self.request(|table| Ok(table.groups.get(group).cloned().unwrap_or_default())).await
    }

    async fn add_pack(&self, pack: &PackId) -> Result<(), VaultError> {
        let add = |table: &mut Table| {
            let group = table.groups.get(pack.group()).cloned().unwrap_or_default();
            if Some(group.packs) != pack.number().checked_sub(1) || table.packs.contains_key(pack) {
                return Err(VaultError::Conflict);
            }
            let group = table.groups.entry(pack.group().clone()).or_default();
            group.packs = pack.number();
            group.open.insert(pack.number());
            table.packs.insert(pack.clone(), PackState::new());
            Ok(())
        };
        self.transaction(add).await
    }

    async fn reopen(&self, pack: &PackId) -> Result<(), VaultError> {
        let open = |table: &mut Table| match table.groups.get_mut(pack.group()) {
            Some(group) if group.packs >= pack.number() => {
                group.open.insert(pack.number());
                Ok(())
            }
            _ => Err(VaultError::Conflict),
        };
        self.request(open).await
    }

    async fn close(&self, pack: &PackId) -> Result<(), VaultError> {
        let close = |table: &mut Table| {
            if let Some(group) = table.groups.get_mut(pack.group()) {
                group.open.remove(&pack.number());
            }
            Ok(())
        };
        self.request(close).await
    }

    async fn reserve(&self, reservation: &Reservation) -> Result<(), ReserveError> {
        self.transaction(|table| Ok(table.reserve(reservation))).await?
    }

    async fn add_use(&self, name: &AccountName, pack: &PackId, next: &UseId) -> Result<(), VaultError> {
        let add = |table: &mut Table| match table.places.get_mut(name) {
            Some(place) if place.pack == *pack && place.removed_until.is_none() => {
                place.uses.insert(next.clone());
                Ok(())
            }
            _ => Err(VaultError::Conflict),
        };
        self.request(add).await
    }

    async fn take_use_back(&self, name: &AccountName, pack: &PackId, used_by: &UseId) -> Result<(), VaultError> {
        let take_back = |table: &mut Table| {
            if let Some(place) = table.places.get_mut(name).filter(|place| place.pack == *pack) {
                place.uses.remove(used_by);
            }
            Ok(())
        };
        self.request(take_back).await
    }

    async fn register(&self, name: &AccountName, ids: &BTreeSet<AccountId>) -> Result<(), VaultError> {
        let register = |table: &mut Table| {
            table.places.get_mut(name).ok_or(VaultError::Conflict)?.ids.extend(ids.iter().cloned());
            table.add_ids(name, ids);
            Ok(())
        };
        self.transaction(register).await
    }

    async fn unregister(&self, name: &AccountName, ids: &BTreeSet<AccountId>) -> Result<(), VaultError> {
        let unregister = |table: &mut Table| {
            table.places.get_mut(name).ok_or(VaultError::Conflict)?.ids.retain(|id| !ids.contains(id));
            table.delete_ids(name, ids);
            Ok(())
        };
        self.transaction(unregister).await
    }

    async fn mark_removed(&self, name: &AccountName, place: &Place, until: OffsetDateTime) -> Result<(), VaultError> {
        let mark = |table: &mut Table| {
            if place.removed_until.is_some() {
                return Err(VaultError::Conflict);
            }
            let present = table.place_as_read(name, place)?;
            present.removed_until = Some(until);
            let pack = present.pack.clone();
            let state = table.pack(&pack);
            state.used = state.used.saturating_sub(1);
            state.removed.insert(name.clone());
            state.purge_after.get_or_insert(until);
            Ok(())
        };
        self.transaction(mark).await
    }

    async fn release(&self, name: &AccountName, place: &Place) -> Result<(), VaultError> {
        self.transaction(|table| table.release(name, place)).await
    }

    async fn move_to(&self, name: &AccountName, from: &PackId, to: &PackId) -> Result<(), VaultError> {
        let move_to = |table: &mut Table| {
            let place = table.places.get_mut(name).ok_or(VaultError::Conflict)?;
            if place.pack != *from || place.removed_until.is_some() {
                return Err(VaultError::Conflict);
            }
            place.pack = to.clone();
            place.earlier.insert(from.clone());
            let before = table.pack(from);
            before.used = before.used.saturating_sub(1);
            table.pack(to).used += 1;
            Ok(())
        };
        self.transaction(move_to).await
    }

    async fn depart(&self, pack: &PackId, departure: &Departure) -> Result<(), VaultError> {
        let depart = |table: &mut Table| {
            table.packs.get_mut(pack).ok_or(VaultError::Conflict)?.departures.insert(departure.clone());
            Ok(())
        };
        self.request(depart).await
    }

    async fn forget_departures(&self, pack: &PackId, departures: &BTreeSet<Departure>) -> Result<(), VaultError> {
        let forget = |table: &mut Table| {
            if let Some(state) = table.packs.get_mut(pack) {
                state.departures.retain(|departure| !departures.contains(departure));
            }
            Ok(())
        };
        self.request(forget).await
    }

    async fn advance(&self, pack: &PackId, from: Generation) -> Result<(), VaultError> {
        let advance = |table: &mut Table| match table.packs.get_mut(pack) {
            Some(state) if state.generation == from && state.retiring.is_none() => {
                state.generation = from.next();
                state.retiring = Some(from);
                Ok(())
            }
            _ => Err(VaultError::Conflict),
        };
        self.request(advance).await
    }

    async fn retired(&self, pack: &PackId, generation: Generation) -> Result<(), VaultError> {
        let retired = |table: &mut Table| {
            if let Some(state) = table.packs.get_mut(pack).filter(|state| state.retiring == Some(generation)) {
                state.retiring = None;
            }
            Ok(())
        };
        self.request(retired).await
    }

    async fn purged(&self, pack: &PackId, due: OffsetDateTime) -> Result<(), VaultError> {
        let purged = |table: &mut Table| {
            let is_done = |state: &PackState| state.purge_after == Some(due) && state.removed.is_empty();
            if let Some(state) = table.packs.get_mut(pack).filter(|state| is_done(state)) {
                state.purge_after = None;
            }
            Ok(())
        };
        self.request(purged).await
    }

    async fn app_limited_until(&self) -> Result<Option<OffsetDateTime>, VaultError> {
        self.request(|table| Ok(table.app_limited_until)).await
    }

    async fn limit_app_until(&self, until: OffsetDateTime) -> Result<(), VaultError> {
        let limit = |table: &mut Table| {
            table.app_limited_until = table.app_limited_until.max(Some(until));
            Ok(())
        };
        self.request(limit).await
    }

    async fn record_pack(&self, pack: &PackId, known: Option<Generation>, found: &FoundPack) -> Result<(), VaultError> {
        let record = |table: &mut Table| {
            if table.packs.get(pack).map(|state| state.generation) != known {
                return Err(VaultError::Conflict);
            }
            let state = table.pack(pack);
            (state.generation, state.retiring) = (found.generation, found.retiring);
            state.purge_after.get_or_insert(found.purge_after);
            Ok(())
        };
        self.request(record).await
    }

    async fn record_group(&self, group: &Group, packs: u32) -> Result<(), VaultError> {
        let record = |table: &mut Table| {
            let state = table.groups.entry(group.clone()).or_default();
            state.packs = state.packs.max(packs);
            Ok(())
        };
        self.transaction(record).await
    }

    async fn claim(&self, invite: &InviteId, now: OffsetDateTime, until: OffsetDateTime) -> Result<(), VaultError> {
        let claim = |table: &mut Table| {
            if table.claims.get(invite).is_some_and(|expires_at| *expires_at >= now) {
                return Err(VaultError::Conflict);
            }
            table.claims.insert(invite.clone(), until);
            Ok(())
        };
        self.request(claim).await
    }

    async fn is_claimed(&self, invite: &InviteId) -> Result<bool, VaultError> {
        self.request(|table| Ok(table.claims.contains_key(invite))).await
    }

    async fn withdraw(&self, invite: &InviteId) -> Result<(), VaultError> {
        let withdraw = |table: &mut Table| {
            table.claims.remove(invite);
            Ok(())
        };
        self.request(withdraw).await
    }

    async fn remember(&self, login: &LoginId, name: &AccountName, _: OffsetDateTime) -> Result<(), VaultError> {
        let remember = |table: &mut Table| {
            table.logins.insert(login.clone(), name.clone());
            Ok(())
        };
        self.request(remember).await
    }

    async fn recall(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        self.request(|table| Ok(table.logins.get(login).cloned())).await
    }
}

/// DynamoDB refuses larger batches, so the vault must not ask for them.
fn check_batch(keys: usize) -> Result<(), VaultError> {
    if keys <= BATCH {
        return Ok(());
    }
    Err(VaultError::Unavailable { cause: OutageCause::Other, code: "ValidationException".to_owned() })
}
