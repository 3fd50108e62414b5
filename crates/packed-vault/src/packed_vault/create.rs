//! Gives accounts a place, and stores their first document.

use std::time::Duration;

use evertoken_core::account::AccountName;
use evertoken_core::document::{Document, Placement, VersionId};
use evertoken_core::group::Group;
use evertoken_core::vault::{AccountStore, OutageCause, Removal, VaultError};
use sha2::{Digest, Sha256};
use time::Date;
use tokio::time::Instant;

use super::commit::CommitError;
use super::open::Freshness;
use super::{PackedVault, ROUNDS, contended, ids_of, index_lost, too_large, unreadable};
use crate::ids::{Generation, PackId};
use crate::layered_vault::are_versions_used_up;
use crate::pack::{Change, ChangeError, Pack};
use crate::pack_index::{DayBudget, GroupState, PackIndex, PackState, Place, Reservation, ReserveError, UseId};
use crate::pack_secrets::{CreateError, PackSecrets};
use crate::revision::AccountVersion;

/// How many open packs a login looks at. The newest one is always among them.
const CANDIDATES: usize = 16;

/// How many packs the accounts that an operator moves are spread over.
const PACKS_FOR_MOVES: usize = 4;

/// Whether a new place counts towards those that a pack gives away in a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counting {
    /// Each login is a write of its own.
    Login,
    /// Accounts that get their places from an operator are written together.
    Move,
}

/// How often a login's transaction may conflict with those of others before it opens another pack. Transactions on one item
/// conflict if they arrive at the same time (AWS, "DynamoDB transactions"), so one open pack limits the logins per second.
const MOST_CONFLICTS: u32 = 3;

/// A failed attempt is not repeated after this time: a login needs the rest of its own to store the account elsewhere.
const RETRY_UNTIL: Duration = Duration::from_secs(5);

impl<S: PackSecrets, I: PackIndex> PackedVault<S, I> {
    /// Stores an account's first document, and tries twice: a secret of its own would cost as much as a pack.
    pub(crate) async fn create_with_retry(&self, document: &Document) -> Result<VersionId, VaultError> {
        let begun_at = Instant::now();
        let mut uses = Vec::new();
        match self.create_account(document, &mut uses).await {
            Err(error) if may_succeed_later(&error) && begun_at.elapsed() < RETRY_UNTIL => {}
            created => return created,
        }
        let failed: Vec<_> = std::mem::take(&mut uses);
        match self.create_account(document, &mut uses).await {
            Ok(version) => {
                self.take_uses_back(&document.name, &version, &failed).await;
                Ok(version)
            }
            // The response of the first attempt may have been lost.
            Err(VaultError::Conflict) => match self.get(&document.name).await? {
                Some(present) if present.document == *document => Ok(present.version),
                _ => Err(VaultError::Conflict),
            },
            error => error,
        }
    }

    /// Takes back the uses of a failed attempt, so that the account's removal gives up its place. The pack was written since,
    /// so no write of that attempt can succeed any more.
    async fn take_uses_back(&self, name: &AccountName, version: &VersionId, uses: &[UseId]) {
        let Some(AccountVersion { pack, .. }) = AccountVersion::parse(version) else { return };
        for used_by in uses {
            if let Err(error) = self.0.index.take_use_back(name, &pack, used_by).await {
                tracing::warn!(account.name = %name, reason = %error, "a use of a place in a pack could not be taken back");
            }
        }
    }

    /// Stores an account's first document. `uses` receives the uses of the place that may have been added.
    ///
    /// The index is not written together with the pack. So a login first adds a use of its own to the place, and stores the
    /// document under it. A removal releases the place only if the deleted document was stored under the place's only use:
    /// otherwise another login is about to store one.
    pub(super) async fn create_account(
        &self,
        document: &Document,
        uses: &mut Vec<UseId>,
    ) -> Result<VersionId, VaultError> {
        let name = &document.name;
        for _ in 0..ROUNDS {
            let used_by = self.new_use()?;
            uses.push(used_by.clone());
            let pack = match self.0.index.place(name).await? {
                Some(place) if place.removed_until.is_none() => {
                    if self.open(&place.pack, Freshness::Newest).await?.pack.holds(name) {
                        return Err(VaultError::Conflict);
                    }
                    match self.0.index.add_use(name, &place.pack, &used_by).await {
                        Ok(()) => place.pack,
                        Err(VaultError::Conflict) => continue,
                        Err(error) => return Err(error),
                    }
                }
                removed => match self.reserve(document, removed, &used_by, Counting::Login).await? {
                    Some(pack) => pack,
                    None => continue,
                },
            };
            let created = Change::Create { document: Box::new(document.clone()), used_by: used_by.clone() };
            return match self.submit(&pack, created, self.0.settings.new_accounts.urgency()).await {
                Ok(done) => {
                    self.register_if_forgotten(document).await?;
                    Ok(AccountVersion { pack, revision: done.revision }.id())
                }
                Err(error) => {
                    match error {
                        CommitError::Refused(_) => {
                            self.end_use(name, &pack, &used_by, Removal::Recoverable).await?;
                        }
                        CommitError::Vault(VaultError::Unreadable(_)) => self.avoid(&pack, name, &used_by).await,
                        // If it is not known whether the document was stored, the use stays.
                        CommitError::Vault(_) => {}
                    }
                    Err(self.resolve(&pack, name, error).await)
                }
            };
        }
        Err(VaultError::Conflict)
    }

    /// Registers the ids of a stored account again, if a removal for good has forgotten them in the meantime. A read costs a
    /// fraction of a transaction.
    async fn register_if_forgotten(&self, document: &Document) -> Result<(), VaultError> {
        let ids = ids_of(document);
        match self.0.index.place(&document.name).await? {
            Some(place) if ids.is_subset(&place.ids) => Ok(()),
            _ => self.0.index.register(&document.name, &ids).await,
        }
    }

    /// Finishes a move that a change has met, and returns the error for the vault's caller.
    pub(super) async fn resolve(&self, pack: &PackId, name: &AccountName, error: CommitError) -> VaultError {
        match error {
            CommitError::Vault(error) => error,
            CommitError::Refused(ChangeError::Conflict) => VaultError::Conflict,
            CommitError::Refused(ChangeError::Unreadable(reason)) => VaultError::Unreadable(reason),
            CommitError::Refused(ChangeError::TooLarge) => too_large(),
            CommitError::Refused(ChangeError::Moving(to)) => match self.finish_move(pack, name, &to).await {
                // The account has another version now.
                Ok(()) => VaultError::Conflict,
                Err(error) => error,
            },
        }
    }

    /// Reserves a place in an open pack. `None` if another login was faster.
    pub(super) async fn reserve(
        &self,
        document: &Document,
        removed: Option<Place>,
        used_by: &UseId,
        counting: Counting,
    ) -> Result<Option<PackId>, VaultError> {
        let settings = &self.0.settings;
        let group = match document.placement() {
            Placement::Group(group) => group,
            Placement::Anywhere | Placement::OwnSecret => settings.group.clone(),
        };
        let today = self.0.clock.now().date();
        let mut conflicts = 0;
        for round in 0..ROUNDS {
            let known = self.0.index.group(&group).await?;
            let free = self.free_pack(&group, &known, &document.name, counting).await?;
            let Some((pack, state)) = free.filter(|_| conflicts < MOST_CONFLICTS) else {
                self.add_next_pack(&group, &known).await?;
                conflicts = 0;
                continue;
            };
            let reservation = Reservation {
                name: document.name.clone(),
                ids: ids_of(document),
                pack: pack.clone(),
                used_by: used_by.clone(),
                replaces: removed.clone(),
                size: settings.size.accounts(),
                budget: match counting {
                    Counting::Move => DayBudget::Ignore,
                    Counting::Login if state.day == Some(today) => {
                        DayBudget::Continue { day: today, logins: settings.logins_per_day }
                    }
                    Counting::Login => DayBudget::Start { day: today },
                },
            };
            match self.0.index.reserve(&reservation).await {
                Ok(()) => return Ok(Some(pack)),
                Err(ReserveError::Taken) => return Ok(None),
                Err(ReserveError::Full) => self.wait(round).await,
                Err(ReserveError::Vault(VaultError::Conflict)) => {
                    conflicts += 1;
                    self.wait(round).await;
                }
                Err(ReserveError::Vault(error)) => return Err(error),
            }
        }
        let code = "no pack has a free place".to_owned();
        Err(VaultError::Unavailable { cause: OutageCause::Throttled, code })
    }

    /// An open pack that takes one more account today. Different names prefer different packs, so that concurrent logins
    /// rarely meet.
    async fn free_pack(
        &self,
        group: &Group,
        state: &GroupState,
        name: &AccountName,
        counting: Counting,
    ) -> Result<Option<(PackId, PackState)>, VaultError> {
        let settings = &self.0.settings;
        let mut open: Vec<_> = state.open.iter().copied().collect();
        if counting == Counting::Move {
            // Each write of a pack is one of its versions. In few packs, many accounts share one.
            open.truncate(PACKS_FOR_MOVES);
        }
        let start = hash(name).checked_rem(open.len()).unwrap_or_default();
        let mut numbers: Vec<_> = open.iter().cycle().skip(start).take(open.len().min(CANDIDATES)).copied().collect();
        numbers.extend(open.last().filter(|newest| !numbers.contains(newest)).copied().as_slice());
        let packs: Vec<_> = numbers.into_iter().map(|number| PackId::new(group.clone(), number)).collect();
        if packs.is_empty() {
            return Ok(None);
        }
        let mut states = self.0.index.packs(&packs).await?;
        let today = self.0.clock.now().date();
        for pack in packs {
            let state = states.remove(&pack).ok_or_else(|| index_lost(&format!("the pack {pack}")))?;
            if state.used >= settings.size.accounts() {
                self.close(&pack).await;
            } else if counting == Counting::Move || takes_accounts(&state, today, settings.logins_per_day) {
                return Ok(Some((pack, state)));
            }
        }
        Ok(None)
    }

    /// Adds the pack that follows the last one of the group as it was read. If several logins of this process find no free
    /// place at the same time, one of them adds the pack and the others wait.
    async fn add_next_pack(&self, group: &Group, state: &GroupState) -> Result<(), VaultError> {
        let number = state.packs.saturating_add(1);
        let mut last_added = self.0.last_added.lock().await;
        if last_added.get(group).is_none_or(|last| *last < number) {
            self.add_pack(&PackId::new(group.clone(), number), None).await?;
            last_added.insert(group.clone(), number);
        }
        Ok(())
    }

    /// Adds a pack. `content` is the pack's first value, which is empty by default. Returns `false` if another process has added
    /// the pack, perhaps with another first value.
    pub(super) async fn add_pack(&self, id: &PackId, content: Option<Pack>) -> Result<bool, VaultError> {
        // If the index was lost or restored, the pack exists, perhaps in a later generation.
        let known = self.0.secrets.list(Some(id), None).await?;
        let secret = id.at(Generation::FIRST);
        if let Some(other) = known.secrets.iter().find(|known| **known != secret) {
            return self.unless_added(id, index_lost(&format!("the secret {other}"))).await;
        }
        let content = content.unwrap_or_else(|| Pack::new(&secret));
        let value = content.encode().map_err(|error| error.into_vault_error(&secret))?;
        let is_content = match self.0.secrets.create(&secret, &value).await {
            Ok(_) => true,
            Err(CreateError::Exists) => match self.read(&secret, Freshness::Newest).await? {
                Some(held) if held.pack == content => true,
                // The process that has created it may have stopped.
                Some(held) if held.pack.is_empty() && held.pack.next_revision() == content.next_revision() => false,
                Some(_) => return self.unless_added(id, index_lost(&format!("the secret {secret}"))).await,
                None => {
                    let error = unreadable(format!("the secret {secret} cannot be created: it is being deleted"));
                    return self.unless_added(id, error).await;
                }
            },
            Err(CreateError::Vault(error)) => return Err(error),
        };
        for round in 0..ROUNDS {
            match self.0.index.add_pack(id).await {
                Ok(()) => return Ok(is_content),
                // Another process has added it, or the transaction met another one.
                Err(VaultError::Conflict) if self.is_added(id).await? => return Ok(is_content),
                Err(VaultError::Conflict) => self.wait(round).await,
                Err(error) => return Err(error),
            }
        }
        Err(contended(id))
    }

    /// Nothing is wrong if another process has added the pack in the meantime.
    async fn unless_added(&self, id: &PackId, error: VaultError) -> Result<bool, VaultError> {
        if self.is_added(id).await? { Ok(false) } else { Err(error) }
    }

    async fn is_added(&self, id: &PackId) -> Result<bool, VaultError> {
        Ok(self.0.index.group(id.group()).await?.packs >= id.number())
    }

    pub(crate) fn new_use(&self) -> Result<UseId, VaultError> {
        let mut bytes = [0; 8];
        self.0
            .entropy
            .fill(&mut bytes)
            .map_err(|error| VaultError::Unavailable { cause: OutageCause::Other, code: error.to_string() })?;
        Ok(UseId::new(hex::encode(bytes)))
    }
}

/// Whether another attempt may have another result.
fn may_succeed_later(error: &VaultError) -> bool {
    match error {
        VaultError::Unavailable { cause, .. } => *cause != OutageCause::StorageFull && !are_versions_used_up(error),
        _ => false,
    }
}

/// Whether a pack that has room takes another new account today.
///
/// Secrets Manager counts the versions of 24 hours, which may be those of an evening and of the next morning. So a pack that
/// has taken more than a quarter of its daily accounts in one day takes none in the next.
fn takes_accounts(state: &PackState, today: Date, logins_per_day: u32) -> bool {
    match state.day {
        Some(day) if day == today => state.day_logins < logins_per_day,
        Some(day) if day.next_day() == Some(today) => state.day_logins <= logins_per_day / 4,
        _ => true,
    }
}

/// Spreads names evenly. Stable, so that a login that is repeated prefers the same pack.
fn hash(name: &AccountName) -> usize {
    let digest = Sha256::digest(name.as_str());
    let bytes = digest.first_chunk::<4>().copied().unwrap_or_default();
    usize::try_from(u32::from_be_bytes(bytes)).unwrap_or_default()
}
