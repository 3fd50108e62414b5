//! The report: one page with everything in it.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use askama::Template;
use evertoken_simulation::{DayStatus, Outcome, TimelineEntry, TimelineEvent, YearSettings};
use tempfile::NamedTempFile;

use super::calendar::{Calendar, Past};
use super::summary::{number, percent};
use crate::error::{CliError, Result};

/// A file that is there, whole, or not at all.
#[derive(Debug)]
pub(super) struct ReportFile(PathBuf);

impl ReportFile {
    /// Makes sure that it can be written, and leaves nothing there.
    pub(super) fn at(path: PathBuf) -> Result<Self> {
        let report = Self(path);
        if report.0.is_dir() {
            return Err(report.not_written(ErrorKind::IsADirectory.into()));
        }
        report.temporary().map_err(|error| report.not_written(error))?;
        Ok(report)
    }

    /// Writes it.
    pub(super) fn write(&self, year: &YearSettings, outcome: &Outcome, calendar: &Calendar) -> Result<()> {
        self.persist(&Page::new(year, outcome, calendar)).map_err(|error| self.not_written(error))
    }

    /// In the same folder, so that taking its place is one step.
    fn temporary(&self) -> io::Result<NamedTempFile> {
        let folder = self.0.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        tempfile::Builder::new().permissions(readable()).tempfile_in(folder)
    }

    fn persist(&self, page: &Page) -> io::Result<()> {
        let page = page.render().map_err(io::Error::other)?;
        let mut file = self.temporary()?;
        file.write_all(page.as_bytes())?;
        file.persist(&self.0)?;
        Ok(())
    }

    fn not_written(&self, source: io::Error) -> CliError {
        CliError::WriteFile { path: self.0.clone(), source }
    }
}

/// As any file of one's own, and unlike a temporary one's.
#[cfg(unix)]
fn readable() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::Permissions::from_mode(0o644)
}

#[derive(Template)]
#[template(path = "demo-report.html")]
struct Page {
    title: String,
    command: String,
    /// Words and a figure.
    figures: Vec<(&'static str, String)>,
    survival: String,
    lost: bool,
    width: usize,
    curve: Curve,
    /// Where a time without any answer begins, and how wide it is.
    outages: Vec<(usize, usize)>,
    rows: Vec<Row>,
    rows_height: usize,
    months: Vec<(usize, String)>,
    more: usize,
    news: Vec<(String, String, &'static str)>,
}

/// How many tokens work, day by day.
struct Curve {
    /// An SVG path of what works, closed at the bottom.
    working: String,
    /// The same of what does not, from the top.
    dark: String,
    most: u32,
}

/// An account's year: pieces of days that are alike.
struct Row {
    name: String,
    y: usize,
    pieces: Vec<Piece>,
}

struct Piece {
    x: usize,
    width: usize,
    class: &'static str,
    title: String,
}

/// A day's width, a row's height and the curve's height, in the drawing's units.
const DAY: usize = 3;
const ROW: usize = 12;
const CURVE: u32 = 120;

impl Page {
    fn new(year: &YearSettings, outcome: &Outcome, calendar: &Calendar) -> Self {
        let survival = &outcome.survival;
        let shown = calendar.days.first().map_or(0, |day| day.statuses.len());
        let accounts = usize::try_from(year.accounts).unwrap_or(usize::MAX);
        let YearSettings { accounts: number_of_accounts, days, fault_percent: faults, seed, .. } = year;
        Self {
            title: format!("{} Instagram tokens through {} days", number(*number_of_accounts), number(*days)),
            command: format!(
                "evertoken demo --accounts {number_of_accounts} --days {days} --faults {faults} --seed {seed}"
            ),
            figures: vec![
                ("accounts connected", number(outcome.connected)),
                ("calls to Instagram and the vault", number(outcome.calls)),
                ("of them failed", number(outcome.calls_failed)),
                ("tokens renewed", number(outcome.refreshes)),
                ("tries that failed", number(outcome.failed_attempts)),
                ("runs that failed as a whole", number(outcome.failed_runs)),
                ("times an owner was told", number(outcome.alerts)),
                ("tokens that came back", number(outcome.recoveries)),
                ("needed their owner", number(survival.needed_owner)),
                ("owners who have repaired it", number(survival.owner_helped)),
                ("left: the app was removed", number(outcome.left)),
                ("work at the end", number(survival.working_at_the_end)),
                ("days without a working token", number(outcome.down_days)),
                ("of them for want of a machine", number(outcome.avoidable_down_days)),
            ],
            survival: format!(
                "{} of {} kept ({} %)",
                number(survival.kept),
                number(survival.accounts),
                percent(survival.percent)
            ),
            lost: survival.lost > 0,
            width: calendar.days.len() * DAY,
            curve: Curve::new(&calendar.days),
            outages: outages(&calendar.days),
            rows: (0..shown).map(|place| Row::new(place, &calendar.days)).collect(),
            rows_height: shown * ROW,
            months: months(&calendar.days),
            more: accounts.saturating_sub(shown),
            news: news(&calendar.days),
        }
    }
}

impl Curve {
    fn new(days: &[Past]) -> Self {
        let most = days.iter().map(|day| day.working + day.down).max().unwrap_or(0).max(1);
        let height = |accounts: u32| f64::from(CURVE) * f64::from(accounts) / f64::from(most);
        let steps = |y: &dyn Fn(&Past) -> f64| {
            let step = |(place, day): (usize, &Past)| {
                let (x, y) = (place * DAY, y(day));
                format!("L{x} {y:.1}L{} {y:.1}", x + DAY)
            };
            days.iter().enumerate().map(step).collect::<String>()
        };
        let bottom = f64::from(CURVE);
        let working = steps(&|day| bottom - height(day.working));
        let both = steps(&|day| bottom - height(day.working + day.down));
        let end = days.len() * DAY;
        let close = |steps: &str| format!("M0 {CURVE}{steps}L{end} {CURVE}Z");
        Self { working: close(&working), dark: close(&both), most }
    }
}

fn class(status: DayStatus) -> (&'static str, &'static str) {
    match status {
        DayStatus::NotConnected => ("absent", "not connected yet"),
        DayStatus::Working => ("well", "works"),
        DayStatus::Refreshed => ("refreshed", "renewed"),
        DayStatus::Connected => ("connected", "connected"),
        DayStatus::RefreshFailed => ("failed", "a try failed; the token works"),
        DayStatus::Down => ("dark", "does not work"),
        DayStatus::Recovered => ("recovered", "works again"),
        DayStatus::OwnerNotified => ("alerted", "the owner is told"),
        DayStatus::Left => ("left", "the owner has removed the app"),
    }
}

impl Row {
    fn new(place: usize, days: &[Past]) -> Self {
        let mut pieces: Vec<(Piece, DayStatus)> = Vec::new();
        for (day, past) in days.iter().enumerate() {
            let status = past.statuses.get(place).copied().unwrap_or_default();
            match pieces.last_mut() {
                Some((piece, same)) if *same == status => piece.width += DAY,
                _ => {
                    let (class, words) = class(status);
                    let title = format!("{}: {words}", past.date);
                    pieces.push((Piece { x: day * DAY, width: DAY, class, title }, status));
                }
            }
        }
        // What is not there needs no drawing.
        let pieces = pieces
            .into_iter()
            .filter(|(_, status)| *status != DayStatus::NotConnected)
            .map(|(piece, _)| piece)
            .collect();
        Self { name: format!("shop-{:03}", place + 1), y: place * ROW, pieces }
    }
}

/// A year has one, of two days; it may be cut off by the year's end.
fn outages(days: &[Past]) -> Vec<(usize, usize)> {
    let when = |event| days.iter().position(|day| day.timeline.iter().any(|entry| entry.event == event));
    let begin = when(TimelineEvent::OutageStarted);
    let end = when(TimelineEvent::OutageEnded).unwrap_or(days.len());
    begin.map(|begin| (begin * DAY, end.saturating_sub(begin) * DAY)).into_iter().collect()
}

/// Where each month begins that has room for its name.
fn months(days: &[Past]) -> Vec<(usize, String)> {
    let room = (days.len() / 13).max(1);
    let firsts = days.iter().enumerate().filter(|(_, day)| day.date.day() == 1);
    let mut named: Vec<(usize, String)> = Vec::new();
    for (place, day) in firsts {
        if named.last().is_none_or(|(x, _)| place - x / DAY >= room.min(28)) {
            let name: String = day.date.month().to_string().chars().take(3).collect();
            named.push((place * DAY, name));
        }
    }
    named
}

/// The first of them: a page has an end.
fn news(days: &[Past]) -> Vec<(String, String, &'static str)> {
    let all = days.iter().flat_map(|day| day.timeline.iter().map(|news| (day.date, news)));
    let line = |(date, news): (time::Date, &TimelineEntry)| {
        (date.to_string(), news.account.clone().unwrap_or_else(|| "all".to_owned()), news.event.description())
    };
    all.take(500).map(line).collect()
}
