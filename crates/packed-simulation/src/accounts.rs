//! The accounts of the year: who is connected, and what is stored for them.

use std::collections::BTreeSet;

use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::document::{Document, Health, LastAttempt, Outcome, ProviderName, SCHEMA};
use evertoken_core::token::LongLivedToken;
use evertoken_core::vault::Removal;
use fastrand::Rng;
use time::OffsetDateTime;

use crate::error::SimulationError;
use crate::instagram::{account_id, username};

/// Whether an account is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connection {
    Connected,
    Removed(Removal),
}

/// The accounts by number. An account that is being connected or removed has no other action meanwhile, so that the outcome
/// does not depend on which of two is faster.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    connections: Vec<Connection>,
    busy: BTreeSet<u32>,
    connected: usize,
}

impl Accounts {
    /// A new account, which is being connected.
    pub(crate) fn add(&mut self) -> u32 {
        let account = u32::try_from(self.connections.len()).unwrap_or(u32::MAX);
        self.connections.push(Connection::Removed(Removal::ForGood));
        self.busy.insert(account);
        account
    }

    /// Begins an action on a random account that is connected, or that is not.
    pub(crate) fn begin(&mut self, wanted: Wanted, rng: &mut Rng) -> Option<u32> {
        // Most accounts are connected, and few have been removed.
        for _ in 0..1_000 {
            let index = rng.usize(..self.connections.len().max(1));
            let account = u32::try_from(index).unwrap_or(u32::MAX);
            let is_connected = self.connections.get(index)? == &Connection::Connected;
            if is_connected == (wanted == Wanted::Connected) && self.busy.insert(account) {
                return Some(account);
            }
        }
        None
    }

    /// Records the outcome of an action.
    pub(crate) fn finish(&mut self, account: u32, connection: Connection) {
        self.busy.remove(&account);
        let index = usize::try_from(account).unwrap_or(usize::MAX);
        if let Some(present) = self.connections.get_mut(index) {
            self.connected -= usize::from(*present == Connection::Connected);
            *present = connection;
            self.connected += usize::from(connection == Connection::Connected);
        }
    }

    /// The number of connected accounts.
    pub(crate) fn connected(&self) -> usize {
        self.connected
    }

    /// All accounts with their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, Connection)> {
        (0..).zip(self.connections.iter().copied())
    }
}

/// The accounts that an action is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Connected,
    Removed,
}

/// What identifies an account.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) number: u32,
    pub(crate) name: AccountName,
    pub(crate) id: AccountId,
    username: String,
}

impl Identity {
    /// Imported accounts have names from a file, and the others their id, as after a login without a name.
    pub(crate) fn of(number: u32, imported: u32, seed: u64) -> Result<Self, SimulationError> {
        let id = account_id(number).ok_or(SimulationError::Name)?;
        let username = username(number, seed);
        let name = if number < imported {
            format!("{username}-{number}").parse().map_err(|_| SimulationError::Name)?
        } else {
            id.to_name()
        };
        Ok(Self { number, name, id, username })
    }

    /// The document of a login.
    pub(crate) fn document(
        &self,
        name: &AccountName,
        token: LongLivedToken,
        now: OffsetDateTime,
    ) -> Result<Document, SimulationError> {
        let app_scoped_id = (27_640_875_000_000_001 + 2 * u64::from(self.number)).to_string();
        Ok(Document {
            schema: SCHEMA,
            provider: ProviderName::Instagram,
            name: name.clone(),
            account_id: self.id.clone(),
            app_scoped_id: app_scoped_id.parse().map_err(|_| SimulationError::Name)?,
            username: self.username.clone(),
            account_type: "BUSINESS".to_owned(),
            access_token: token.token,
            token_type: token.token_type,
            scopes: ["instagram_business_basic", "instagram_business_manage_insights"].into_iter().collect(),
            connected_at: now,
            issued_at: now,
            expires_at: now.checked_add(token.expires_in),
            expires_at_assumed: false,
            data_access_expires_at: None,
            token_kind: None,
            page_id: None,
            page_name: None,
            meta_user_id: None,
            reminded_days: None,
            health: Health::healthy(),
            last_attempt: LastAttempt::succeeded(now, Outcome::Connected),
            unknown: serde_json::Map::new(),
        })
    }
}
