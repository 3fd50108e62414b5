//! What came of the year, in a table.

use evertoken_simulation::Outcome;

/// Digits in threes: `12,345`.
pub(super) fn number(number: impl Into<u64>) -> String {
    let digits = number.into().to_string();
    let place = |(place, digit): (usize, char)| {
        let comma = place > 0 && (digits.len() - place).is_multiple_of(3);
        [comma.then_some(','), Some(digit)].into_iter().flatten()
    };
    digits.chars().enumerate().flat_map(place).collect()
}

/// `100`, `99.9`: never rounded up to a hundred.
pub(super) fn percent(percent: f64) -> String {
    let floor = (percent * 10.0).floor() / 10.0;
    format!("{floor}")
}

/// The survival table and what led to it.
pub(super) fn table(outcome: &Outcome) -> String {
    let Outcome { survival, connected, left, .. } = outcome;
    let needed_owner = survival.needed_owner;
    let machine_only = connected.saturating_sub(needed_owner).saturating_sub(*left);
    let alive = survival.working_at_the_end.saturating_sub(survival.owner_helped);
    let rows = [
        ("", "accounts".to_owned(), "work at the end".to_owned()),
        ("needed a machine only", number(machine_only), number(alive)),
        ("needed their owner as well", number(needed_owner), number(survival.owner_helped)),
        ("left: the owner removed the app", number(*left), "-".to_owned()),
    ];
    let mut lines = vec![format!(
        "\n{} days, {} accounts, {} of {} calls failed, seed {}",
        number(outcome.days),
        number(*connected),
        number(outcome.calls_failed),
        number(outcome.calls),
        outcome.seed
    )];
    lines.extend(rows.map(|(what, all, working)| format!("  {what:<34}{all:>9}{working:>18}")));
    lines.push(format!(
        "  renewed {} times; {} tries and {} whole runs failed; owners were told {} times; {} tokens came back",
        number(outcome.refreshes),
        number(outcome.failed_attempts),
        number(outcome.failed_runs),
        number(outcome.alerts),
        number(outcome.recoveries)
    ));
    lines.push(format!(
        "Tokens that a machine could keep: {} of {} kept ({} %)",
        number(survival.kept),
        number(survival.accounts),
        percent(survival.percent)
    ));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_threes_and_no_loss_is_rounded_away() {
        assert_eq!([0u64, 999, 1_000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([100.0, 99.99, 30.6, 0.0].map(percent), ["100", "99.9", "30.6", "0"]);
    }
}
