//! Which years are simulated.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, anyhow, bail};
use evertoken_simulation::{OlderToken, Outcome, RenewalStrategy, YearSettings, run};
use serde::{Deserialize, Serialize};

use crate::results::Measurements;

/// Accounts in a year.
pub(super) const ACCOUNTS: u32 = 200;

/// Percentages of calls that fail.
pub(super) const FAULTS: [f64; 4] = [0.0, 1.0, 5.0, 20.0];

/// The percentage of most tables.
pub(super) const USUAL_FAULTS: f64 = 5.0;

/// One year each.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=10;

/// Fleet sizes of the job that stops at the first error.
pub(super) const FLEETS: [u32; 3] = [5, 50, 500];

/// Ages from which Evertoken renews a token.
pub(super) const AGES: [u32; 5] = [20, 30, 40, 45, 50];

/// The strategies of most tables. The job that stops at the first error has a table of its own.
pub(super) const STRATEGIES: [RenewalStrategy; 7] = [
    RenewalStrategy::Evertoken,
    RenewalStrategy::Weekly,
    RenewalStrategy::DailyFromDay30,
    RenewalStrategy::MonthlyThreeTries,
    RenewalStrategy::MonthlyOneTry,
    RenewalStrategy::TwoDaysBeforeExpiry,
    RenewalStrategy::OnUseOnly,
];

/// The outcomes of all years.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survival {
    /// The years in the documentation.
    pub years: Vec<Outcome>,
    /// Years that are small enough for a test, which repeats them.
    pub small_years: Vec<Outcome>,
}

impl Survival {
    /// Simulates all years.
    ///
    /// # Errors
    /// If a year cannot be simulated.
    pub fn simulate() -> Result<Self> {
        Ok(Self { years: simulate(&all_years())?, small_years: rerun_small_years()? })
    }

    /// The ten years with these settings, ordered by seed. Their seeds are not compared.
    pub(super) fn of(&self, settings: &YearSettings) -> Vec<&Outcome> {
        self.years.iter().filter(|outcome| matches(outcome, settings)).collect()
    }
}

impl Measurements for Survival {
    const NAME: &'static str = "survival";

    fn check(&self) -> Result<()> {
        for year in all_years() {
            if !self.years.iter().any(|outcome| outcome.seed == year.seed && matches(outcome, &year)) {
                bail!("{year:?} was not simulated");
            }
        }
        if self.small_years.len() != small_years().len() {
            bail!("the small years were not simulated");
        }
        Ok(())
    }
}

fn matches(outcome: &Outcome, settings: &YearSettings) -> bool {
    outcome.accounts == settings.accounts
        && outcome.days == settings.days
        && outcome.fault_percent.to_bits() == settings.fault_percent.to_bits()
        && outcome.strategy == settings.strategy
        && outcome.older_token == settings.older_token
        && outcome.refresh_after_days == settings.refresh_after_days
}

/// The settings of a year in the tables.
pub(super) fn year(strategy: RenewalStrategy, fault_percent: f64, older_token: OlderToken) -> YearSettings {
    YearSettings { accounts: ACCOUNTS, strategy, fault_percent, older_token, ..YearSettings::default() }
}

/// The settings of a year in which Evertoken renews tokens from this age on.
pub(super) fn year_by_age(days: u32, older_token: OlderToken) -> YearSettings {
    YearSettings { refresh_after_days: days, ..year(RenewalStrategy::Evertoken, USUAL_FAULTS, older_token) }
}

/// The settings of a year of the job that stops at the first error.
pub(super) fn year_of_fleet(accounts: u32) -> YearSettings {
    let strategy = RenewalStrategy::WeeklyUntilFirstError;
    YearSettings { accounts, ..year(strategy, USUAL_FAULTS, OlderToken::Valid) }
}

fn all_years() -> Vec<YearSettings> {
    let mut years = Vec::new();
    for strategy in STRATEGIES {
        years.extend(FAULTS.map(|faults| year(strategy, faults, OlderToken::Valid)));
        years.push(year(strategy, USUAL_FAULTS, OlderToken::Dies));
    }
    for older_token in [OlderToken::Valid, OlderToken::Dies] {
        let other_ages = AGES.into_iter().filter(|days| *days != YearSettings::default().refresh_after_days);
        years.extend(other_ages.map(|days| year_by_age(days, older_token)));
    }
    years.extend(FLEETS.map(year_of_fleet));
    let with_seeds = |year: YearSettings| SEEDS.map(move |seed| YearSettings { seed, ..year });
    years.into_iter().flat_map(with_seeds).collect()
}

fn small_years() -> Vec<YearSettings> {
    let small =
        |strategy, older_token| YearSettings { accounts: 4, days: 200, ..year(strategy, USUAL_FAULTS, older_token) };
    let both = |strategy| [OlderToken::Valid, OlderToken::Dies].map(|older_token| small(strategy, older_token));
    RenewalStrategy::ALL.into_iter().flat_map(both).collect()
}

/// Simulates the small years.
///
/// # Errors
/// If a year cannot be simulated.
pub fn rerun_small_years() -> Result<Vec<Outcome>> {
    simulate(&small_years())
}

/// Simulates years, one per CPU at a time. A year's outcome does not depend on the order.
fn simulate(years: &[YearSettings]) -> Result<Vec<Outcome>> {
    let next = AtomicUsize::new(0);
    let outcomes: Mutex<Vec<(usize, Result<Outcome>)>> = Mutex::new(Vec::new());
    let work = || {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(year) = years.get(place) else { return };
            let outcome = run(year, |_| {}).with_context(|| format!("{year:?}"));
            if let Ok(outcomes) = outcomes.lock().as_mut() {
                outcomes.push((place, outcome));
                eprintln!("{} of {} years", outcomes.len(), years.len());
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let mut outcomes = outcomes.into_inner().map_err(|_| anyhow!("a simulated year panicked"))?;
    outcomes.sort_by_key(|(place, _)| *place);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
