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
        if self.years.len() < 3 || self.years.iter().any(|year| year.imported < 1_000_000 || year.days < 365) {
            bail!("the documentation shows three years of a million accounts");
        }
        Ok(())
    }
}

impl PackedYears {
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
        let rows = [
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
