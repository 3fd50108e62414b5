//! The index behind a meter.

use std::collections::{BTreeMap, BTreeSet};

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::group::Group;
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginId;
use evertoken_core::vault::VaultError;
use evertoken_packed_vault::{
    Departure, FoundPack, Generation, GroupState, PackId, PackIndex, PackState, Place, Reservation, ReserveError, UseId,
};
use time::OffsetDateTime;

use super::meter::{Meter, Units};
use super::operation::Operation;
use super::transactions::Transactions;

/// An index whose calls take time, are limited, and are counted.
#[derive(Clone, Debug)]
pub(crate) struct MeteredIndex<I> {
    pub(crate) index: I,
    meter: Meter,
    transactions: Transactions,
}

impl<I> MeteredIndex<I> {
    pub(crate) fn new(index: I, meter: Meter) -> Self {
        Self { index, meter, transactions: Transactions::default() }
    }
}

/// The numbers of open packs that fit into a kilobyte of the group's item.
const OPEN_PER_KB: usize = 200;

/// A read of this many items of less than 4 KB.
fn reads(items: usize) -> Units {
    Units { read: u32::try_from(items).unwrap_or(u32::MAX), write: 0 }
}

/// A write of one item of less than 1 KB.
const WRITE: Units = Units { read: 0, write: 1 };

/// A transaction that writes this many items of less than 1 KB.
fn transaction(items: usize) -> Units {
    Units { read: 0, write: u32::try_from(2 * items).unwrap_or(u32::MAX) }
}

impl<I: PackIndex> MeteredIndex<I> {
    /// A transaction that changes the items of these packs. Conflict if another transaction holds one of them.
    async fn transact<T, E: From<VaultError>>(
        &self,
        items: usize,
        packs: &[&PackId],
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let work = async {
            if packs.iter().all(|pack| self.transactions.hold(pack)) {
                work.await
            } else {
                Err(VaultError::Conflict.into())
            }
        };
        self.meter.call(Operation::TransactWriteItems, transaction(items), work).await
    }

    async fn write<T>(
        &self,
        operation: Operation,
        work: impl Future<Output = Result<T, VaultError>>,
    ) -> Result<T, VaultError> {
        self.meter.call(operation, WRITE, work).await
    }
}

impl<I: PackIndex> PackIndex for MeteredIndex<I> {
    async fn place(&self, name: &AccountName) -> Result<Option<Place>, VaultError> {
        self.meter.call(Operation::GetItem, reads(1), self.index.place(name)).await
    }

    async fn places(&self, names: &[AccountName]) -> Result<BTreeMap<AccountName, Place>, VaultError> {
        self.meter.call(Operation::BatchGetItem, reads(names.len()), self.index.places(names)).await
    }

    async fn names(&self, id: &AccountId) -> Result<BTreeSet<AccountName>, VaultError> {
        self.meter.call(Operation::GetItem, reads(1), self.index.names(id)).await
    }

    async fn pack(&self, pack: &PackId) -> Result<Option<PackState>, VaultError> {
        self.meter.call(Operation::GetItem, reads(1), self.index.pack(pack)).await
    }

    async fn packs(&self, packs: &[PackId]) -> Result<BTreeMap<PackId, PackState>, VaultError> {
        self.meter.call(Operation::BatchGetItem, reads(packs.len()), self.index.packs(packs)).await
    }

    async fn groups(&self) -> Result<BTreeSet<Group>, VaultError> {
        self.meter.call(Operation::GetItem, reads(1), self.index.groups()).await
    }

    async fn group(&self, group: &Group) -> Result<GroupState, VaultError> {
        let kilobytes = self.index.group(group).await?.open.len() / OPEN_PER_KB;
        self.meter.call(Operation::GetItem, reads(1 + kilobytes / 4), self.index.group(group)).await
    }

    async fn add_pack(&self, pack: &PackId) -> Result<(), VaultError> {
        self.transact(3, &[], self.index.add_pack(pack)).await
    }

    async fn reopen(&self, pack: &PackId) -> Result<(), VaultError> {
        self.write(Operation::UpdateItem, self.index.reopen(pack)).await
    }

    async fn close(&self, pack: &PackId) -> Result<(), VaultError> {
        self.write(Operation::UpdateItem, self.index.close(pack)).await
    }

    async fn reserve(&self, reservation: &Reservation) -> Result<(), ReserveError> {
        let replaced = reservation.replaces.as_ref().map(|place| &place.pack);
        let packs: Vec<_> = [Some(&reservation.pack), replaced.filter(|pack| **pack != reservation.pack)]
            .into_iter()
            .flatten()
            .collect();
        let items = 1 + packs.len() + reservation.ids.len();
        self.transact(items, &packs, self.index.reserve(reservation)).await
    }

    async fn add_use(&self, name: &AccountName, pack: &PackId, next: &UseId) -> Result<(), VaultError> {
        self.write(Operation::UpdateItem, self.index.add_use(name, pack, next)).await
    }

    async fn take_use_back(&self, name: &AccountName, pack: &PackId, used_by: &UseId) -> Result<(), VaultError> {
        self.write(Operation::UpdateItem, self.index.take_use_back(name, pack, used_by)).await
    }

    async fn register(&self, name: &AccountName, ids: &BTreeSet<AccountId>) -> Result<(), VaultError> {
        self.transact(1 + ids.len(), &[], self.index.register(name, ids)).await
    }

    async fn unregister(&self, name: &AccountName, ids: &BTreeSet<AccountId>) -> Result<(), VaultError> {
        self.transact(1 + ids.len(), &[], self.index.unregister(name, ids)).await
    }

    async fn mark_removed(&self, name: &AccountName, place: &Place, until: OffsetDateTime) -> Result<(), VaultError> {
        self.transact(2, &[&place.pack], self.index.mark_removed(name, place, until)).await
    }

    async fn release(&self, name: &AccountName, place: &Place) -> Result<(), VaultError> {
        self.transact(2 + place.ids.len(), &[&place.pack], self.index.release(name, place)).await
    }

    async fn move_to(&self, name: &AccountName, from: &PackId, to: &PackId) -> Result<(), VaultError> {
        self.transact(3, &[from, to], self.index.move_to(name, from, to)).await
    }

    async fn depart(&self, pack: &PackId, departure: &Departure) -> Result<(), VaultError> {
        self.write(Operation::UpdateItem, self.index.depart(pack, departure)).await
    }

    async fn forget_departures(&self, pack: &PackId, departures: &BTreeSet<Departure>) -> Result<(), VaultError> {
        self.write(Operation::UpdateItem, self.index.forget_departures(pack, departures)).await
    }

    async fn advance(&self, pack: &PackId, from: Generation) -> Result<(), VaultError> {
        self.write(Operation::UpdateItem, self.index.advance(pack, from)).await
    }

    async fn retired(&self, pack: &PackId, generation: Generation) -> Result<(), VaultError> {
        self.write(Operation::UpdateItem, self.index.retired(pack, generation)).await
    }

    async fn purged(&self, pack: &PackId, due: OffsetDateTime) -> Result<(), VaultError> {
        self.write(Operation::UpdateItem, self.index.purged(pack, due)).await
    }

    async fn record_pack(&self, pack: &PackId, known: Option<Generation>, found: &FoundPack) -> Result<(), VaultError> {
        self.write(Operation::UpdateItem, self.index.record_pack(pack, known, found)).await
    }

    async fn record_group(&self, group: &Group, packs: u32) -> Result<(), VaultError> {
        self.transact(2, &[], self.index.record_group(group, packs)).await
    }

    async fn app_limited_until(&self) -> Result<Option<OffsetDateTime>, VaultError> {
        self.meter.call(Operation::GetItem, reads(1), self.index.app_limited_until()).await
    }

    async fn limit_app_until(&self, until: OffsetDateTime) -> Result<(), VaultError> {
        self.write(Operation::UpdateItem, self.index.limit_app_until(until)).await
    }

    async fn claim(&self, invite: &InviteId, now: OffsetDateTime, until: OffsetDateTime) -> Result<(), VaultError> {
        self.write(Operation::PutItem, self.index.claim(invite, now, until)).await
    }

    async fn is_claimed(&self, invite: &InviteId) -> Result<bool, VaultError> {
        self.meter.call(Operation::GetItem, reads(1), self.index.is_claimed(invite)).await
    }

    async fn withdraw(&self, invite: &InviteId) -> Result<(), VaultError> {
        self.write(Operation::DeleteItem, self.index.withdraw(invite)).await
    }

    async fn remember(&self, login: &LoginId, name: &AccountName, until: OffsetDateTime) -> Result<(), VaultError> {
        self.write(Operation::PutItem, self.index.remember(login, name, until)).await
    }

    async fn recall(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        self.meter.call(Operation::GetItem, reads(1), self.index.recall(login)).await
    }
}
