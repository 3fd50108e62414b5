//! Markdown tables.

/// A table without padding, as the documentation has it. All columns but the first are right-aligned.
pub fn markdown<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> String {
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let mut lines = vec![line(&header.map(str::to_owned)), format!("| --- |{}", " --: |".repeat(N.saturating_sub(1)))];
    lines.extend(rows.iter().map(|row| line(row)));
    lines.join("\n")
}

/// Formats a measurement with three significant digits.
pub fn number(value: f64) -> String {
    if value.is_nan() {
        "not measured".to_owned()
    } else if value < 10.0 {
        format!("{value:.2}")
    } else if value < 100.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

/// Formats `value` as a multiple of `reference`.
pub fn ratio(value: f64, reference: f64) -> String {
    if value.is_nan() { "not measured".to_owned() } else { format!("{}×", number(value / reference)) }
}
