//! Lets accounts enter a pack from a secret of their own, and leave it for one.

use evertoken_core::account::AccountName;
use evertoken_core::document::{Document, VersionId};
use evertoken_core::vault::{Removal, VaultError};
use secrecy::ExposeSecret;

use super::commit::{CommitError, Urgency};
use super::create::Counting;
use super::open::Freshness;
use super::removal::is_only_use;
use super::{PackedVault, ROUNDS, ids_of, too_large};
use crate::ids::PackId;
use crate::pack::{Change, ChangeError, Copied, LARGEST_DOCUMENT};
use crate::pack_index::{PackIndex, Place, UseId};
use crate::pack_secrets::PackSecrets;
use crate::revision::AccountVersion;

/// The answer to an account that wants to enter a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expectation {
    /// The pack expects the account.
    In(PackId),
    /// The account is in its pack already.
    Held,
}

/// An account in a pack, to be copied to a secret of its own.
#[derive(Clone, Debug)]
pub(crate) struct Leaving {
    pub(crate) pack: PackId,
    pub(crate) document: Document,
    pub(crate) parked: Option<Document>,
    revision: u64,
    pub(crate) used_by: Option<UseId>,
}

impl Leaving {
    /// The version of the account in its pack.
    pub(crate) fn version(&self) -> VersionId {
        AccountVersion { pack: self.pack.clone(), revision: self.revision }.id()
    }
}

impl<S: PackSecrets, I: PackIndex> PackedVault<S, I> {
    /// Gives an account a place in a pack that expects it. The pack expects the last move that has asked.
    pub(crate) async fn expect(&self, document: &Document, by: &UseId) -> Result<Expectation, VaultError> {
        let name = &document.name;
        if document.encode().expose_secret().len() > LARGEST_DOCUMENT {
            return Err(too_large());
        }
        for _ in 0..ROUNDS {
            let place = self.index().place(name).await?;
            let is_reserved = place.as_ref().is_some_and(|place| place.removed_until.is_none());
            let (pack, earlier_move) = match place {
                Some(place) if place.removed_until.is_none() => {
                    let present = self.open(&place.pack, Freshness::Newest).await?.pack;
                    if present.holds(name) {
                        return Ok(Expectation::Held);
                    }
                    match self.index().add_use(name, &place.pack, by).await {
                        Ok(()) => (place.pack, present.in_transit(name)),
                        Err(VaultError::Conflict) => continue,
                        Err(error) => return Err(error),
                    }
                }
                removed => match self.reserve(document, removed, by, Counting::Move).await? {
                    Some(pack) => (pack, None),
                    None => continue,
                },
            };
            let expect = Change::Expect { name: name.clone(), by: by.clone() };
            match self.submit(&pack, expect, Urgency::CanWait).await {
                Ok(_) => {
                    if is_reserved {
                        self.index().register(name, &ids_of(document)).await?;
                    }
                    // That move can no longer be completed.
                    if let Some(earlier) = earlier_move {
                        self.index().take_use_back(name, &pack, &earlier).await?;
                    }
                    return Ok(Expectation::In(pack));
                }
                Err(CommitError::Refused(ChangeError::Conflict)) => {
                    self.end_use(name, &pack, by, Removal::Recoverable).await?;
                    return Ok(Expectation::Held);
                }
                Err(CommitError::Vault(error @ VaultError::Unreadable(_))) => {
                    self.avoid(&pack, name, by).await;
                    return Err(error);
                }
                Err(error) => return Err(self.resolve(&pack, name, error).await),
            }
        }
        Err(VaultError::Conflict)
    }

    /// Lets accounts go to other packs than one that cannot be read.
    pub(super) async fn avoid(&self, pack: &PackId, name: &AccountName, by: &UseId) {
        self.close(pack).await;
        let is_unused = |place: &Place| place.pack == *pack && is_only_use(Some(by), place);
        let released = match self.index().place(name).await {
            Ok(Some(place)) if is_unused(&place) && place.removed_until.is_none() => {
                self.index().release(name, &place).await
            }
            Ok(_) => self.index().take_use_back(name, pack, by).await,
            Err(error) => Err(error),
        };
        if let Err(error) = released {
            tracing::warn!(account.name = %name, reason = %error, "the account keeps a place in an unreadable pack");
        }
    }

    /// Stores an account that its pack expects. `None` if it does not expect this move any more.
    pub(crate) async fn admit(
        &self,
        pack: &PackId,
        by: &UseId,
        document: &Document,
        parked: Option<&Document>,
    ) -> Result<Option<VersionId>, VaultError> {
        let name = document.name.clone();
        let copied = Copied {
            name: name.clone(),
            json: document.encode(),
            parked: parked.map(Document::encode),
            used_by: Some(by.clone()),
        };
        match self.submit(pack, Change::Admit(Box::new(copied)), Urgency::CanWait).await {
            Ok(done) => Ok(Some(AccountVersion { pack: pack.clone(), revision: done.revision }.id())),
            Err(CommitError::Refused(ChangeError::Conflict)) => Ok(None),
            Err(error) => Err(self.resolve(pack, &name, error).await),
        }
    }

    /// An account as its pack holds it. `None` if no pack holds it.
    pub(crate) async fn leaving(&self, name: &AccountName) -> Result<Option<Leaving>, VaultError> {
        for _ in 0..ROUNDS {
            let place = self.index().place(name).await?;
            let Some(place) = place.filter(|place| place.removed_until.is_none()) else { return Ok(None) };
            let pack = self.open(&place.pack, Freshness::Newest).await?.pack;
            if let Some(to) = pack.moving_to(name).cloned() {
                self.finish_move(&place.pack, name, &to).await?;
                continue;
            }
            let Some(present) = pack.account(name)? else {
                if self.index().place(name).await?.as_ref() == Some(&place) {
                    return Ok(None);
                }
                continue;
            };
            return Ok(Some(Leaving {
                pack: place.pack,
                document: present.document,
                parked: pack.parked(name)?,
                revision: pack.revision(name),
                used_by: pack.used_by(name),
            }));
        }
        Err(VaultError::Conflict)
    }

    /// Lets an account leave its pack for the sealed secret that it was copied to. Conflict if it has changed since.
    pub(crate) async fn leave(&self, leaving: &Leaving, by: &UseId) -> Result<(), VaultError> {
        let Leaving { pack, document, revision, used_by, .. } = leaving;
        let name = &document.name;
        self.index().add_use(name, pack, by).await?;
        let leave = Change::Leave { name: name.clone(), revision: *revision, by: by.clone() };
        match self.submit(pack, leave, Urgency::CanWait).await {
            Ok(_) => match used_by {
                Some(used_by) => self.index().take_use_back(name, pack, used_by).await,
                None => Ok(()),
            },
            Err(error) => {
                // If it is not known whether the account has left, the use stays.
                if matches!(error, CommitError::Refused(_)) {
                    self.end_use(name, pack, by, Removal::Recoverable).await?;
                }
                Err(self.resolve(pack, name, error).await)
            }
        }
    }

    /// Gives up the place of an account that has a secret of its own again. The earlier versions of the pack hold the account
    /// until they are purged, as those of a removed one.
    pub(crate) async fn settle(&self, pack: &PackId, name: &AccountName, by: &UseId) -> Result<(), VaultError> {
        // If this process stops after the change, nobody repeats what follows.
        self.ensure_purge(pack).await?;
        let settled = self.submit(pack, Change::Settle { name: name.clone(), by: by.clone() }, Urgency::CanWait).await;
        if let Err(error) = settled {
            return Err(self.resolve(pack, name, error).await);
        }
        let place = self.index().place(name).await?;
        let Some(place) = place.filter(|place| place.pack == *pack && place.removed_until.is_none()) else {
            return Ok(());
        };
        self.give_up_place(name, &place, Some(by), Removal::Recoverable).await?;
        self.reopen_if_roomy(pack).await;
        Ok(())
    }

    fn index(&self) -> &I {
        &self.0.index
    }
}
