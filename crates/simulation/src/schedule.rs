//! The schedule: actions of owners and the operator, by hour.

use std::collections::BTreeMap;

use crate::clock::Hour;
use crate::incident::Incident;
use crate::plan::Plan;

/// A number is an account's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScheduledAction {
    /// The owner opens the invite.
    Connect(usize),
    ApplyIncident(usize, Incident),
    /// The owner resolves an incident.
    Resolve(usize),
    /// The person follows the link in a reminder.
    RenewAccess(usize),
    StartOutage,
    EndOutage,
    /// The operator creates a new app secret in Meta's dashboard.
    ChangeAppSecret,
    /// The operator configures the new app secret.
    ConfigureAppSecret,
}

/// Actions by hour. Those of one hour are in insertion order.
#[derive(Debug, Default)]
pub(crate) struct Schedule(BTreeMap<Hour, Vec<ScheduledAction>>);

impl Schedule {
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut schedule = Self::default();
        if let Some(outage) = &plan.outage {
            schedule.add(outage.start, ScheduledAction::StartOutage);
            schedule.add(outage.end, ScheduledAction::EndOutage);
        }
        if let Some(hour) = plan.app_secret_changes_at {
            schedule.add(hour, ScheduledAction::ChangeAppSecret);
            schedule.add(hour + 1, ScheduledAction::ConfigureAppSecret);
        }
        for (index, account) in plan.accounts.iter().enumerate() {
            schedule.add(account.connects_at, ScheduledAction::Connect(index));
            if let Some((hour, incident)) = account.incident {
                schedule.add(hour, ScheduledAction::ApplyIncident(index, incident));
            }
        }
        schedule
    }

    pub(crate) fn add(&mut self, hour: Hour, action: ScheduledAction) {
        self.0.entry(hour).or_default().push(action);
    }

    /// Removes and returns the actions of an hour.
    pub(crate) fn take(&mut self, hour: Hour) -> Vec<ScheduledAction> {
        self.0.remove(&hour).unwrap_or_default()
    }
}
