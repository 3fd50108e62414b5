//! What happens on a day, and when.

use std::time::Duration;

use evertoken_core::vault::Removal;
use fastrand::Rng;

use crate::clock::DAY;
use crate::seeded_rng::{Stream, seeded};
use crate::settings::YearSettings;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A scheduled run.
    Run,
    /// A person connects a new account.
    NewLogin,
    /// A person connects an account that is connected.
    Relogin,
    /// A person connects an account that was removed.
    Return,
    /// An account is removed.
    Removal(Removal),
}

/// The hours between scheduled runs.
const RUN_EVERY: u64 = 6;

/// Draws the events of each day.
#[derive(Debug)]
pub(crate) struct Plan {
    settings: YearSettings,
    rng: Rng,
}

impl Plan {
    pub(crate) fn new(settings: &YearSettings) -> Self {
        Self { settings: *settings, rng: seeded(settings.seed, Stream::Plan) }
    }

    pub(crate) fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    /// The events of a day in their order, with the time since the start.
    pub(crate) fn events_of(&mut self, day: u32) -> Vec<(Duration, Event)> {
        let settings = self.settings;
        let midnight = DAY * day;
        // EventBridge Scheduler starts a run within 30 minutes of its time.
        let runs = (0..24 / RUN_EVERY).map(|number| Duration::from_hours(number * RUN_EVERY));
        let mut events: Vec<_> = runs.map(|time| (midnight + time + self.within(1_800), Event::Run)).collect();
        let is_outage = (settings.outage_begins()..settings.outage_ends()).contains(&day);
        if day > 0 && !is_outage {
            let logins = if day == settings.busiest_day() {
                settings.busiest_day_per_100_000
            } else {
                settings.logins_per_100_000
            };
            for _ in 0..share_of(settings.accounts, logins) {
                let event = match self.rng.u32(..10) {
                    _ if day == settings.busiest_day() => Event::NewLogin,
                    0 => Event::Return,
                    1..=3 => Event::Relogin,
                    _ => Event::NewLogin,
                };
                events.push((midnight + self.within(86_400), event));
            }
            for _ in 0..share_of(settings.accounts, settings.removals_per_100_000) {
                let removal = if self.rng.bool() { Removal::Recoverable } else { Removal::ForGood };
                events.push((midnight + self.within(86_400), Event::Removal(removal)));
            }
        }
        events.sort_by_key(|(time, _)| *time);
        events
    }

    fn within(&mut self, seconds: u64) -> Duration {
        Duration::from_millis(self.rng.u64(..seconds * 1_000))
    }
}

/// At least one, so that each kind of event happens in a small year too.
fn share_of(accounts: u32, per_100_000: u32) -> u32 {
    let share = u64::from(accounts) * u64::from(per_100_000) / 100_000;
    u32::try_from(share).unwrap_or(u32::MAX).max(1)
}
