//! Simulated years of many accounts in packs.

use std::thread;

use anyhow::{Context, Result, anyhow, bail};
use evertoken_packed_simulation::{Outcome, Phase, YearSettings, run};
use serde::{Deserialize, Serialize};

use crate::results::Measurements;

/// One year for each seed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackedYears {
    /// The outcomes, from seed 1 on.
    pub years: Vec<Outcome>,
}

impl Measurements for PackedYears {
    const NAME: &'static str = "packed_year";

    fn check(&self) -> Result<()> {
        if self.years.len() < 3 || self.years.iter().any(|year| year.imported < FULL_SIZE || year.days < 365) {
            bail!("the documentation shows three years of a million accounts");
        }
        self.check_goals()
    }
}

/// The accounts of a year that the documentation shows.
const FULL_SIZE: u32 = 1_000_000;

/// The largest cost of an account and month in dollars. In a smaller year, packs are emptier and an account costs more.
const LARGEST_COST: f64 = 0.004;

/// The most versions of a secret in a day. AWS keeps a hundred, and none that is younger than a day is deleted.
const MOST_VERSIONS: usize = 90;

/// What a year was to reach, and has not.
fn missed_goals(year: &Outcome) -> impl Iterator<Item = &'static str> {
    let goals = [
        (year.kept.lost == 0, "accounts were lost"),
        (year.kept.findings.is_empty(), "the vault is not as it should be"),
        (year.import_seconds < 3_600, "the import took an hour or longer"),
        (
            year.imported < FULL_SIZE || year.cost_per_account_and_month() <= LARGEST_COST,
            "an account costs more than $0.004 a month",
        ),
        (year.steady.longest_milliseconds < 60_000, "a run took a minute or longer"),
        (year.recovery.workers <= 4, "the recovery had more than four workers"),
        (year.recovery.seconds.is_some_and(|seconds| seconds < 3_600), "the recovery took an hour or longer"),
        (year.most_versions_in_a_day <= MOST_VERSIONS, "a secret got more than 90 versions in a day"),
        (year.usage_of(Phase::Steady).throttled_calls() == 0, "calls were throttled on ordinary days"),
    ];
    goals.into_iter().filter(|(reached, _)| !reached).map(|(_, missed)| missed)
}

impl PackedYears {
    /// # Errors
    /// If a year has missed one of its goals.
    pub fn check_goals(&self) -> Result<()> {
        let missed = |year: &Outcome| {
            missed_goals(year).map(|missed| format!("seed {}: {missed}", year.seed)).collect::<Vec<_>>()
        };
        let missed: Vec<_> = self.years.iter().flat_map(missed).collect();
        if missed.is_empty() { Ok(()) } else { bail!("{}", missed.join("; ")) }
    }

    /// Simulates a year with these settings for each of the first seeds, all at the same time. Reports the progress on
    /// standard error.
    ///
    /// # Errors
    /// If a year cannot be simulated.
    pub fn simulate(settings: &YearSettings, seeds: u32) -> Result<Self> {
        let year = |seed: u64| {
            let observe = move |day| {
                if day % 10 == 0 {
                    eprintln!("seed {seed}: day {day}");
                }
            };
            let settings = YearSettings { seed, ..*settings };
            thread::spawn(move || run(&settings, observe))
        };
        let running: Vec<_> = (1..=seeds.into()).map(year).collect();
        let mut years = Vec::new();
        for year in running {
            let outcome = year.join().map_err(|_| anyhow!("a simulation has panicked"))?;
            years.push(outcome.context("a year was not simulated to its end")?);
        }
        Ok(Self { years })
    }

    /// The table that the benchmark prints.
    pub fn table(&self) -> String {
        let row = |title: &str, value: &dyn Fn(&Outcome) -> String| {
            [vec![title.to_owned()], self.years.iter().map(value).collect()].concat()
        };
        let seconds = |milliseconds: u64| format!("{}.{}", milliseconds / 1_000, milliseconds % 1_000 / 100);
        let dollars = |amount: f64| format!("${amount:.2}");
        let mut rows = vec![
            row("Accounts imported", &|year| year.imported.to_string()),
            row("Import, seconds", &|year| year.import_seconds.to_string()),
            row("Logins and removals", &|year| format!("{}, {}", year.logins, year.removals)),
            row("Accounts connected at the end", &|year| year.kept.connected.to_string()),
            row("Of these, kept", &|year| year.kept.kept.to_string()),
            row("Lost", &|year| year.kept.lost.to_string()),
            row("Findings in the vault", &|year| year.kept.findings.len().to_string()),
            row("Renewals", &|year| year.renewals.renewals.to_string()),
            row("Oldest token at its renewal, hours", &|year| year.renewals.oldest_hours.to_string()),
            row("Writes of packs", &|year| year.pack_writes().to_string()),
            row("Most versions of a secret in 24 hours", &|year| year.most_versions_in_a_day.to_string()),
            row("Throttled calls on ordinary days", &|year| throttled(year, Phase::Steady)),
            row("Throttled calls in the recovery", &|year| throttled(year, Phase::Recovery)),
            row("Workers of a scheduled run", &|year| year.workers.to_string()),
            row("Longest run on an ordinary day, seconds", &|year| seconds(year.steady.longest_milliseconds)),
            row("Most renewals in such a run", &|year| year.steady.most_renewed.to_string()),
            row("Workers in the recovery", &|year| year.recovery.workers.to_string()),
            row("Renewals in the recovery", &|year| year.recovery.renewed.to_string()),
            row("Recovery, seconds", &|year| year.recovery.seconds.map_or("not done".to_owned(), |s| s.to_string())),
            row("Packs", &|year| year.packs.packs.to_string()),
            row("Reserved places without an account", &|year| year.packs.empty_places.to_string()),
            row("Taken places, percent", &|year| year.fill_percent().to_string()),
            row("Largest pack, bytes", &|year| year.packs.largest_bytes.to_string()),
            row("Secrets, per month", &|year| dollars(year.monthly_cost().secrets)),
            row("Secrets Manager API calls, per month", &|year| dollars(year.monthly_cost().secrets_manager_calls)),
            row("Index, per month", &|year| dollars(year.monthly_cost().index)),
            row("Lambda, per month", &|year| dollars(year.monthly_cost().lambda)),
            row("Cost of an account, per month", &|year| format!("${:.5}", year.cost_per_account_and_month())),
        ];
        if self.years.iter().any(|year| year.alone.is_some()) {
            rows.push(row("Accounts outside of packs", &|year| {
                year.alone.map_or_else(String::new, |alone| alone.to_string())
            }));
        }
        let titles = self.years.iter().map(|year| format!("Seed {}", year.seed));
        let mut lines = vec![["Figure".to_owned()].into_iter().chain(titles).collect::<Vec<_>>()];
        lines.push(std::iter::once("---".to_owned()).chain(self.years.iter().map(|_| "--:".to_owned())).collect());
        lines.extend(rows);
        lines.iter().map(|line| format!("| {} |", line.join(" | "))).collect::<Vec<_>>().join("\n")
    }
}

fn throttled(year: &Outcome, phase: Phase) -> String {
    year.usage_of(phase).throttled_calls().to_string()
}

#[cfg(test)]
mod tests {
    use evertoken_packed_simulation::{Operation, Usage};

    use super::*;

    type Change = fn(&mut Outcome);

    /// A year that has reached all of its goals.
    fn year() -> Outcome {
        let mut year = Outcome { seed: 1, imported: FULL_SIZE, ..Outcome::default() };
        (year.recovery.workers, year.recovery.seconds) = (4, Some(3_599));
        (year.steady.days, year.steady.account_days, year.steady.secret_days) = (1, 100, 1);
        (year.import_seconds, year.steady.longest_milliseconds, year.most_versions_in_a_day) = (3_599, 59_999, 90);
        year
    }

    #[test]
    fn a_year_that_misses_one_of_its_goals_is_refused() {
        let check = |year: Outcome| PackedYears { years: vec![year] }.check_goals().map_err(|error| error.to_string());
        assert_eq!(check(year()), Ok(()));
        let mut small = Outcome { imported: FULL_SIZE - 1, ..year() };
        small.steady.secret_days = 2;
        assert_eq!(check(small.clone()), Ok(()));
        small.kept.lost = 1;
        assert!(check(small).unwrap_err().contains("lost"));
        let throttled = Usage { throttled: [(Operation::PutSecretValue, 1)].into(), ..Usage::default() };
        let misses: [(Change, &str); 8] = [
            (|year| year.kept.lost = 1, "lost"),
            (|year| year.kept.findings.push("a finding".to_owned()), "not as it should be"),
            (|year| year.import_seconds = 3_600, "import"),
            (|year| year.steady.secret_days = 2, "costs more"),
            (|year| year.steady.longest_milliseconds = 60_000, "a run"),
            (|year| year.recovery.workers = 5, "four workers"),
            (|year| year.recovery.seconds = None, "the recovery"),
            (|year| year.most_versions_in_a_day = 91, "versions"),
        ];
        for (miss, expected) in misses {
            let mut year = year();
            miss(&mut year);
            let error = check(year).unwrap_err();
            assert!(error.starts_with("seed 1: ") && error.contains(expected), "{error}");
        }
        let year = Outcome { usage: [(Phase::Steady, throttled)].into(), ..year() };
        assert!(check(year).unwrap_err().contains("throttled"));
    }
}
