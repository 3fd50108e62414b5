//! The measurements in Markdown.

use std::fmt::Write;

use evertoken_simulation::Keeping;

use crate::measurements::{Measurements, percent};

/// Who survives, for README.
pub(crate) fn short(measurements: &Measurements) -> String {
    let measuring = &measurements.measuring;
    let rates = measuring.faults.iter().map(|faults| format!("{faults} % fail |"));
    let mut lines = vec![
        format!("| accounts kept, of calls | {} days dark |", rates.collect::<Vec<_>>().join(" ")),
        format!("|---|{}---|", "--:|".repeat(measuring.faults.len())),
    ];
    for policy in Keeping::ALL {
        let kept = measuring
            .faults
            .iter()
            .map(|faults| format!("{} % |", percent(measurements.kept_percent(policy, *faults))));
        let dark = measurements.dark_days(policy, usual(&measuring.faults));
        let title = if policy == Keeping::Evertoken { "**Evertoken**" } else { policy.title() };
        lines.push(format!("| {title} | {} {dark:.1} |", kept.collect::<Vec<_>>().join(" ")));
    }
    lines.join("\n")
}

/// The rate at which dark days are shown: 5 % where it was measured.
pub(crate) fn usual(faults: &[f64]) -> f64 {
    let five = faults.iter().copied().find(|faults| (4.9..5.1).contains(faults));
    five.or(faults.last().copied()).unwrap_or_default()
}

/// All of it, for `docs/`.
pub(crate) fn page(measurements: &Measurements) -> String {
    let measuring = &measurements.measuring;
    let seeds: Vec<_> = measuring.seeds.iter().map(u64::to_string).collect();
    let mut text = format!(
        "# How many survive\n\n\
         Made by `make bench-policies`: {} accounts, {} days, seeds {}. The same years for each: the same owners, the same \
         two days' outage, the same chance of a fault. What is real in them, and what is assumed, says \
         [crates/simulation](../crates/simulation/README.md).\n\n\
         ![Accounts kept](survival.svg)\n\n{}\n\n\
         An account is kept if its token never ended by its age; a token that its owner ended (another password, the app \
         removed) counts against nobody. A day is dark on which the stored token does not work, whoever is to blame: days \
         for each account and year, at {} % of faults.\n\n\
         | who renews | what it does |\n|---|---|\n",
        measuring.accounts,
        measuring.days,
        seeds.join(", "),
        short(measurements),
        usual(&measuring.faults)
    );
    for policy in Keeping::ALL {
        let _infallible = writeln!(text, "| {} | {} |", policy.title(), policy.description());
    }
    text.push_str(
        "\nAll store the token that Instagram returns and the end that it names, and none gives an account up. A lost \
         account comes back when its owner finds the page blank and logs in again.\n\n\
         ## Each year\n\n\
         | who renews | calls that fail | seed | kept | lost | days dark | of them for want of a machine | renewals |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for policy in Keeping::ALL {
        for faults in &measuring.faults {
            for outcome in measurements.of(policy, *faults) {
                let _infallible = writeln!(
                    text,
                    "| {} | {faults} % | {} | {} | {} | {} | {} | {} |",
                    policy.title(),
                    outcome.seed,
                    outcome.survival.kept,
                    outcome.survival.lost,
                    outcome.dark_days,
                    outcome.dark_days_for_want_of_a_machine,
                    outcome.refreshes
                );
            }
        }
    }
    text
}
