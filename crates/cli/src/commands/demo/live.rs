//! The year on a terminal: accounts as rows, days as columns.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use evertoken_simulation::{Day, DayStatus, YearSettings};
use terminal_size::{Height, Width, terminal_size};

use super::summary::number;

/// A year takes at least so long, or nobody could follow it.
const AT_LEAST: Duration = Duration::from_secs(25);

/// No more pictures than an eye sees.
const PICTURE_EVERY: Duration = Duration::from_millis(40);

/// The last pieces of news stay in view.
const NEWS: usize = 4;

/// Lines that are no account's.
const OTHER_LINES: usize = 8 + NEWS;

/// Room for a name.
const LABEL: usize = 10;

/// What a status looks like: a sign, and a colour by its SGR number.
fn sign(status: DayStatus) -> (char, &'static str) {
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
    (DayStatus::Refreshed, "renewed"),
    (DayStatus::RefreshFailed, "a try failed"),
    (DayStatus::Down, "does not work"),
    (DayStatus::OwnerNotified, "owner told"),
    (DayStatus::Recovered, "back"),
    (DayStatus::Left, "left"),
];

pub(super) struct Live {
    days: u32,
    heading: String,
    columns: usize,
    width: usize,
    colours: bool,
    /// The accounts that fit, each with the greatest status of each column's days.
    rows: Vec<Vec<DayStatus>>,
    more: usize,
    months: String,
    news: VecDeque<String>,
    begun: Instant,
    painted: Option<Instant>,
    lines: usize,
}

impl Live {
    pub(super) fn new(year: &YearSettings) -> Self {
        let (width, height) = terminal_size().map_or((100, 40), |(Width(width), Height(height))| (width, height));
        let (width, height) = (usize::from(width).max(40), usize::from(height));
        let days = usize::try_from(year.days).unwrap_or(usize::MAX);
        let columns = days.min(width - LABEL - 1);
        let accounts = usize::try_from(year.accounts).unwrap_or(usize::MAX);
        let shown = accounts.min(height.saturating_sub(OTHER_LINES + 1).max(1));
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            days: year.days,
            heading: format!("{} tokens, {} % of all calls fail", number(year.accounts), year.fault_percent),
            columns,
            width,
            colours: !no_colour,
            rows: vec![vec![DayStatus::NotConnected; columns]; shown],
            more: accounts - shown,
            months: " ".repeat(columns),
            news: VecDeque::new(),
            begun: Instant::now(),
            painted: None,
            lines: 0,
        }
    }

    /// Takes a day in, paints, and waits for the next one's turn.
    pub(super) fn show(&mut self, day: &Day<'_>) -> io::Result<()> {
        self.take(day);
        let last = day.number == self.days;
        if last || self.painted.is_none_or(|at| at.elapsed() >= PICTURE_EVERY) {
            self.paint(day)?;
            self.painted = Some(Instant::now());
        }
        let due = AT_LEAST.mul_f64(f64::from(day.number) / f64::from(self.days).max(365.0));
        std::thread::sleep(due.saturating_sub(self.begun.elapsed()));
        Ok(())
    }

    fn take(&mut self, day: &Day<'_>) {
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
            // One sign a column, all of them ASCII.
            self.months.replace_range(column..column + month.len(), &month);
        }
        for news in day.timeline {
            let account = news.account.as_deref().unwrap_or("all");
            self.news.push_back(format!("{}  {account}: {}", day.date, news.event.description()));
        }
        while self.news.len() > NEWS {
            self.news.pop_front();
        }
    }

    fn paint(&mut self, day: &Day<'_>) -> io::Result<()> {
        let lines = self.picture(day);
        let mut text = String::new();
        if self.lines > 0 {
            // Up to the first line of the last picture.
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

    fn picture(&self, day: &Day<'_>) -> Vec<String> {
        let so_far = day.so_far;
        let mut lines = vec![
            self.cut(&format!("{}, day {} of {}: {}", day.date, day.number, self.days, self.heading)),
            format!("{:LABEL$} {}", "", self.months),
        ];
        let names = (1..).map(|number: u32| format!("shop-{number:03}"));
        lines.extend(self.rows.iter().zip(names).map(|(row, name)| format!("{name:LABEL$} {}", self.cells(row))));
        if self.more > 0 {
            lines.push(format!("{:LABEL$} and {} more", "", self.more));
        }
        let legend = LEGEND.map(|(status, word)| format!("{} {word}", self.cells(&[status])));
        lines.extend(self.in_lines(&legend));
        let figures = [
            ("work now", u64::from(day.working)),
            ("do not", u64::from(day.down)),
            ("renewed", so_far.refreshes),
            ("tries failed", so_far.failed_attempts),
            ("owners told", so_far.alerts),
            ("came back", so_far.recoveries),
        ];
        lines.extend(self.in_lines(&figures.map(|(what, figure)| format!("{what} {}", number(figure)))));
        lines.extend((0..NEWS).map(|place| self.news.get(place).map_or_else(String::new, |news| self.cut(news))));
        lines
    }

    /// In two lines where one would wrap.
    fn in_lines(&self, pieces: &[String]) -> Vec<String> {
        let in_a_line = if self.width >= 90 { pieces.len() } else { pieces.len().div_ceil(2) };
        pieces.chunks(in_a_line).map(|pieces| pieces.join("   ")).collect()
    }

    /// Signs, with a change of colour where the colour changes.
    fn cells(&self, row: &[DayStatus]) -> String {
        let (mut text, mut colour) = (String::new(), "0");
        for status in row {
            let (sign, its) = sign(*status);
            if self.colours && its != colour {
                let _infallible = write!(text, "\x1b[0;{its}m");
                colour = its;
            }
            text.push(sign);
        }
        if colour != "0" {
            text.push_str("\x1b[0m");
        }
        text
    }

    /// A line that wraps would spoil the next picture.
    fn cut(&self, line: &str) -> String {
        line.chars().take(self.width - 1).collect()
    }
}
