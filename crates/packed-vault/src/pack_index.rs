//! The port to the index: which pack an account is in. It holds no token and no username.

mod entries;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::group::Group;
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginId;
use evertoken_core::vault::VaultError;
use time::OffsetDateTime;

pub use self::entries::{
    DayBudget, Departure, FoundPack, GroupState, PackState, Place, Reservation, ReserveError, UseId,
};
use crate::ids::{Generation, PackId};

/// One table in DynamoDB, with the partition key `key` and no sort key. Each operation is one request. Reads are strongly
/// consistent.
///
/// | key | attributes |
/// | --- | --- |
/// | `A#<name>` | `pack`, `uses`, `ids`, `earlier` (string sets), `removed_until` |
/// | `I#<id>` | `names` (string set) |
/// | `P#<pack>` | `generation`, `retiring`, `used`, `day`, `day_logins`, `purge_after`, `removed`, `departures` (string sets) |
/// | `G#<group>` | `packs`, `open` (number set) |
/// | `GROUPS` | `groups` (string set) |
/// | `C#<invite>` | `expires_at` (TTL) |
/// | `L#<login>` | `name`, `expires_at` (TTL) |
/// | `GATE` | `limited_until` |
///
/// An absent set is an empty one. Times are Unix seconds, because TTL requires it; `day` is a date such as `2026-11-26`.
///
/// Errors are those of the vault. A table that does not exist is [`VaultError::Unavailable`] with a code that names the
/// table. [`VaultError::Unreadable`] is never returned. [`VaultError::Conflict`] means that a condition failed
/// (`ConditionalCheckFailedException`, or `TransactionCanceledException` with `ConditionalCheckFailed` or
/// `TransactionConflict`), and that nothing was changed.
pub trait PackIndex: Send + Sync + 'static {
    /// Where an account is.
    ///
    /// `GetItem A#`.
    fn place(&self, name: &AccountName) -> impl Future<Output = Result<Option<Place>, VaultError>> + Send;

    /// Where at most [`BATCH`] accounts are. Names without a place are left out.
    ///
    /// `BatchGetItem A#`, repeated for `UnprocessedKeys`.
    fn places(
        &self,
        names: &[AccountName],
    ) -> impl Future<Output = Result<BTreeMap<AccountName, Place>, VaultError>> + Send;

    /// The names that may belong to an id. The documents decide.
    ///
    /// `GetItem I#`.
    fn names(&self, id: &AccountId) -> impl Future<Output = Result<BTreeSet<AccountName>, VaultError>> + Send;

    /// The state of a pack.
    ///
    /// `GetItem P#`.
    fn pack(&self, pack: &PackId) -> impl Future<Output = Result<Option<PackState>, VaultError>> + Send;

    /// The states of at most [`BATCH`] packs. Packs that the index does not know are left out.
    ///
    /// `BatchGetItem P#`, repeated for `UnprocessedKeys`.
    fn packs(&self, packs: &[PackId]) -> impl Future<Output = Result<BTreeMap<PackId, PackState>, VaultError>> + Send;

    /// All groups that have a pack.
    ///
    /// `GetItem GROUPS`.
    fn groups(&self) -> impl Future<Output = Result<BTreeSet<Group>, VaultError>> + Send;

    /// The packs of a group. The default value if the group has none.
    ///
    /// `GetItem G#`.
    fn group(&self, group: &Group) -> impl Future<Output = Result<GroupState, VaultError>> + Send;

    /// Adds the pack that follows the last one of its group, and opens it for new accounts. Conflict if the group does not
    /// have `pack.number() - 1` packs.
    ///
    /// `TransactWriteItems`: `Update G# SET packs = :number ADD open :number`, if `packs = :number - 1`, or for number 1 if
    /// `attribute_not_exists(packs)`; `Put P#` with [`PackState::new`], if absent; `Update GROUPS ADD groups :group`.
    fn add_pack(&self, pack: &PackId) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Opens a pack for new accounts again. Nothing happens if it is open.
    ///
    /// `UpdateItem G# ADD open :number`, if `packs >= :number`.
    fn reopen(&self, pack: &PackId) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Closes a pack for new accounts. Nothing happens if it is closed.
    ///
    /// `UpdateItem G# DELETE open :number`.
    fn close(&self, pack: &PackId) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Gives a name a place in a pack.
    ///
    /// `TransactWriteItems`:
    /// 1. `Update A# SET pack, uses REMOVE removed_until ADD ids, earlier`, if `attribute_not_exists(pack)`, or for a place
    ///    that is replaced `pack = :replaced AND removed_until = :until`. `earlier` gets the pack of the place that is
    ///    replaced, unless it is the same. Failed: [`ReserveError::Taken`].
    /// 2. `Update P# ADD used 1, day_logins 1 DELETE removed :name`, if `used < :size` and the budget's condition. With
    ///    [`DayBudget::Continue`]: `day = :day AND day_logins < :logins`. With [`DayBudget::Start`]: `SET day = :day,
    ///    day_logins = 1` instead, if `attribute_not_exists(day) OR day <> :day`. With [`DayBudget::Ignore`]: neither
    ///    condition nor change. Failed: [`ReserveError::Full`].
    /// 3. For each id, `Update I# ADD names :name`.
    /// 4. If a place in another pack is replaced: `Update P# DELETE removed :name` of that pack.
    fn reserve(&self, reservation: &Reservation) -> impl Future<Output = Result<(), ReserveError>> + Send;

    /// Adds a use to a place: another login is about to store a document. Conflict if the place is in another pack, or if it
    /// is that of a removed account.
    ///
    /// `UpdateItem A# ADD uses :next`, if `pack = :pack AND attribute_not_exists(removed_until)`.
    fn add_use(
        &self,
        name: &AccountName,
        pack: &PackId,
        next: &UseId,
    ) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Takes a use back: the login's document was refused. Nothing happens if the name has no such place.
    ///
    /// `UpdateItem A# DELETE uses :used_by`, if `pack = :pack`; a failed condition is a success.
    fn take_use_back(
        &self,
        name: &AccountName,
        pack: &PackId,
        used_by: &UseId,
    ) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Lets an account be found by more ids. Conflict if the name has no place.
    ///
    /// `TransactWriteItems`: `Update A# ADD ids`, if `attribute_exists(pack)`; for each id, `Update I# ADD names :name`.
    fn register(
        &self,
        name: &AccountName,
        ids: &BTreeSet<AccountId>,
    ) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Lets an account no longer be found by some ids.
    ///
    /// `TransactWriteItems`: `Update A# DELETE ids`, if `attribute_exists(pack)`; for each id, `Update I# DELETE names :name`.
    /// Then, for each id, `DeleteItem I#`, if `attribute_not_exists(names)`; a failed condition is a success.
    fn unregister(
        &self,
        name: &AccountName,
        ids: &BTreeSet<AccountId>,
    ) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Records that an account was removed and that earlier versions of its pack hold it until `until`. Conflict if the place
    /// is not as read.
    ///
    /// `TransactWriteItems`: `Update A# SET removed_until = :until`, if `pack = :pack AND uses = :uses AND
    /// attribute_not_exists(removed_until)`;
    /// `Update P# SET purge_after = if_not_exists(purge_after, :until) ADD used -1, removed :name`.
    fn mark_removed(
        &self,
        name: &AccountName,
        place: &Place,
        until: OffsetDateTime,
    ) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Forgets a name and its ids. Conflict if the place is not as read.
    ///
    /// `TransactWriteItems`: `Delete A#`, if `pack`, `uses` and `removed_until` are as read; `Update P# DELETE removed :name`,
    /// and `ADD used -1` unless the account was marked as removed; for each id of the place, `Update I# DELETE names :name`.
    /// Then, for each id, `DeleteItem I#`, if `attribute_not_exists(names)`; a failed condition is a success.
    fn release(&self, name: &AccountName, place: &Place) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Points a name to another pack. Conflict if it is not in the first one, or if it is that of a removed account.
    ///
    /// `TransactWriteItems`: `Update A# SET pack = :to ADD earlier :from`, if `pack = :from AND
    /// attribute_not_exists(removed_until)`; `Update P# ADD used -1` of the one pack, and `ADD used 1` of the other.
    fn move_to(
        &self,
        name: &AccountName,
        from: &PackId,
        to: &PackId,
    ) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Records that an account has left a pack that could not be written. Conflict if the index does not know the pack.
    ///
    /// `UpdateItem P# ADD departures :departure`, if `attribute_exists(generation)`.
    fn depart(&self, pack: &PackId, departure: &Departure) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Forgets departures: the pack has been written since. Nothing happens to others.
    ///
    /// `UpdateItem P# DELETE departures :departures`, if `attribute_exists(departures)`; a failed condition is a success.
    fn forget_departures(
        &self,
        pack: &PackId,
        departures: &BTreeSet<Departure>,
    ) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Points a pack to the secret of its next generation. Conflict if `from` is not its generation, or if the secret of an
    /// earlier one is still to be deleted.
    ///
    /// `UpdateItem P# SET generation = :next, retiring = :from`, if `generation = :from AND
    /// attribute_not_exists(retiring)`.
    fn advance(&self, pack: &PackId, from: Generation) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Records that the secret of an earlier generation was deleted. Nothing happens if that was recorded before.
    ///
    /// `UpdateItem P# REMOVE retiring`, if `retiring = :generation`; a failed condition is a success.
    fn retired(&self, pack: &PackId, generation: Generation) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Records that all accounts that were to be purged at `due` are forgotten. Nothing happens if there are others.
    ///
    /// `UpdateItem P# REMOVE purge_after`, if `purge_after = :due AND attribute_not_exists(removed)`; a failed condition is a
    /// success.
    fn purged(&self, pack: &PackId, due: OffsetDateTime) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Until when Instagram limits the app, as any process has recorded.
    ///
    /// `GetItem GATE`.
    fn app_limited_until(&self) -> impl Future<Output = Result<Option<OffsetDateTime>, VaultError>> + Send;

    /// Records until when Instagram limits the app. A later time that was recorded before stays.
    ///
    /// `UpdateItem GATE SET limited_until = :until`, if `attribute_not_exists(limited_until) OR limited_until < :until`; a
    /// failed condition is a success.
    fn limit_app_until(&self, until: OffsetDateTime) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Records the secret of a pack that the index does not know, or knows in another generation. The pack has no places yet if
    /// it was unknown. Conflict if the generation is not `known`.
    ///
    /// `UpdateItem P# SET generation = :generation, retiring = :retiring, purge_after = if_not_exists(purge_after, :due)`
    /// (`REMOVE retiring` if there is none), if `generation = :known`. For an unknown pack, also `SET used = 0, day_logins = 0`,
    /// if `attribute_not_exists(generation)`.
    fn record_pack(
        &self,
        pack: &PackId,
        known: Option<Generation>,
        found: &FoundPack,
    ) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Records that a group has at least so many packs.
    ///
    /// `TransactWriteItems`: `Update G# SET packs = :packs`, if `attribute_not_exists(packs) OR packs <= :packs`; `Update GROUPS
    /// ADD groups :group`. A failed condition is a success.
    fn record_group(&self, group: &Group, packs: u32) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Uses up an invite. Conflict if it was used before. The claim is kept until `until`.
    ///
    /// `PutItem C#`, if `attribute_not_exists(expires_at) OR expires_at < :now`: TTL deletes some days late (AWS, DynamoDB,
    /// "Time to Live").
    fn claim(
        &self,
        invite: &InviteId,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Whether an invite was used.
    ///
    /// `GetItem C#`.
    fn is_claimed(&self, invite: &InviteId) -> impl Future<Output = Result<bool, VaultError>> + Send;

    /// Withdraws a claim.
    ///
    /// `DeleteItem C#`.
    fn withdraw(&self, invite: &InviteId) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Records the name that a login stored its account under, until `until`.
    ///
    /// `PutItem L#`.
    fn remember(
        &self,
        login: &LoginId,
        name: &AccountName,
        until: OffsetDateTime,
    ) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// The name that a login stored its account under.
    ///
    /// `GetItem L#`.
    fn recall(&self, login: &LoginId) -> impl Future<Output = Result<Option<AccountName>, VaultError>> + Send;
}

/// The most keys of a batch: `BatchGetItem` returns at most 100 items.
pub const BATCH: usize = 100;
