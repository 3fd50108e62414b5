//! The same years for everybody.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, anyhow};
use evertoken_simulation::{Keeping, Outcome, Year, run};

/// What is to be measured.
#[derive(Clone, Debug)]
pub(crate) struct Measuring {
    /// Accounts in each year.
    pub(crate) accounts: u32,
    /// Days in each year.
    pub(crate) days: u32,
    /// Percent of all calls that fail: one column each.
    pub(crate) faults: Vec<f64>,
    /// One year each.
    pub(crate) seeds: Vec<u64>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Measurements {
    /// What was measured.
    pub(crate) measuring: Measuring,
    outcomes: Vec<Outcome>,
}

impl Measuring {
    fn years(&self) -> Vec<Year> {
        let Self { accounts, days, .. } = *self;
        let of_policy = |keeping| {
            let pairs = self.faults.iter().flat_map(|faults| self.seeds.iter().map(|seed| (*faults, *seed)));
            pairs.map(move |(faults, seed)| Year { accounts, days, faults, seed, keeping })
        };
        Keeping::ALL.into_iter().flat_map(of_policy).collect()
    }

    /// Runs all years, as many at a time as there are processors. Each by itself comes to the same in any order.
    pub(crate) fn run(self) -> Result<Measurements> {
        let (years, next) = (self.years(), AtomicUsize::new(0));
        let outcomes: Mutex<Vec<Result<Outcome>>> = Mutex::new(Vec::new());
        let work = || {
            while let Some(year) = years.get(next.fetch_add(1, Ordering::Relaxed)) {
                let outcome = run(year, |_| {}).with_context(|| format!("{year:?}"));
                if let Ok(outcomes) = outcomes.lock().as_mut() {
                    outcomes.push(outcome);
                    eprintln!("{} of {} years", outcomes.len(), years.len());
                }
            }
        };
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(work);
            }
        });
        let outcomes = outcomes.into_inner().map_err(|_| anyhow!("a year ended in a panic"))?;
        Ok(Measurements { outcomes: outcomes.into_iter().collect::<Result<_>>()?, measuring: self })
    }
}

impl Measurements {
    /// The years of one policy and one rate of faults, in the order of their seeds.
    pub(crate) fn of(&self, policy: Keeping, faults: f64) -> Vec<&Outcome> {
        let is_meant =
            |outcome: &&Outcome| outcome.policy == policy && outcome.faults_percent.to_bits() == faults.to_bits();
        let mut outcomes: Vec<_> = self.outcomes.iter().filter(is_meant).collect();
        outcomes.sort_by_key(|outcome| outcome.seed);
        outcomes
    }

    /// Accounts that were kept, in percent of all, over all years.
    pub(crate) fn kept_percent(&self, policy: Keeping, faults: f64) -> f64 {
        let outcomes = self.of(policy, faults);
        let sum = |of: fn(&Outcome) -> u32| f64::from(outcomes.iter().map(|outcome| of(outcome)).sum::<u32>());
        100.0 * sum(|outcome| outcome.survival.kept) / sum(|outcome| outcome.survival.accounts).max(1.0)
    }

    /// Days without a working token for each account and year, over all years.
    pub(crate) fn dark_days(&self, policy: Keeping, faults: f64) -> f64 {
        let outcomes = self.of(policy, faults);
        // Far below what a float holds exactly.
        let days = outcomes.iter().map(|outcome| u32::try_from(outcome.dark_days).unwrap_or(u32::MAX));
        let accounts: u32 = outcomes.iter().map(|outcome| outcome.survival.accounts).sum();
        days.map(f64::from).sum::<f64>() / f64::from(accounts.max(1))
    }
}

/// One decimal at most, and never rounded up to a hundred.
pub(crate) fn percent(number: f64) -> String {
    format!("{}", (number * 10.0).floor() / 10.0)
}
