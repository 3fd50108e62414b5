//! A year in progress.

use crate::accounts::Accounts;
use crate::error::SimulationError;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::schedule::Schedule;
use crate::settings::YearSettings;
use crate::testbed::Testbed;
use crate::timeline::{TimelineEntry, TimelineEvent};

pub(crate) struct SimulatedYear {
    pub(crate) testbed: Testbed,
    pub(crate) schedule: Schedule,
    pub(crate) accounts: Accounts,
    pub(crate) outcome: Outcome,
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
            timeline: Vec::new(),
        })
    }

    /// Adds an entry to the timeline. `None` stands for all accounts.
    pub(crate) fn log(&mut self, account: Option<usize>, event: TimelineEvent) {
        let account = account.and_then(|index| self.accounts.get(index)).map(|account| account.plan.name.clone());
        self.timeline.push(TimelineEntry { account, event });
    }
}
