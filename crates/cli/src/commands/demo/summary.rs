//! The outcome of a simulated year, as text.

use evertoken_simulation::{Outcome, Survival};
use indicatif::HumanCount;

use crate::terminal::plural::noun;

/// For example `100` or `99.9`. Rounds down, so that a loss never looks like 100.
fn percent(percent: f64) -> String {
    let floor = (percent * 10.0).floor() / 10.0;
    format!("{floor}")
}

/// For example "19 of 20 kept (95%)".
pub(super) fn survival(survival: &Survival) -> String {
    let Survival { kept, accounts, percent: share, .. } = survival;
    format!("{} of {} kept ({}%)", HumanCount((*kept).into()), HumanCount((*accounts).into()), percent(*share))
}

/// The survival of tokens, and the numbers behind it.
pub(super) fn table(outcome: &Outcome) -> String {
    let count = |number: u32| HumanCount(number.into()).to_string();
    let survivors = &outcome.survival;
    let needed_owner = survivors.needed_owner;
    let kept_alone = outcome.connected.saturating_sub(needed_owner).saturating_sub(outcome.left);
    let working_alone = survivors.working_at_the_end.saturating_sub(survivors.owner_helped);
    let rows = [
        ("", "accounts".to_owned(), "work at the end".to_owned()),
        ("refreshed by the service alone", count(kept_alone), count(working_alone)),
        ("needed their owner as well", count(needed_owner), count(survivors.owner_helped)),
        ("owner removed the app", count(outcome.left), "-".to_owned()),
    ];
    let mut lines = vec![format!(
        "\n{} {}, {} {}, {} of {} calls failed, seed {}",
        count(outcome.days),
        noun(outcome.days, "day"),
        count(outcome.connected),
        noun(outcome.connected, "account"),
        HumanCount(outcome.calls_failed),
        HumanCount(outcome.calls),
        outcome.seed
    )];
    lines.extend(rows.map(|(group, accounts, working)| format!("  {group:<34}{accounts:>9}{working:>18}")));
    lines.push(format!(
        "  refreshes: {}, failed attempts: {}, failed runs: {}, notifications to owners: {}, recovered tokens: {}",
        HumanCount(outcome.refreshes),
        HumanCount(outcome.failed_attempts),
        HumanCount(outcome.failed_runs),
        HumanCount(outcome.alerts),
        HumanCount(outcome.recoveries)
    ));
    lines.push(format!("Tokens that a service can keep: {}", survival(survivors)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_rounds_a_loss_up_to_100_percent() {
        assert_eq!([100.0, 99.99, 30.6, 0.0].map(percent), ["100", "99.9", "30.6", "0"]);
    }
}
