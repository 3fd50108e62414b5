//! Tables as Markdown has them, so that they can be pasted into README.

/// Prints one. A column's first line is its head; what begins with a digit is set to the right.
pub fn print<const N: usize>(head: [&str; N], rows: &[[String; N]]) {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |cells: [String; N]| {
        let cells = cells.iter().zip(&widths).map(|(cell, &width)| {
            let is_number = cell.starts_with(|first: char| first.is_ascii_digit());
            if is_number { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        println!("| {} |", cells.collect::<Vec<_>>().join(" | "));
    };
    line(head.map(str::to_owned));
    println!("|{}|", widths.iter().map(|width| "-".repeat(width + 2)).collect::<Vec<_>>().join("|"));
    for row in rows {
        line(row.clone());
    }
}

/// A number that has been measured, with as many digits as mean something.
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

/// How many times as much the other takes.
pub fn times(other: f64, ours: f64) -> String {
    if other.is_nan() { "not measured".to_owned() } else { format!("{} times", number(other / ours)) }
}
