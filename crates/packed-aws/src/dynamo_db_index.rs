//! The index in a DynamoDB table.

mod change;
mod error;
mod item;
mod key;
mod requests;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::Client;
use evertoken_aws::Aws;
use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::group::Group;
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginId;
use evertoken_core::vault::VaultError;
use evertoken_packed_vault::{
    DayBudget, Departure, FoundPack, Generation, GroupState, PackId, PackIndex, PackState, Place, Reservation,
    ReserveError, UseId,
};
use time::OffsetDateTime;

use self::change::Change;
use self::error::WriteError;
use self::item::{Item, day, number, number_set, text, texts, time};
use self::key::Key;

/// The index in one table with the partition key `key` and no sort key.
#[derive(Clone, Debug)]
pub struct DynamoDbIndex {
    client: Client,
    table: String,
}

impl DynamoDbIndex {
    /// The index in this table. Sends no request. Timeouts and retries are those of Secrets Manager.
    pub fn new(aws: &Aws, table: impl Into<String>) -> Self {
        Self::with_client(Client::new(&aws.config()), table)
    }

    /// The index in this table, with a client of the caller's. Sends no request.
    pub fn with_client(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }
}

/// The changes of the names of some ids.
fn each_id<'a>(
    ids: &'a BTreeSet<AccountId>,
    change: impl Fn(Change) -> Change + 'a,
) -> impl Iterator<Item = Change> + 'a {
    ids.iter().map(move |id| change(Change::of(Key::names(id))))
}

/// Changes a place only if it is as the caller has read it.
fn as_read(change: Change, place: &Place) -> Change {
    let change = match place.removed_until {
        None => in_pack(change, &place.pack),
        Some(until) => change.only_if(
            "#pack = :read_pack AND #removed_until = :read_until",
            [(":read_pack", text(&place.pack)), (":read_until", time(until))],
        ),
    };
    if place.uses.is_empty() {
        return change.only_if("attribute_not_exists(#uses)", []);
    }
    let uses = texts(place.uses.iter().map(UseId::as_str));
    change.only_if("#uses = :read_uses", [(":read_uses", uses)])
}

/// Changes a place only if it is in this pack, and not that of a removed account.
fn in_pack(change: Change, pack: &PackId) -> Change {
    let condition = "#pack = :read_pack AND attribute_not_exists(#removed_until)";
    change.only_if(condition, [(":read_pack", text(pack))])
}

/// A failed condition means that there is nothing to change, which is a success.
fn nothing_to_change(error: WriteError) -> Result<(), VaultError> {
    match error {
        WriteError::Condition(_) => Ok(()),
        WriteError::Vault(error) => Err(error),
    }
}

/// Counts a place that is given away.
fn count(change: Change, budget: DayBudget) -> Change {
    let change = change.add("used", number(1));
    match budget {
        DayBudget::Continue { day: today, logins } => change
            .add("day_logins", number(1))
            .only_if("#day = :today AND #day_logins < :logins", [(":today", day(today)), (":logins", number(logins))]),
        DayBudget::Start { day: today } => change
            .set("day", day(today))
            .set("day_logins", number(1))
            .only_if("attribute_not_exists(#day) OR #day <> :day", []),
        DayBudget::Ignore => change,
    }
}

impl PackIndex for DynamoDbIndex {
    async fn place(&self, name: &AccountName) -> Result<Option<Place>, VaultError> {
        self.read(Key::place(name), Item::place).await
    }

    async fn places(&self, names: &[AccountName]) -> Result<BTreeMap<AccountName, Place>, VaultError> {
        self.read_batch(names, Key::place, Item::place).await
    }

    async fn names(&self, id: &AccountId) -> Result<BTreeSet<AccountName>, VaultError> {
        self.read(Key::names(id), Item::names).await
    }

    async fn pack(&self, pack: &PackId) -> Result<Option<PackState>, VaultError> {
        self.read(Key::pack(pack), Item::pack).await
    }

    async fn packs(&self, packs: &[PackId]) -> Result<BTreeMap<PackId, PackState>, VaultError> {
        self.read_batch(packs, Key::pack, Item::pack).await
    }

    async fn groups(&self) -> Result<BTreeSet<Group>, VaultError> {
        self.read(Key::groups(), Item::groups).await
    }

    async fn group(&self, group: &Group) -> Result<GroupState, VaultError> {
        self.read(Key::group(group), Item::group).await
    }

    async fn add_pack(&self, pack: &PackId) -> Result<(), VaultError> {
        let group = Change::of(Key::group(pack.group()))
            .set("packs", number(pack.number()))
            .add("open", number_set(pack.number()));
        let group = match pack.number().checked_sub(1) {
            None => return Err(VaultError::Conflict),
            Some(0) => group.only_if("attribute_not_exists(#packs)", []),
            Some(last) => group.only_if("#packs = :last", [(":last", number(last))]),
        };
        let new = PackState::new();
        let state = Change::of(Key::pack(pack))
            .set("generation", number(new.generation))
            .set("used", number(new.used))
            .set("day_logins", number(new.day_logins))
            .only_if("attribute_not_exists(#generation)", []);
        let groups = Change::of(Key::groups()).add("groups", texts([pack.group()]));
        Ok(self.transact(vec![group, state, groups]).await?)
    }

    async fn reopen(&self, pack: &PackId) -> Result<(), VaultError> {
        let group = Change::of(Key::group(pack.group())).add("open", number_set(pack.number()));
        let group = group.only_if("#packs >= :number", [(":number", number(pack.number()))]);
        Ok(self.change(group).await?)
    }

    async fn close(&self, pack: &PackId) -> Result<(), VaultError> {
        let group = Change::of(Key::group(pack.group())).delete("open", number_set(pack.number()));
        Ok(self.change(group).await?)
    }

    async fn reserve(&self, reservation: &Reservation) -> Result<(), ReserveError> {
        let Reservation { name, ids, pack, used_by, replaces, size, budget } = reservation;
        let replaced_pack = replaces.as_ref().map(|place| &place.pack).filter(|replaced| *replaced != pack);
        let mut place = Change::of(Key::place(name)).set("pack", text(pack)).set("uses", texts([used_by.as_str()]));
        place = place.remove("removed_until");
        if !ids.is_empty() {
            place = place.add("ids", texts(ids.iter().map(AccountId::as_str)));
        }
        if let Some(replaced) = replaced_pack {
            place = place.add("earlier", texts([replaced]));
        }
        place = match replaces {
            None => place.only_if("attribute_not_exists(#pack)", []),
            Some(Place { pack, removed_until: Some(until), .. }) => place.only_if(
                "#pack = :replaced AND #removed_until = :until",
                [(":replaced", text(pack)), (":until", time(*until))],
            ),
            // Only the place of a removed account can be replaced.
            Some(Place { removed_until: None, .. }) => return Err(ReserveError::Taken),
        };
        let state = Change::of(Key::pack(pack)).delete("removed", texts([name]));
        let state = count(state, *budget).only_if("#used < :size", [(":size", number(size))]);
        let mut changes = vec![place, state];
        changes.extend(each_id(ids, |id| id.add("names", texts([name]))));
        changes.extend(replaced_pack.map(|pack| Change::of(Key::pack(pack)).delete("removed", texts([name]))));
        self.transact(changes).await.map_err(|error| {
            if error.failed_at(0) {
                ReserveError::Taken
            } else if error.failed_at(1) {
                ReserveError::Full
            } else {
                VaultError::from(error).into()
            }
        })
    }

    async fn add_use(&self, name: &AccountName, pack: &PackId, next: &UseId) -> Result<(), VaultError> {
        let change = Change::of(Key::place(name)).add("uses", texts([next.as_str()]));
        Ok(self.change(in_pack(change, pack)).await?)
    }

    async fn take_use_back(&self, name: &AccountName, pack: &PackId, used_by: &UseId) -> Result<(), VaultError> {
        let change = Change::of(Key::place(name)).delete("uses", texts([used_by.as_str()]));
        let change = change.only_if("#pack = :pack", [(":pack", text(pack))]);
        self.change(change).await.or_else(nothing_to_change)
    }

    async fn register(&self, name: &AccountName, ids: &BTreeSet<AccountId>) -> Result<(), VaultError> {
        if ids.is_empty() {
            return self.place(name).await?.map(drop).ok_or(VaultError::Conflict);
        }
        let place = Change::of(Key::place(name)).add("ids", texts(ids.iter().map(AccountId::as_str)));
        let mut changes = vec![place.only_if("attribute_exists(#pack)", [])];
        changes.extend(each_id(ids, |id| id.add("names", texts([name]))));
        Ok(self.transact(changes).await?)
    }

    async fn unregister(&self, name: &AccountName, ids: &BTreeSet<AccountId>) -> Result<(), VaultError> {
        if ids.is_empty() {
            return self.place(name).await?.map(drop).ok_or(VaultError::Conflict);
        }
        let place = Change::of(Key::place(name)).delete("ids", texts(ids.iter().map(AccountId::as_str)));
        let mut changes = vec![place.only_if("attribute_exists(#pack)", [])];
        changes.extend(each_id(ids, |id| id.delete("names", texts([name]))));
        self.transact(changes).await?;
        self.delete_unused(ids).await
    }

    async fn mark_removed(&self, name: &AccountName, place: &Place, until: OffsetDateTime) -> Result<(), VaultError> {
        if place.removed_until.is_some() {
            return Err(VaultError::Conflict);
        }
        let change = as_read(Change::of(Key::place(name)).set("removed_until", time(until)), place);
        let state = Change::of(Key::pack(&place.pack))
            .set_if_absent("purge_after", time(until))
            .add("used", number(-1))
            .add("removed", texts([name]));
        Ok(self.transact(vec![change, state]).await?)
    }

    async fn release(&self, name: &AccountName, place: &Place) -> Result<(), VaultError> {
        let deletion = as_read(Change::deletion_of(Key::place(name)), place);
        let state = Change::of(Key::pack(&place.pack)).delete("removed", texts([name]));
        let state = if place.removed_until.is_none() { state.add("used", number(-1)) } else { state };
        let mut changes = vec![deletion, state];
        changes.extend(each_id(&place.ids, |id| id.delete("names", texts([name]))));
        self.transact(changes).await?;
        self.delete_unused(&place.ids).await
    }

    async fn move_to(&self, name: &AccountName, from: &PackId, to: &PackId) -> Result<(), VaultError> {
        let change = Change::of(Key::place(name)).set("pack", text(to)).add("earlier", texts([from]));
        let left = Change::of(Key::pack(from)).add("used", number(-1));
        let entered = Change::of(Key::pack(to)).add("used", number(1));
        Ok(self.transact(vec![in_pack(change, from), left, entered]).await?)
    }

    async fn depart(&self, pack: &PackId, departure: &Departure) -> Result<(), VaultError> {
        let change = Change::of(Key::pack(pack)).add("departures", texts([departure]));
        Ok(self.change(change.only_if("attribute_exists(#generation)", [])).await?)
    }

    async fn forget_departures(&self, pack: &PackId, departures: &BTreeSet<Departure>) -> Result<(), VaultError> {
        if departures.is_empty() {
            return Ok(());
        }
        let change = Change::of(Key::pack(pack)).delete("departures", texts(departures));
        let change = change.only_if("attribute_exists(#departures)", []);
        self.change(change).await.or_else(nothing_to_change)
    }

    async fn advance(&self, pack: &PackId, from: Generation) -> Result<(), VaultError> {
        let change = Change::of(Key::pack(pack))
            .set("generation", number(from.next()))
            .set("retiring", number(from))
            .only_if("#generation = :from AND attribute_not_exists(#retiring)", [(":from", number(from))]);
        Ok(self.transact(vec![change]).await?)
    }

    async fn retired(&self, pack: &PackId, generation: Generation) -> Result<(), VaultError> {
        let change = Change::of(Key::pack(pack)).remove("retiring");
        let change = change.only_if("#retiring = :generation", [(":generation", number(generation))]);
        self.change(change).await.or_else(nothing_to_change)
    }

    async fn purged(&self, pack: &PackId, due: OffsetDateTime) -> Result<(), VaultError> {
        let change = Change::of(Key::pack(pack)).remove("purge_after");
        let change = change.only_if("#purge_after = :due AND attribute_not_exists(#removed)", [(":due", time(due))]);
        self.change(change).await.or_else(nothing_to_change)
    }

    async fn app_limited_until(&self) -> Result<Option<OffsetDateTime>, VaultError> {
        self.read(Key::gate(), Item::limited_until).await
    }

    async fn limit_app_until(&self, until: OffsetDateTime) -> Result<(), VaultError> {
        let change = Change::of(Key::gate())
            .set("limited_until", time(until))
            .only_if("attribute_not_exists(#limited_until) OR #limited_until < :until", [(":until", time(until))]);
        self.change(change).await.or_else(nothing_to_change)
    }

    async fn record_pack(&self, pack: &PackId, known: Option<Generation>, found: &FoundPack) -> Result<(), VaultError> {
        let change = Change::of(Key::pack(pack))
            .set("generation", number(found.generation))
            .set_if_absent("purge_after", time(found.purge_after));
        let change = match found.retiring {
            Some(retiring) => change.set("retiring", number(retiring)),
            None => change.remove("retiring"),
        };
        let change = match known {
            Some(known) => change.only_if("#generation = :known", [(":known", number(known))]),
            None => change
                .set("used", number(0))
                .set("day_logins", number(0))
                .only_if("attribute_not_exists(#generation)", []),
        };
        Ok(self.transact(vec![change]).await?)
    }

    async fn record_group(&self, group: &Group, packs: u32) -> Result<(), VaultError> {
        let state = Change::of(Key::group(group))
            .set("packs", number(packs))
            .only_if("attribute_not_exists(#packs) OR #packs <= :packs", []);
        let groups = Change::of(Key::groups()).add("groups", texts([group]));
        self.transact(vec![state, groups]).await.or_else(nothing_to_change)
    }

    async fn claim(&self, invite: &InviteId, now: OffsetDateTime, until: OffsetDateTime) -> Result<(), VaultError> {
        let claim = Change::of(Key::claim(invite))
            .set("expires_at", time(until))
            .only_if("attribute_not_exists(#expires_at) OR #expires_at < :now", [(":now", time(now))]);
        Ok(self.transact(vec![claim]).await?)
    }

    async fn is_claimed(&self, invite: &InviteId) -> Result<bool, VaultError> {
        Ok(self.find(Key::claim(invite)).await?.is_some())
    }

    async fn withdraw(&self, invite: &InviteId) -> Result<(), VaultError> {
        self.delete(Key::claim(invite)).await
    }

    async fn remember(&self, login: &LoginId, name: &AccountName, until: OffsetDateTime) -> Result<(), VaultError> {
        let record = Change::of(Key::login(login)).set("name", text(name)).set("expires_at", time(until));
        Ok(self.change(record).await?)
    }

    async fn recall(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        self.read(Key::login(login), Item::name).await
    }
}
