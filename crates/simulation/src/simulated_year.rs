//! A year in progress.

use evertoken_core::document::HealthState;
use evertoken_core::vault::AccountStore;

use crate::accounts::Accounts;
use crate::clock::Hour;
use crate::error::SimulationError;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::schedule::Schedule;
use crate::settings::YearSettings;
use crate::testbed::Testbed;
use crate::timeline::{TimelineEntry, TimelineEvent};
use crate::token_status::TokenStatus;

pub(crate) struct SimulatedYear {
    pub(crate) testbed: Testbed,
    pub(crate) schedule: Schedule,
    pub(crate) accounts: Accounts,
    pub(crate) outcome: Outcome,
    /// For each token that stopped working, the hours until its owner knew.
    pub(crate) hours_until_known: Vec<Hour>,
    /// For each login through Facebook whose access was about to end, how many hours ahead its owner was first reminded: zero
    /// if access ended without a reminder.
    pub(crate) hours_ahead: Vec<Hour>,
    /// Today's entries.
    pub(crate) timeline: Vec<TimelineEntry>,
}

impl SimulatedYear {
    /// Requires a runtime whose time is paused.
    pub(crate) fn new(settings: &YearSettings) -> Result<Self, SimulationError> {
        let plan = Plan::new(settings);
        Ok(Self {
            testbed: Testbed::new(settings, &plan)?,
            schedule: Schedule::new(&plan),
            accounts: Accounts::new(plan.accounts),
            outcome: Outcome::new(settings),
            hours_until_known: Vec::new(),
            hours_ahead: Vec::new(),
            timeline: Vec::new(),
        })
    }

    /// The status of an account's stored token.
    pub(crate) async fn token_status(&self, index: usize) -> TokenStatus {
        let Some(account) = self.accounts.get(index) else { return TokenStatus::Lost };
        let Ok(name) = account.plan.name.parse() else { return TokenStatus::Lost };
        match self.testbed.vault.get(&name).await {
            Ok(Some(stored)) => self.testbed.token_status(&account.plan, stored.document.access_token.expose()),
            _ => TokenStatus::Lost,
        }
    }

    /// Whether the service waits for a new login to an account.
    pub(crate) async fn awaits_login(&self, index: usize) -> bool {
        let name = self.accounts.get(index).and_then(|account| account.plan.name.parse().ok());
        let Some(name) = name else { return false };
        let stored = self.testbed.vault.get(&name).await;
        stored
            .is_ok_and(|stored| stored.is_some_and(|stored| stored.document.health.state == HealthState::LoginRequired))
    }

    /// Adds an entry to the timeline. `None` stands for all accounts.
    pub(crate) fn log(&mut self, account: Option<usize>, event: TimelineEvent) {
        let account = account.and_then(|index| self.accounts.get(index)).map(|account| account.plan.name.clone());
        self.timeline.push(TimelineEntry { account, event });
    }
}
