//! The survival tables and sentences of the documentation, as Markdown.

use evertoken_simulation::{OlderToken, Outcome, RenewalStrategy};

use super::experiment::{AGES, FAULTS, FLEETS, STRATEGIES, Survival, USUAL_FAULTS, year, year_by_age, year_of_fleet};
use super::statistics::{self, Better, Years};

/// A column of the tables by strategy.
struct Column {
    title: &'static str,
    better: Better,
    metric: fn(&Outcome) -> f64,
    format: fn(f64) -> String,
}

const COLUMNS: [Column; 7] = [
    Column { title: "Kept", better: Better::More, metric: statistics::kept_percent, format: percent },
    Column { title: "Down days", better: Better::Less, metric: statistics::down_days, format: decimal },
    Column { title: "Hours until known", better: Better::Less, metric: statistics::hours_until_known, format: whole },
    Column { title: "Longest", better: Better::Less, metric: statistics::longest_hours_until_known, format: whole },
    Column { title: "False alerts", better: Better::Less, metric: statistics::false_alerts, format: decimal },
    Column { title: "Repeated alerts", better: Better::Less, metric: statistics::repeated_alerts, format: decimal },
    Column { title: "Calls", better: Better::Less, metric: statistics::instagram_calls, format: decimal },
];

/// Accounts kept by strategy and fault rate, if a replaced token stays valid.
pub fn fault_rates(survival: &Survival) -> String {
    let header = FAULTS.map(|faults| format!("{faults}%"));
    let rows = STRATEGIES.map(|strategy| {
        let cells = FAULTS.map(|faults| {
            let years = survival.of(&year(strategy, faults, OlderToken::Valid));
            cell(&years, Better::More, statistics::kept_percent, percent)
        });
        (name(strategy), cells.to_vec())
    });
    table("Kept when this share of calls fails", &header, &rows)
}

/// All metrics by strategy, if a replaced token stays valid.
pub fn older_token_valid(survival: &Survival) -> String {
    by_strategy(survival, OlderToken::Valid)
}

/// All metrics by strategy, if a refresh invalidates the older token.
pub fn older_token_dies(survival: &Survival) -> String {
    by_strategy(survival, OlderToken::Dies)
}

fn by_strategy(survival: &Survival, older_token: OlderToken) -> String {
    let rows = STRATEGIES.map(|strategy| {
        let years = survival.of(&year(strategy, USUAL_FAULTS, older_token));
        let cells = COLUMNS.iter().map(|column| cell(&years, column.better, column.metric, column.format));
        (name(strategy), cells.collect())
    });
    table("Strategy", &COLUMNS.map(|column| column.title.to_owned()), &rows)
}

/// How often a job would alert in vain if it reported every error.
pub fn reported_errors(survival: &Survival) -> String {
    let rows = STRATEGIES.map(|strategy| {
        let years = survival.of(&year(strategy, USUAL_FAULTS, OlderToken::Valid));
        let errors = cell(&years, Better::Less, statistics::errors_with_a_working_token, decimal);
        (name(strategy), vec![errors])
    });
    table("Strategy", &["False alerts if every error is reported".to_owned()], &rows)
}

/// Evertoken by the age from which it renews tokens.
pub fn renewal_age(survival: &Survival) -> String {
    let header = ["Kept, older token valid", "Kept, older token dies", "Down days, older token valid", "Calls"];
    let rows = AGES.map(|days| {
        let [valid, dies] = [OlderToken::Valid, OlderToken::Dies].map(|older| survival.of(&year_by_age(days, older)));
        let cells = vec![
            cell(&valid, Better::More, statistics::kept_percent, percent),
            cell(&dies, Better::More, statistics::kept_percent, percent),
            cell(&valid, Better::Less, statistics::down_days, decimal),
            cell(&valid, Better::Less, statistics::instagram_calls, decimal),
        ];
        (format!("Day {days}"), cells)
    });
    table("Renewed from", &header.map(str::to_owned), &rows)
}

/// The job that stops at the first error, by the number of its accounts.
pub fn fleet_size(survival: &Survival) -> String {
    let rows = FLEETS.map(|accounts| {
        let years = survival.of(&year_of_fleet(accounts));
        (accounts.to_string(), vec![cell(&years, Better::More, statistics::kept_percent, percent)])
    });
    table("Accounts", &["Kept".to_owned()], &rows)
}

/// What each strategy does.
pub fn strategies() -> String {
    let rows = RenewalStrategy::ALL.map(|strategy| format!("| {} | {} |", strategy.title(), strategy.description()));
    format!("| Strategy | What it does |\n| --- | --- |\n{}", rows.join("\n"))
}

/// The summary for the README.
pub fn summary(survival: &Survival) -> String {
    let kept = |strategy, older_token| {
        let years =
            Years::of(&survival.of(&year(strategy, USUAL_FAULTS, older_token)), Better::More, statistics::kept_percent);
        percent(years.median)
    };
    let sentence = |older_token| {
        let kept = |strategy| kept(strategy, older_token);
        format!(
            "Evertoken kept {}% of the accounts (median of ten years). Other strategies kept: weekly, continuing after an \
             error, {}%; daily from day 30, {}%; monthly with three tries, {}%; monthly with one try, {}%",
            kept(RenewalStrategy::Evertoken),
            kept(RenewalStrategy::Weekly),
            kept(RenewalStrategy::DailyFromDay30),
            kept(RenewalStrategy::MonthlyThreeTries),
            kept(RenewalStrategy::MonthlyOneTry),
        )
    };
    format!(
        "In simulated years with a two-day outage, in which {USUAL_FAULTS}% of all calls fail, {}. If Instagram \
         invalidates the older token whenever it issues a new one, which Meta does not document, a lost response loses \
         the token. In that case, {}.",
        sentence(OlderToken::Valid),
        sentence(OlderToken::Dies),
    )
}

fn name(strategy: RenewalStrategy) -> String {
    let title = strategy.title();
    if strategy == RenewalStrategy::Evertoken { format!("**{title}**") } else { title.to_owned() }
}

/// The median and, if it differs, the worst year.
fn cell(years: &[&Outcome], better: Better, metric: fn(&Outcome) -> f64, format: fn(f64) -> String) -> String {
    let years = Years::of(years, better, metric);
    let (median, worst) = (format(years.median), format(years.worst));
    if median == worst { median } else { format!("{median} ({worst})") }
}

fn table(first: &str, header: &[String], rows: &[(String, Vec<String>)]) -> String {
    let mut lines =
        vec![format!("| {first} | {} |", header.join(" | ")), format!("| --- |{}", " --: |".repeat(header.len()))];
    lines.extend(rows.iter().map(|(name, cells)| format!("| {name} | {} |", cells.join(" | "))));
    lines.join("\n")
}

/// At most one decimal, rounded down: only all accounts are 100.
pub(super) fn percent(number: f64) -> String {
    format!("{}", (number * 10.0).floor() / 10.0)
}

fn decimal(number: f64) -> String {
    format!("{number:.1}")
}

fn whole(number: f64) -> String {
    format!("{number:.0}")
}
