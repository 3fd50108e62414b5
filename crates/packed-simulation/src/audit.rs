//! Checks at the end of a year what the vault holds.

use std::collections::HashMap;

use evertoken_core::document::Document;
use evertoken_core::vault::{ParkedDocuments, Removal};
use evertoken_packed_vault::{Pack, PackId};

use crate::accounts::{Accounts, Connection, Identity};
use crate::error::SimulationError;
use crate::instagram::StoredToken;
use crate::outcome::{Kept, Packs};
use crate::services::Services;

/// The most findings that are kept.
const MOST_FINDINGS: usize = 20;

/// What the vault holds, and what is wrong with it.
#[derive(Debug, Default)]
pub(crate) struct Audit {
    pub(crate) kept: Kept,
    pub(crate) packs: Packs,
}

/// What was found for an account.
#[derive(Clone, Copy, Debug)]
struct Found {
    stored: StoredToken,
    /// Whether the parked token is the newest.
    is_parked: bool,
}

/// Compares all packs and the accounts that have a secret of their own with the index, with Instagram, and with what people did.
pub(crate) async fn check(
    services: &Services,
    accounts: &Accounts,
    alone: &[Document],
) -> Result<Audit, SimulationError> {
    let mut audit = Audit::default();
    let mut found = audit.read_packs(services)?;
    for document in alone {
        let number = number_of(document);
        let judge = |document: &Document| services.instagram.judge(number, &document.access_token);
        let error = |error| SimulationError::Vault { action: "a read of a parked token", error };
        let parked = services.singles.parked(&document.name).await.map_err(error)?;
        let is_parked = parked.is_some_and(|parked| judge(&parked).is_newest);
        // A login whose response was lost can leave an account in both places. What is in the pack counts.
        found.entry(number).or_insert(Found { stored: judge(document), is_parked });
    }
    for (number, connection) in accounts.iter() {
        match (connection, found.get(&number)) {
            (Connection::Connected, Some(found)) => {
                audit.kept.connected += 1;
                if found.stored.works {
                    audit.kept.kept += 1;
                } else {
                    audit.kept.lost += 1;
                    audit.finding(|| format!("the token of account {number} does not work"));
                }
                if !found.stored.is_newest && !found.is_parked {
                    audit.kept.behind += 1;
                    audit.finding(|| format!("account {number} is not stored with its newest token"));
                }
            }
            (Connection::Connected, None) => {
                audit.kept.connected += 1;
                audit.kept.lost += 1;
                audit.finding(|| format!("account {number} is not stored"));
            }
            (Connection::Removed(_), Some(_)) => {
                audit.finding(|| format!("account {number} is stored, although it was removed"));
            }
            (Connection::Removed(_), None) => {}
        }
    }
    audit.check_deleted(services, accounts)?;
    Ok(audit)
}

impl Audit {
    fn finding(&mut self, text: impl FnOnce() -> String) {
        if self.kept.findings.len() < MOST_FINDINGS {
            self.kept.findings.push(text());
        }
    }

    /// The accounts in all packs. Each must have one place, and the index must know it.
    fn read_packs(&mut self, services: &Services) -> Result<HashMap<u32, Found>, SimulationError> {
        let (places, states) = (services.index.all_places(), services.index.all_packs());
        let mut found = HashMap::new();
        let mut in_packs: HashMap<PackId, u32> = HashMap::new();
        let mut bytes = 0;
        for (secret, value) in services.secrets.current_values() {
            let unreadable = |error| SimulationError::Pack { pack: secret.to_string(), error };
            let pack = Pack::decode(&secret, &value).map_err(unreadable)?;
            if states.get(&secret.pack).is_none_or(|state| state.generation != secret.generation) {
                self.finding(|| format!("the index does not know the secret {secret}"));
            }
            bytes += value.expose().len();
            self.packs.packs += 1;
            self.packs.largest_bytes = self.packs.largest_bytes.max(value.expose().len());
            for (key, account) in pack.accounts() {
                let Ok(account) = account else {
                    self.finding(|| format!("the pack {secret} has an unreadable account"));
                    continue;
                };
                *in_packs.entry(secret.pack.clone()).or_default() += 1;
                let document = account.document;
                if places.get(&document.name).is_none_or(|place| place.pack != secret.pack) {
                    self.finding(|| format!("the index has another place for {key}"));
                }
                let parked = pack.parked(&document.name).ok().flatten();
                let number = number_of(&document);
                let judge = |document: &Document| services.instagram.judge(number, &document.access_token);
                let is_parked = parked.as_ref().is_some_and(|parked| judge(parked).is_newest);
                if found.insert(number, Found { stored: judge(&document), is_parked }).is_some() {
                    self.finding(|| format!("{key} is in two packs"));
                }
            }
        }
        let mut in_index: HashMap<&PackId, u32> = HashMap::new();
        for place in places.values().filter(|place| place.removed_until.is_none()) {
            *in_index.entry(&place.pack).or_default() += 1;
        }
        for (pack, state) in &states {
            let [reserved, held] =
                [in_index.get(pack), in_packs.get(pack)].map(|count| count.copied().unwrap_or_default());
            if state.used != reserved {
                self.finding(|| format!("the index counts {} accounts in {pack} and has {reserved}", state.used));
            }
            self.packs.empty_places += reserved.saturating_sub(held);
        }
        self.packs.accounts = found.len();
        self.packs.mean_bytes = bytes / self.packs.packs.max(1);
        Ok(found)
    }

    /// No version that can still be read has an account that was deleted for good.
    fn check_deleted(&mut self, services: &Services, accounts: &Accounts) -> Result<(), SimulationError> {
        let mut versions: HashMap<String, usize> = HashMap::new();
        for (secret, value) in services.secrets.everything() {
            let unreadable = |error| SimulationError::Pack { pack: secret.to_string(), error };
            for key in Pack::decode(&secret, &value).map_err(unreadable)?.keys() {
                *versions.entry(key.to_owned()).or_default() += 1;
            }
        }
        let imported = services.settings.accounts;
        for (number, connection) in accounts.iter() {
            if connection == Connection::Removed(Removal::ForGood) {
                let account = Identity::of(number, imported, services.settings.seed)?;
                if [account.name, account.id.to_name()].iter().any(|name| versions.contains_key(name.as_str())) {
                    self.finding(|| format!("an earlier version holds account {number}, which was deleted for good"));
                }
            }
        }
        Ok(())
    }
}

fn number_of(document: &Document) -> u32 {
    let id: u64 = document.account_id.as_str().parse().unwrap_or_default();
    u32::try_from(id.saturating_sub(17_841_400_000_000_000)).unwrap_or(u32::MAX)
}
