//! Tables with aligned columns.

use anstyle::{AnsiColor, Style};

use terminal_size::{Width, terminal_size_of};

use super::output;
use crate::error::Result;

pub(crate) const PLAIN: Style = Style::new();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// For something to look at.
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default();
/// For something that needs action.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();

/// The space between two columns.
const GAP: usize = 2;

/// No column is shortened below this width.
const NARROWEST: usize = 14;

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

    /// The lines, with color codes. The widest columns are shortened until each line fits into `available` columns.
    pub(crate) fn lines(&self, available: usize) -> Vec<String> {
        let widths = self.widths(available);
        let line = |row: &[Cell; COLUMNS]| {
            let cells = row.iter().zip(widths).enumerate().map(|(number, (cell, width))| {
                let (text, style) = (shortened(&cell.text, width), cell.style);
                // No trailing whitespace.
                let gap = if number + 1 == COLUMNS { 0 } else { width + GAP - text.chars().count() };
                format!("{style}{text}{style:#}{:gap$}", "")
            });
            cells.collect()
        };
        self.rows.iter().map(line).collect()
    }

    fn widths(&self, available: usize) -> [usize; COLUMNS] {
        let mut widths = [0; COLUMNS];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.text.chars().count());
            }
        }
        let gaps = GAP * COLUMNS.saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > available {
            match widths.iter_mut().max() {
                Some(widest) if *widest > NARROWEST => *widest -= 1,
                _ => break,
            }
        }
        widths
    }

    /// Prints the table to standard output, as wide as the terminal.
    pub(crate) fn print(&self) -> Result<()> {
        let available = terminal_size_of(std::io::stdout()).map_or(usize::MAX, |(Width(width), _)| width.into());
        self.lines(available).iter().try_for_each(|line| output::styled(line))
    }
}

fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aligns_columns_below_their_titles() {
        let mut table = Table::new(["NAME", "DAYS"]);
        table.push(["café".into(), Cell::new("5", BAD)]);
        table.push(["shop-de".into(), "12".into()]);
        let lines = table.lines(usize::MAX).join("\n");
        let plain = anstream::adapter::strip_str(&lines).to_string();
        assert_eq!(plain, "NAME     DAYS\ncafé     5\nshop-de  12");
        assert!(lines.contains("\u{1b}[31m5\u{1b}[0m"), "{lines:?}");
    }

    #[test]
    fn shortens_the_widest_columns_in_a_narrow_terminal() {
        let mut table = Table::new(["NAME", "USER", "DAYS"]);
        table.push(["a-very-long-name-of-a-shop".into(), "@blue_bottle".into(), "12".into()]);
        let plain = |available| anstream::adapter::strip_str(&table.lines(available).join("\n")).to_string();
        assert_eq!(plain(40).lines().map(|line| line.chars().count()).max(), Some(40));
        assert!(plain(40).contains("a-very-long-name-of…  @blue_bottle  12"), "{}", plain(40));
        assert!(plain(10).contains("a-very-long-n…  @blue_bottle  12"), "{}", plain(10));
        assert!(plain(80).contains("a-very-long-name-of-a-shop  @"), "{}", plain(80));
    }
}
