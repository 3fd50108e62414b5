//! The year that was, kept for the report.

use evertoken_simulation::{Day, Mark, News};
use time::Date;

/// So many accounts have a row of their own.
const ROWS: usize = 60;

/// All days, in order.
#[derive(Debug, Default)]
pub(super) struct Calendar {
    pub(super) days: Vec<Past>,
}

/// A day that has passed.
#[derive(Debug)]
pub(super) struct Past {
    pub(super) date: Date,
    /// Of the first accounts.
    pub(super) marks: Vec<Mark>,
    pub(super) working: u32,
    pub(super) dark: u32,
    pub(super) news: Vec<News>,
}

impl Calendar {
    pub(super) fn keep(&mut self, day: &Day<'_>) {
        self.days.push(Past {
            date: day.date,
            marks: day.marks.iter().copied().take(ROWS).collect(),
            working: day.working,
            dark: day.dark,
            news: day.news.to_vec(),
        });
    }
}
