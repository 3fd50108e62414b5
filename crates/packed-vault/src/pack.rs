//! A pack: many account documents in one value.

mod change;
mod codec;
mod entries;
mod error;
mod gzip;
#[cfg(test)]
mod tests;
mod transit;

use std::collections::BTreeMap;

use evertoken_core::account::AccountName;
use evertoken_core::document::{Document, DocumentError, Versioned};

pub(crate) use self::change::{Applied, Change, ChangeError, Copied, LARGEST_DOCUMENT};
pub(crate) use self::codec::LARGEST_VALUE;
use self::entries::{Entries, Found};
pub use self::error::PackError;
use crate::ids::{Generation, PackId, PackSecret};
use crate::pack_index::UseId;
use crate::revision::AccountVersion;

/// The account documents of a pack with their revisions, parked documents, and keys that this code does not know.
///
/// Documents are kept as text: one that is not changed keeps every byte, and one that cannot be read does not affect the
/// others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    id: PackId,
    generation: Generation,
    /// The next revision. Grows with every write, so it also tells which of two versions of a pack is newer.
    next: u64,
    accounts: Entries,
    revisions: BTreeMap<String, u64>,
    parked: Entries,
    /// The use of its place that each account was stored under.
    uses: BTreeMap<String, String>,
    /// The packs that accounts are being moved to. Such an account can be read, and changes no more.
    moving: BTreeMap<String, PackId>,
    /// The packs that accounts come from. Each is received once.
    receiving: BTreeMap<String, PackId>,
    /// The accounts on their way between a secret of their own and this pack, each with the move that may complete it.
    in_transit: BTreeMap<String, String>,
    /// The generation that this one is being copied to. Such a pack changes no more.
    moved_to: Option<Generation>,
    unknown: Entries,
}

impl Pack {
    /// An empty pack.
    pub fn new(secret: &PackSecret) -> Self {
        Self {
            id: secret.pack.clone(),
            generation: secret.generation,
            next: 1,
            accounts: Entries::default(),
            revisions: BTreeMap::new(),
            parked: Entries::default(),
            uses: BTreeMap::new(),
            moving: BTreeMap::new(),
            receiving: BTreeMap::new(),
            in_transit: BTreeMap::new(),
            moved_to: None,
            unknown: Entries::default(),
        }
    }

    /// The secret that holds this pack.
    pub fn secret(&self) -> PackSecret {
        self.id.at(self.generation)
    }

    /// The account, or `None` if the pack does not hold it.
    pub fn account(&self, name: &AccountName) -> Result<Option<Versioned>, DocumentError> {
        match self.accounts.get(name.as_str()) {
            Found::Nothing => Ok(None),
            Found::One(json) => self.versioned(name, json).map(Some),
            Found::Several => Err(self.twice()),
        }
    }

    /// The parked document of an account.
    pub fn parked(&self, name: &AccountName) -> Result<Option<Document>, DocumentError> {
        match self.parked.get(name.as_str()) {
            Found::Nothing => Ok(None),
            Found::One(json) => Document::decode(name, json).map(Some),
            Found::Several => Err(self.twice()),
        }
    }

    /// All accounts by their keys. A key that appears twice is returned once.
    pub fn accounts(&self) -> Vec<(String, Result<Versioned, DocumentError>)> {
        let mut accounts = BTreeMap::new();
        for (key, json) in self.accounts.iter() {
            let is_new = !accounts.contains_key(key);
            let read = match key.parse() {
                Ok(name) if is_new => self.versioned(&name, json),
                Err(_) if is_new => Err(DocumentError::Misnamed),
                _ => Err(self.twice()),
            };
            accounts.insert(key.to_owned(), read);
        }
        accounts.into_iter().collect()
    }

    /// The keys of all accounts.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.accounts.keys()
    }

    /// How many accounts the pack holds.
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Whether the pack holds no account.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// Whether the pack has a document under this key, readable or not.
    pub fn holds(&self, name: &AccountName) -> bool {
        !matches!(self.accounts.get(name.as_str()), Found::Nothing)
    }

    /// The next revision. The larger of two versions of a generation is the newer one.
    pub fn next_revision(&self) -> u64 {
        self.next
    }

    /// The generation that this one is being copied to.
    pub fn moved_to(&self) -> Option<Generation> {
        self.moved_to
    }

    /// The pack that an account is being moved to.
    pub fn moving_to(&self, name: &AccountName) -> Option<&PackId> {
        self.moving.get(name.as_str())
    }

    /// All accounts that are being moved.
    pub fn moves(&self) -> impl Iterator<Item = (AccountName, PackId)> {
        self.moving.iter().filter_map(|(name, to)| Some((name.parse().ok()?, to.clone())))
    }

    /// A new pack that receives accounts from another one.
    #[must_use]
    pub(crate) fn receiving(secret: &PackSecret, names: &[AccountName], from: &PackId) -> Self {
        let receiving = names.iter().map(|name| (name.as_str().to_owned(), from.clone()));
        Self { receiving: receiving.collect(), ..Self::new(secret) }
    }

    /// The pack's copy in the next generation.
    #[must_use]
    pub fn next_generation(&self) -> Self {
        Self { generation: self.generation.next(), moved_to: None, ..self.clone() }
    }

    /// The names of the largest accounts, as many as must go for the pack to have `target` bytes. Those that `changes` are
    /// about come last.
    pub(crate) fn largest(&self, target: usize, changes: &[Change]) -> Vec<AccountName> {
        let size = |key: &str| match (self.accounts.get(key), self.parked.get(key)) {
            (Found::One(json), Found::One(parked)) => Some(json.len() + parked.len()),
            (Found::One(json), Found::Nothing) => Some(json.len()),
            // What appears twice is not touched.
            _ => None,
        };
        let total: usize = self.accounts.iter().chain(self.parked.iter()).map(|(_, json)| json.len()).sum();
        let is_changed = |name: &AccountName| changes.iter().any(|change| change.name() == Some(name));
        let names = self.accounts.keys().filter_map(|key| key.parse().ok());
        let mut sizes: Vec<(bool, usize, AccountName)> = names
            .filter(|name| self.moving_to(name).is_none())
            .filter_map(|name: AccountName| Some((!is_changed(&name), size(name.as_str())?, name)))
            .collect();
        sizes.sort();
        // All documents compress about equally well.
        let compressed = self.encode().map_or(LARGEST_VALUE, |value| value.expose().len());
        let mut excess = total.saturating_sub(total.saturating_mul(target) / compressed.max(1));
        let mut names = Vec::new();
        while let Some((_, size, name)) = sizes.pop().filter(|_| excess > 0) {
            excess = excess.saturating_sub(size);
            names.push(name);
        }
        names
    }

    /// The use of its place that an account was stored under, or is on its way under. `None` if the document was added by
    /// hand.
    pub fn used_by(&self, name: &AccountName) -> Option<UseId> {
        self.uses.get(name.as_str()).map(UseId::new).or_else(|| self.in_transit(name))
    }

    /// The revision of an account. A document without one was added by hand.
    pub(crate) fn revision(&self, name: &AccountName) -> u64 {
        self.revisions.get(name.as_str()).copied().unwrap_or_default()
    }

    fn versioned(&self, name: &AccountName, json: &str) -> Result<Versioned, DocumentError> {
        let document = Document::decode(name, json)?;
        let version = AccountVersion { pack: self.id.clone(), revision: self.revision(name) };
        Ok(Versioned { version: version.id(), document, cohort: Some(version.cohort()) })
    }

    fn twice(&self) -> DocumentError {
        DocumentError::InPack { problem: format!("the secret {} holds the account twice", self.secret()) }
    }
}
