//! A live view of the year on a terminal: accounts as rows, days as columns.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use evertoken_simulation::{Day, DayStatus, YearSettings};
use indicatif::HumanCount;
use terminal_size::{Height, Width, terminal_size};

use super::timeline_line::timeline_line;
use crate::terminal::pack::pack;
use crate::terminal::plural::noun;

/// The shortest time for a year, so that people can follow it.
const MINIMUM_DURATION: Duration = Duration::from_secs(25);

/// The time between two frames.
const FRAME_INTERVAL: Duration = Duration::from_millis(40);

/// Events that stay in view.
const EVENTS: usize = 4;

/// A number as wide as any that a figure shows.
const WIDEST: u64 = 9_999_999;

/// A narrower terminal shows too little of a year.
const NARROWEST: usize = 40;

/// What is written between the items of a line.
const GAP: &str = "   ";

/// Width of the account names.
const NAME_WIDTH: usize = 10;

/// The symbol of a status, and the SGR parameters of its color.
fn symbol(status: DayStatus) -> (char, &'static str) {
    match status {
        DayStatus::NotConnected => (' ', "0"),
        DayStatus::Working => ('─', "32"),
        DayStatus::Refreshed => ('●', "1;32"),
        DayStatus::Connected => ('+', "1;36"),
        DayStatus::RefreshFailed => ('×', "33"),
        DayStatus::Down => ('▒', "31"),
        DayStatus::Recovered => ('↑', "1;36"),
        DayStatus::OwnerNotified => ('!', "1;35"),
        DayStatus::Left => ('·', "2"),
    }
}

const LEGEND: [(DayStatus, &str); 8] = [
    (DayStatus::Connected, "connected"),
    (DayStatus::Working, "works"),
    (DayStatus::Refreshed, "refreshed"),
    (DayStatus::RefreshFailed, "attempt failed"),
    (DayStatus::Down, "does not work"),
    (DayStatus::OwnerNotified, "owner notified"),
    (DayStatus::Recovered, "recovered"),
    (DayStatus::Left, "app removed"),
];

pub(super) struct LiveDisplay {
    days: u32,
    heading: String,
    columns: usize,
    width: usize,
    has_colors: bool,
    /// The accounts that fit. If a column shows several days, it shows their greatest status.
    rows: Vec<Vec<DayStatus>>,
    more: usize,
    months: String,
    /// The lines that explain the symbols.
    legend: Vec<String>,
    events: VecDeque<String>,
    started: Instant,
    last_frame: Option<Instant>,
    lines: usize,
}

impl LiveDisplay {
    /// `None` if the terminal is too small: a frame that does not fit would scroll, and leave lines behind.
    pub(super) fn new(year: &YearSettings) -> Option<Self> {
        let (width, height) = terminal_size().map_or((100, 40), |(Width(width), Height(height))| (width, height));
        Self::sized(year, width.into(), height.into())
    }

    fn sized(year: &YearSettings, width: usize, height: usize) -> Option<Self> {
        if width < NARROWEST {
            return None;
        }
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let has_colors = !no_color;
        let legend = pack(&LEGEND.map(|(status, name)| (cells(&[status], has_colors), name)), GAP, width - 1);
        // The heading, the months, the accounts that are left out, the other lines, and the cursor's.
        let others = 3 + legend.len() + figures([WIDEST; FIGURES.len()], width).len() + EVENTS + 1;
        let accounts_that_fit = height.checked_sub(others).filter(|lines| *lines > 0)?;
        let days = usize::try_from(year.days).unwrap_or(usize::MAX);
        let columns = days.min(width - NAME_WIDTH - 1);
        let accounts = usize::try_from(year.accounts).unwrap_or(usize::MAX);
        let shown = accounts.min(accounts_that_fit);
        Some(Self {
            days: year.days,
            heading: format!(
                "{} {}, {}% of calls fail",
                HumanCount(year.accounts.into()),
                noun(year.accounts, "token"),
                year.fault_percent
            ),
            columns,
            width,
            has_colors,
            rows: vec![vec![DayStatus::NotConnected; columns]; shown],
            more: accounts - shown,
            months: " ".repeat(columns),
            legend,
            events: VecDeque::new(),
            started: Instant::now(),
            last_frame: None,
            lines: 0,
        })
    }

    /// Adds a day, draws a frame if it is time for one, and waits for the next day.
    pub(super) fn show(&mut self, day: &Day<'_>) -> io::Result<()> {
        self.add(day);
        let last = day.number == self.days;
        if last || self.last_frame.is_none_or(|at| at.elapsed() >= FRAME_INTERVAL) {
            self.draw(day)?;
            self.last_frame = Some(Instant::now());
        }
        let due = MINIMUM_DURATION.mul_f64(f64::from(day.number) / f64::from(self.days).max(365.0));
        std::thread::sleep(due.saturating_sub(self.started.elapsed()));
        Ok(())
    }

    fn add(&mut self, day: &Day<'_>) {
        let share = u64::from(day.number - 1) * u64::try_from(self.columns).unwrap_or(0) / u64::from(self.days);
        let column = usize::try_from(share).unwrap_or(0);
        for (row, status) in self.rows.iter_mut().zip(day.statuses) {
            if let Some(cell) = row.get_mut(column) {
                *cell = (*cell).max(*status);
            }
        }
        if day.date.day() == 1 && column + 3 <= self.columns {
            let month = day.date.month().to_string();
            let month: String = month.chars().take(3).collect();
            // The line consists of ASCII, one character per column.
            self.months.replace_range(column..column + month.len(), &month);
        }
        for entry in day.timeline {
            self.events.push_back(timeline_line(day.date, entry));
        }
        while self.events.len() > EVENTS {
            self.events.pop_front();
        }
    }

    fn draw(&mut self, day: &Day<'_>) -> io::Result<()> {
        let lines = self.frame(day);
        let mut text = String::new();
        if self.lines > 0 {
            // Moves the cursor to the first line of the last frame.
            let _infallible = write!(text, "\x1b[{}A", self.lines);
        }
        for line in &lines {
            text.push_str(line);
            text.push_str("\x1b[K\n");
        }
        self.lines = lines.len();
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    fn frame(&self, day: &Day<'_>) -> Vec<String> {
        let so_far = day.so_far;
        let mut lines = vec![
            self.cut(&format!("{}, day {} of {}: {}", day.date, day.number, self.days, self.heading)),
            format!("{:NAME_WIDTH$} {}", "", self.months),
        ];
        let names = (1..).map(|number: u32| format!("shop-{number:03}"));
        lines.extend(
            self.rows
                .iter()
                .zip(names)
                .map(|(row, name)| format!("{name:NAME_WIDTH$} {}", cells(row, self.has_colors))),
        );
        if self.more > 0 {
            lines.push(format!("{:NAME_WIDTH$} and {} more", "", self.more));
        }
        lines.extend(self.legend.iter().cloned());
        let numbers = [
            day.working.into(),
            day.down.into(),
            so_far.refreshes,
            so_far.failed_attempts,
            so_far.alerts,
            so_far.recoveries,
        ];
        // As many lines in each frame, although the numbers grow.
        let (figures, most) = (figures(numbers, self.width), figures([WIDEST; FIGURES.len()], self.width).len());
        let missing = most.saturating_sub(figures.len());
        lines.extend(figures.into_iter().chain(std::iter::repeat_n(String::new(), missing)));
        lines.extend((0..EVENTS).map(|index| self.events.get(index).map_or_else(String::new, |event| self.cut(event))));
        lines
    }

    /// Cuts a line that would wrap and break the next frame.
    fn cut(&self, line: &str) -> String {
        line.chars().take(self.width - 1).collect()
    }
}

const FIGURES: [&str; 6] = ["working", "not working", "refreshes", "failed attempts", "notifications", "recovered"];

/// The lines with these numbers.
fn figures(numbers: [u64; FIGURES.len()], width: usize) -> Vec<String> {
    let mut labels = FIGURES.into_iter();
    let items = numbers.map(|number| (labels.next().unwrap_or_default().to_owned(), HumanCount(number).to_string()));
    pack(&items, GAP, width - 1)
}

/// The symbols of a row, with escape codes where the color changes.
fn cells(row: &[DayStatus], has_colors: bool) -> String {
    let (mut text, mut current) = (String::new(), "0");
    for status in row {
        let (symbol, color) = symbol(*status);
        if has_colors && color != current {
            let _infallible = write!(text, "\x1b[0;{color}m");
            current = color;
        }
        text.push(symbol);
    }
    if current != "0" {
        text.push_str("\x1b[0m");
    }
    text
}

#[cfg(test)]
mod tests {
    use evertoken_simulation::run;

    use super::*;

    #[test]
    fn no_frame_is_wider_or_higher_than_the_terminal() {
        let year = YearSettings { accounts: 40, days: 2, ..YearSettings::default() };
        let sizes = (40..=130).map(|width| (width, 30)).chain([(80, 24), (100, 20), (200, 60)]);
        let mut displays: Vec<_> = sizes.filter_map(|(w, h)| Some((w, h, LiveDisplay::sized(&year, w, h)?))).collect();
        assert!(displays.len() > 90, "{}", displays.len());
        run(&year, |day| {
            for (width, height, display) in &mut displays {
                display.add(&day);
                let frame = display.frame(&day);
                // The cursor is on the line below.
                assert!(frame.len() < *height, "{width}x{height}: {}", frame.len());
                assert!(display.lines == 0 || display.lines == frame.len(), "{width}x{height}: another height");
                display.lines = frame.len();
                for line in &frame {
                    let shown = anstream::adapter::strip_str(line).to_string().chars().count();
                    assert!(shown < *width, "{width}x{height}: {line}");
                }
            }
        })
        .unwrap();
        assert!(LiveDisplay::sized(&year, 39, 30).is_none() && LiveDisplay::sized(&year, 100, 10).is_none());
    }
}
