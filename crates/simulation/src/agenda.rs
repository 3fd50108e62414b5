//! What is to be done, and when.

use std::collections::BTreeMap;

use crate::clock::Hour;
use crate::plan::{Happening, Plan};

/// Something that is to be done. A number is an account's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// The owner opens the invite.
    Connect(usize),
    /// Something befalls the account.
    Befall(usize, Happening),
    /// The owner does what is needed.
    Repair(usize),
    /// Nothing answers from now on.
    OutageBegins,
    /// All answers again.
    OutageEnds,
    /// The operator makes a new app secret in Meta's dashboard.
    ChangeAppSecret,
    /// The operator configures it here.
    ConfigureAppSecret,
}

/// Acts by hour, in the order in which they were entered.
#[derive(Debug, Default)]
pub(crate) struct Agenda(BTreeMap<Hour, Vec<Act>>);

impl Agenda {
    pub(crate) fn of(plan: &Plan) -> Self {
        let mut agenda = Self::default();
        if let Some(outage) = &plan.outage {
            agenda.enter(outage.start, Act::OutageBegins);
            agenda.enter(outage.end, Act::OutageEnds);
        }
        if let Some(hour) = plan.secret_changes_at {
            agenda.enter(hour, Act::ChangeAppSecret);
            agenda.enter(hour + 1, Act::ConfigureAppSecret);
        }
        for (place, person) in plan.people.iter().enumerate() {
            agenda.enter(person.connects_at, Act::Connect(place));
            if let Some((hour, what)) = person.happening {
                agenda.enter(hour, Act::Befall(place, what));
            }
        }
        agenda
    }

    pub(crate) fn enter(&mut self, hour: Hour, act: Act) {
        self.0.entry(hour).or_default().push(act);
    }

    /// What is to be done in this hour.
    pub(crate) fn take(&mut self, hour: Hour) -> Vec<Act> {
        self.0.remove(&hour).unwrap_or_default()
    }
}
