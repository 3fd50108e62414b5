//! Runs the same simulated years with every renewal strategy.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, anyhow};
use evertoken_simulation::{Outcome, RenewalStrategy, YearSettings, run};

/// Which years to simulate.
#[derive(Clone, Debug)]
pub(crate) struct Experiment {
    pub(crate) accounts: u32,
    pub(crate) days: u32,
    /// Percentages of calls that fail: one column each.
    pub(crate) faults: Vec<f64>,
    /// One year each.
    pub(crate) seeds: Vec<u64>,
}

/// The outcomes of an experiment.
#[derive(Clone, Debug)]
pub(crate) struct Measurements {
    pub(crate) experiment: Experiment,
    outcomes: Vec<Outcome>,
}

impl Experiment {
    fn years(&self) -> Vec<YearSettings> {
        let Self { accounts, days, .. } = *self;
        let of_policy = |strategy| {
            let pairs = self.faults.iter().flat_map(|faults| self.seeds.iter().map(|seed| (*faults, *seed)));
            pairs.map(move |(faults, seed)| YearSettings { accounts, days, fault_percent: faults, seed, strategy })
        };
        RenewalStrategy::ALL.into_iter().flat_map(of_policy).collect()
    }

    /// Runs all years, one per CPU at a time. A year's outcome does not depend on the order.
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
        let outcomes = outcomes.into_inner().map_err(|_| anyhow!("a simulated year panicked"))?;
        Ok(Measurements { outcomes: outcomes.into_iter().collect::<Result<_>>()?, experiment: self })
    }
}

impl Measurements {
    /// The years of one strategy and one fault rate, ordered by seed.
    pub(crate) fn of(&self, policy: RenewalStrategy, faults: f64) -> Vec<&Outcome> {
        let matches =
            |outcome: &&Outcome| outcome.strategy == policy && outcome.fault_percent.to_bits() == faults.to_bits();
        let mut outcomes: Vec<_> = self.outcomes.iter().filter(matches).collect();
        outcomes.sort_by_key(|outcome| outcome.seed);
        outcomes
    }

    /// Accounts kept, in percent, over all years.
    pub(crate) fn kept_percent(&self, policy: RenewalStrategy, faults: f64) -> f64 {
        let outcomes = self.of(policy, faults);
        let sum = |field: fn(&Outcome) -> u32| f64::from(outcomes.iter().map(|outcome| field(outcome)).sum::<u32>());
        100.0 * sum(|outcome| outcome.survival.kept) / sum(|outcome| outcome.survival.accounts).max(1.0)
    }

    /// Days without a working token per account and year, over all years.
    pub(crate) fn down_days(&self, policy: RenewalStrategy, faults: f64) -> f64 {
        let outcomes = self.of(policy, faults);
        // Far below the largest integer that an f64 represents exactly.
        let days = outcomes.iter().map(|outcome| u32::try_from(outcome.down_days).unwrap_or(u32::MAX));
        let accounts: u32 = outcomes.iter().map(|outcome| outcome.survival.accounts).sum();
        days.map(f64::from).sum::<f64>() / f64::from(accounts.max(1))
    }
}

/// Formats a percentage with at most one decimal, rounded down: only all accounts are 100.
pub(crate) fn percent(number: f64) -> String {
    format!("{}", (number * 10.0).floor() / 10.0)
}
