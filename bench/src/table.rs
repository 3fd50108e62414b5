//! Markdown tables, ready to paste into docs/benchmarks.md.

/// Prints a table. Cells that begin with a digit are right-aligned.
pub fn print<const N: usize>(header: [&str; N], rows: &[[String; N]]) {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([header[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |cells: [String; N]| {
        let cells = cells.iter().zip(&widths).map(|(cell, &width)| {
            let is_number = cell.starts_with(|first: char| first.is_ascii_digit());
            if is_number { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        println!("| {} |", cells.collect::<Vec<_>>().join(" | "));
    };
    line(header.map(str::to_owned));
    println!("|{}|", widths.iter().map(|width| "-".repeat(width + 2)).collect::<Vec<_>>().join("|"));
    for row in rows {
        line(row.clone());
    }
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
