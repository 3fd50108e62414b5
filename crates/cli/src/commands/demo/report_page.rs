//! The report of a simulated year, as an HTML page.

use askama::Template;
use evertoken_simulation::{DayStatus, Outcome, TimelineEvent, YearSettings};
use indicatif::HumanCount;

use super::recording::{RecordedDay, Recording};
use super::summary;
use super::timeline_line::affected;
use crate::terminal::plural::{counted, noun};

/// One HTML page with everything in it.
#[derive(Template)]
#[template(path = "demo-report.html")]
pub(super) struct ReportPage {
    title: String,
    command: String,
    /// Label and number.
    figures: Vec<(&'static str, String)>,
    survival: String,
    lost: bool,
    width: usize,
    chart: Chart,
    /// Start and width of each outage.
    outages: Vec<(usize, usize)>,
    rows: Vec<Row>,
    rows_height: usize,
    months: Vec<(usize, String)>,
    /// How many accounts are not shown, as text.
    more: Option<String>,
    timeline: Vec<(String, String, &'static str)>,
}

/// The number of working tokens per day.
struct Chart {
    /// An SVG path below which tokens work.
    working: String,
    /// An SVG path below which tokens exist, working or not.
    down: String,
    highest: u32,
}

/// The year of one account, in segments of days with the same status.
struct Row {
    name: String,
    y: usize,
    segments: Vec<Segment>,
}

struct Segment {
    x: usize,
    width: usize,
    class: &'static str,
    title: String,
}

// In units of the drawing.
const DAY_WIDTH: usize = 3;
const ROW_HEIGHT: usize = 12;
const CHART_HEIGHT: u32 = 120;

/// Entries of the timeline that the page shows.
const TIMELINE_LENGTH: usize = 500;

impl ReportPage {
    pub(super) fn new(year: &YearSettings, outcome: &Outcome, recording: &Recording) -> Self {
        let count = |number: u32| HumanCount(number.into()).to_string();
        let large_count = |number: u64| HumanCount(number).to_string();
        let survival = &outcome.survival;
        let days = &recording.days;
        let shown = days.first().map_or(0, |day| day.statuses.len());
        let accounts = usize::try_from(year.accounts).unwrap_or(usize::MAX);
        Self {
            title: format!(
                "{} Instagram {} over {} {}",
                count(year.accounts),
                noun(year.accounts, "token"),
                count(year.days),
                noun(year.days, "day"),
            ),
            command: format!(
                "evertoken demo --accounts {} --days {} --faults {} --seed {}",
                year.accounts, year.days, year.fault_percent, year.seed
            ),
            figures: vec![
                ("connected accounts", count(outcome.connected)),
                ("calls to Instagram and the vault", large_count(outcome.calls)),
                ("failed calls", large_count(outcome.calls_failed)),
                ("refreshes", large_count(outcome.refreshes)),
                ("failed attempts", large_count(outcome.failed_attempts)),
                ("failed runs", large_count(outcome.failed_runs)),
                ("notifications to owners", large_count(outcome.alerts)),
                ("recovered tokens", large_count(outcome.recoveries)),
                ("accounts that needed their owner", count(survival.needed_owner)),
                ("repaired by their owner", count(survival.owner_helped)),
                ("owners who removed the app", count(outcome.left)),
                ("working at the end", count(survival.working_at_the_end)),
                ("days without a working token", large_count(outcome.down_days)),
                ("avoidable days without a working token", large_count(outcome.avoidable_down_days)),
            ],
            survival: summary::survival(survival),
            lost: survival.lost > 0,
            width: days.len() * DAY_WIDTH,
            chart: Chart::new(days),
            outages: outages(days),
            rows: (0..shown).map(|index| Row::new(index, days)).collect(),
            rows_height: shown * ROW_HEIGHT,
            months: months(days),
            more: accounts.checked_sub(shown).filter(|more| *more > 0).map(|more| counted(more, "more account")),
            timeline: timeline(days),
        }
    }
}

impl Chart {
    fn new(days: &[RecordedDay]) -> Self {
        let highest = days.iter().map(|day| day.working + day.down).max().unwrap_or(0).max(1);
        let height = |accounts: u32| f64::from(CHART_HEIGHT) * f64::from(accounts) / f64::from(highest);
        let steps = |y: &dyn Fn(&RecordedDay) -> f64| {
            let step = |(index, day): (usize, &RecordedDay)| {
                let (x, y) = (index * DAY_WIDTH, y(day));
                format!("L{x} {y:.1}L{} {y:.1}", x + DAY_WIDTH)
            };
            days.iter().enumerate().map(step).collect::<String>()
        };
        let bottom = f64::from(CHART_HEIGHT);
        let working = steps(&|day| bottom - height(day.working));
        let connected = steps(&|day| bottom - height(day.working + day.down));
        let end = days.len() * DAY_WIDTH;
        let close = |steps: &str| format!("M0 {CHART_HEIGHT}{steps}L{end} {CHART_HEIGHT}Z");
        Self { working: close(&working), down: close(&connected), highest }
    }
}

/// The CSS class and the description of a status.
fn class(status: DayStatus) -> (&'static str, &'static str) {
    match status {
        DayStatus::NotConnected => ("absent", "not connected yet"),
        DayStatus::Working => ("working", "works"),
        DayStatus::Refreshed => ("refreshed", "refreshed"),
        DayStatus::Connected => ("connected", "connected"),
        DayStatus::RefreshFailed => ("failed", "an attempt failed, the token works"),
        DayStatus::Down => ("down", "does not work"),
        DayStatus::Recovered => ("recovered", "works again"),
        DayStatus::OwnerNotified => ("notified", "owner notified"),
        DayStatus::Left => ("left", "owner removed the app"),
    }
}

impl Row {
    fn new(index: usize, days: &[RecordedDay]) -> Self {
        let mut segments: Vec<(Segment, DayStatus)> = Vec::new();
        for (day, recorded) in days.iter().enumerate() {
            let status = recorded.statuses.get(index).copied().unwrap_or_default();
            match segments.last_mut() {
                Some((segment, same)) if *same == status => segment.width += DAY_WIDTH,
                _ => {
                    let (class, description) = class(status);
                    let title = format!("{}: {description}", recorded.date);
                    segments.push((Segment { x: day * DAY_WIDTH, width: DAY_WIDTH, class, title }, status));
                }
            }
        }
        let segments = segments
            .into_iter()
            .filter(|(_, status)| *status != DayStatus::NotConnected)
            .map(|(segment, _)| segment)
            .collect();
        Self { name: format!("shop-{:03}", index + 1), y: index * ROW_HEIGHT, segments }
    }
}

/// The outage of the year, if it starts before the last day.
fn outages(days: &[RecordedDay]) -> Vec<(usize, usize)> {
    let day_of = |event| days.iter().position(|day| day.timeline.iter().any(|entry| entry.event == event));
    let start = day_of(TimelineEvent::OutageStarted);
    let end = day_of(TimelineEvent::OutageEnded).unwrap_or(days.len());
    start.map(|start| (start * DAY_WIDTH, end.saturating_sub(start) * DAY_WIDTH)).into_iter().collect()
}

/// The start and the name of each month, unless the names would overlap.
fn months(days: &[RecordedDay]) -> Vec<(usize, String)> {
    let distance = (days.len() / 13).max(1);
    let firsts = days.iter().enumerate().filter(|(_, day)| day.date.day() == 1);
    let mut named: Vec<(usize, String)> = Vec::new();
    for (index, day) in firsts {
        if named.last().is_none_or(|(x, _)| index - x / DAY_WIDTH >= distance.min(28)) {
            let name: String = day.date.month().to_string().chars().take(3).collect();
            named.push((index * DAY_WIDTH, name));
        }
    }
    named
}

fn timeline(days: &[RecordedDay]) -> Vec<(String, String, &'static str)> {
    let entries = days.iter().flat_map(|day| day.timeline.iter().map(|entry| (day.date.to_string(), entry)));
    let rows = entries.map(|(date, entry)| (date, affected(entry).to_owned(), entry.event.description()));
    rows.take(TIMELINE_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use evertoken_simulation::run;

    use super::*;
    use crate::commands::demo::Options;

    #[derive(Parser)]
    struct Demo {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn names_the_command_that_creates_the_page_again_and_marks_a_loss() {
        let year = YearSettings { accounts: 3, days: 2, fault_percent: 2.5, seed: 7, ..YearSettings::default() };
        let mut recording = Recording::default();
        let mut outcome = run(&year, |day| recording.add(&day)).unwrap();
        for (lost, class) in [(0, "class=\"answer\""), (1, "class=\"answer lost\"")] {
            outcome.survival.lost = lost;
            let page = ReportPage::new(&year, &outcome, &recording);
            let words = page.command.split(' ').skip(1);
            let Options { accounts, days, faults, seed, .. } = Demo::try_parse_from(words).unwrap().options;
            assert_eq!((accounts, days, faults, seed), (3, 2, 2.5, 7));
            assert!(page.render().unwrap().contains(class), "{lost}");
        }
    }
}
