//! Tables with aligned columns.

use anstyle::{AnsiColor, Style};

use super::output;
use crate::error::Result;

pub(crate) const PLAIN: Style = Style::new();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// For something to look at.
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default();
/// For something that needs action.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();

/// Rows below a header. Each column is as wide as its widest cell.
#[derive(Debug)]
pub(crate) struct Table<const COLUMNS: usize> {
    rows: Vec<[Cell; COLUMNS]>,
}

#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    pub(crate) fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text, PLAIN)
    }
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    pub(crate) fn new(header: [&str; COLUMNS]) -> Self {
        Self { rows: vec![header.map(|title| Cell::new(title, PLAIN.bold()))] }
    }

    /// A table whose first column names what each row contains.
    pub(crate) fn without_header() -> Self {
        Self { rows: Vec::new() }
    }

    pub(crate) fn push(&mut self, row: [Cell; COLUMNS]) {
        self.rows.push(row);
    }

    /// Whether there is no row below the header.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.len() <= 1
    }

    /// The lines, with color codes.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut widths = [0; COLUMNS];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.text.chars().count());
            }
        }
        let line = |row: &[Cell; COLUMNS]| {
            let cells = row.iter().zip(widths).enumerate().map(|(number, (cell, width))| {
                // No trailing whitespace.
                let gap = if number + 1 == COLUMNS { 0 } else { width + 2 - cell.text.chars().count() };
                let Cell { text, style } = cell;
                format!("{style}{text}{style:#}{:gap$}", "")
            });
            cells.collect()
        };
        self.rows.iter().map(line).collect()
    }

    /// Prints the table to standard output.
    pub(crate) fn print(&self) -> Result<()> {
        self.lines().iter().try_for_each(|line| output::styled(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aligns_columns_below_their_titles() {
        let mut table = Table::new(["NAME", "DAYS"]);
        table.push(["café".into(), Cell::new("5", BAD)]);
        table.push(["shop-de".into(), "12".into()]);
        let lines = table.lines().join("\n");
        let plain = anstream::adapter::strip_str(&lines).to_string();
        assert_eq!(plain, "NAME     DAYS\ncafé     5\nshop-de  12");
        assert!(lines.contains("\u{1b}[31m5\u{1b}[0m"), "{lines:?}");
    }
}
