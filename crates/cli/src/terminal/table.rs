//! Columns for a person's eyes.

use std::io;

use anstyle::{AnsiColor, Style};

use super::output;

/// Nothing special.
pub(crate) const PLAIN: Style = Style::new();
/// As it should be.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Somebody should look.
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default();
/// Somebody must act.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();

/// Rows under heads, each column as wide as its widest cell.
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
    pub(crate) fn new(heads: [&str; COLUMNS]) -> Self {
        Self { rows: vec![heads.map(|head| Cell::new(head, PLAIN.bold()))] }
    }

    /// For what stands in lines: its first column says what each is.
    pub(crate) fn without_heads() -> Self {
        Self { rows: Vec::new() }
    }

    pub(crate) fn push(&mut self, row: [Cell; COLUMNS]) {
        self.rows.push(row);
    }

    /// Whether nothing stands under the heads.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.len() <= 1
    }

    /// The lines, with colours in them.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut widths = [0; COLUMNS];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.text.chars().count());
            }
        }
        let line = |row: &[Cell; COLUMNS]| {
            let cells = row.iter().zip(widths).enumerate().map(|(number, (cell, width))| {
                // No white space at a line's end.
                let gap = if number + 1 == COLUMNS { 0 } else { width + 2 - cell.text.chars().count() };
                let Cell { text, style } = cell;
                format!("{style}{text}{style:#}{:gap$}", "")
            });
            cells.collect()
        };
        self.rows.iter().map(line).collect()
    }

    /// Writes them to standard output, in colours where that shows them.
    pub(crate) fn print(&self) -> io::Result<()> {
        self.lines().iter().try_for_each(|line| output::styled(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_their_heads() {
        let mut table = Table::new(["NAME", "DAYS"]);
        table.push(["café".into(), Cell::new("5", BAD)]);
        table.push(["shop-de".into(), "12".into()]);
        let lines = table.lines().join("\n");
        let plain = anstream::adapter::strip_str(&lines).to_string();
        assert_eq!(plain, "NAME     DAYS\ncafé     5\nshop-de  12");
        assert!(lines.contains("\u{1b}[31m5\u{1b}[0m"), "{lines:?}");
    }
}
