//! What goes wrong on the way to Instagram and to the vault.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::time::{Duration, sleep};

use crate::dice::Dice;

/// Faults by chance, and outages of everything.
#[derive(Debug)]
pub(crate) struct Weather(Mutex<State>);

#[derive(Debug)]
struct State {
    percent: f64,
    outage: bool,
    instagram: Dice,
    vault: Dice,
    calls: Calls,
}

/// How many calls there were, and how many of them went wrong.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Calls {
    pub(crate) made: u64,
    pub(crate) failed: u64,
}

/// What becomes of one call to Instagram.
#[derive(Clone, Debug)]
pub(crate) enum Passage {
    Clear,
    /// Nobody is reached.
    NoConnection,
    /// The work is done, and its answer comes too late.
    TimeOut,
    /// Instagram answers otherwise than it would: a fault of the sandbox, without its endpoint.
    Fault(Value),
}

/// Whether one call to the vault goes well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VaultPassage {
    Clear,
    /// Nothing was done.
    FailsBefore,
    /// It was done, and nobody is told.
    FailsAfter,
}

impl Weather {
    /// `percent` of all calls go wrong.
    pub(crate) fn new(seed: u64, percent: f64) -> Self {
        let (instagram, vault) = (Dice::new(seed, 1), Dice::new(seed, 2));
        Self(Mutex::new(State { percent, outage: false, instagram, vault, calls: Calls::default() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on nothing answers, or all does again.
    pub(crate) fn set_outage(&self, outage: bool) {
        self.state().outage = outage;
    }

    pub(crate) fn calls(&self) -> Calls {
        self.state().calls
    }

    /// One call to Instagram: takes its time, and says what becomes of it.
    pub(crate) async fn to_instagram(&self) -> Passage {
        let (milliseconds, passage) = self.state().draw_instagram();
        sleep(Duration::from_millis(milliseconds)).await;
        passage
    }

    /// One call to the vault.
    pub(crate) async fn to_vault(&self) -> VaultPassage {
        let (milliseconds, passage) = self.state().draw_vault();
        sleep(Duration::from_millis(milliseconds)).await;
        passage
    }
}

impl State {
    fn draw_instagram(&mut self) -> (u64, Passage) {
        let milliseconds = u64::from(self.instagram.between(100, 400));
        let passage = if self.outage {
            Passage::NoConnection
        } else if self.instagram.happens(self.percent) {
            mishap(&mut self.instagram)
        } else {
            Passage::Clear
        };
        self.count(!matches!(passage, Passage::Clear));
        (milliseconds, passage)
    }

    fn draw_vault(&mut self) -> (u64, VaultPassage) {
        let milliseconds = u64::from(self.vault.between(5, 40));
        let fails = self.outage || self.vault.happens(self.percent);
        let passage = match fails {
            false => VaultPassage::Clear,
            // Every third was done all the same.
            true if !self.outage && self.vault.between(0, 3) == 0 => VaultPassage::FailsAfter,
            true => VaultPassage::FailsBefore,
        };
        self.count(fails);
        (milliseconds, passage)
    }

    fn count(&mut self, failed: bool) {
        self.calls.made += 1;
        self.calls.failed += u64::from(failed);
    }
}

/// One of all the faults that were seen in the field; a third of them after the work was done.
fn mishap(dice: &mut Dice) -> Passage {
    Passage::Fault(match dice.between(0, 20) {
        0 => json!({"answer": {"kind": "rate_limit"}}),
        1..=2 => json!({"answer": {"kind": "rate_limit", "status": 429, "retry_after_seconds": 30}}),
        3..=6 => json!({"answer": {"kind": "status", "status": 503}}),
        7 => json!({"answer": {"kind": "status", "status": 502, "body": "<html>Bad Gateway</html>"}, "when": "after"}),
        8..=9 => json!({"answer": {"kind": "cut"}}),
        10..=12 => json!({"answer": {"kind": "cut"}, "when": "after"}),
        13..=14 => json!({"answer": {"kind": "wrong_json"}}),
        15 => json!({"answer": {"kind": "huge", "bytes": 100_000}}),
        16..=17 => return Passage::TimeOut,
        _ => return Passage::NoConnection,
    })
}
