//! Lets accounts leave a pack that cannot be written.
//!
//! A secret takes 100 versions in 24 hours. After that, its pack cannot be written, and so it cannot put an account in transit
//! either. So the index records that the account has left, and everybody who reads the pack puts it in transit. The next
//! write of the pack stores that, and the index forgets the departure.

use std::collections::BTreeSet;

use evertoken_core::account::AccountName;
use evertoken_core::vault::{Removal, VaultError};

use super::PackedVault;
use super::open::Freshness;
use crate::ids::PackId;
use crate::pack_index::{Departure, PackIndex, UseId};
use crate::pack_secrets::PackSecrets;

impl<S: PackSecrets, I: PackIndex> PackedVault<S, I> {
    /// Puts an account in transit without writing its pack. Returns `false` if another process was faster.
    ///
    /// A renewal that is stored at the same moment, because the pack can be written again, is lost: the account has left under
    /// the use of its document, whatever its revision.
    pub(crate) async fn depart(&self, pack: &PackId, departure: &Departure) -> Result<bool, VaultError> {
        let Departure { name, from, by } = departure;
        self.0.index.add_use(name, pack, by).await?;
        self.0.index.depart(pack, departure).await?;
        if self.has_left(pack, departure).await? {
            self.0.index.take_use_back(name, pack, from).await?;
            return Ok(true);
        }
        self.forget_departures(pack, &BTreeSet::from([departure.clone()])).await;
        self.end_use(name, pack, by, Removal::Recoverable).await?;
        Ok(false)
    }

    async fn has_left(&self, pack: &PackId, Departure { name, by, .. }: &Departure) -> Result<bool, VaultError> {
        let present = self.open(pack, Freshness::Newest).await?.pack;
        let place = self.0.index.place(name).await?;
        let is_here = place.is_some_and(|place| place.pack == *pack && place.removed_until.is_none());
        Ok(is_here && present.in_transit(name).as_ref() == Some(by))
    }

    /// Forgets departures that the pack has stored, or that have no effect. Not essential: a departure from a use that the pack
    /// no longer has does nothing.
    pub(super) async fn forget_departures(&self, id: &PackId, departures: &BTreeSet<Departure>) {
        if departures.is_empty() {
            return;
        }
        if let Err(error) = self.0.index.forget_departures(id, departures).await {
            tracing::warn!(pack = %id, reason = %error, "departures that were stored stay in the index until the next write");
        }
    }

    /// The pack that has an account in transit, and the move that may complete its way.
    pub(crate) async fn transit(&self, name: &AccountName) -> Result<Option<(PackId, UseId)>, VaultError> {
        self.look_up(name, |pack| Ok(pack.in_transit(name).map(|by| (pack.secret().pack, by)))).await
    }
}
