//! How a year is shown while it is simulated: live on a terminal, otherwise one line per event.

use std::io::{self, IsTerminal};

use evertoken_simulation::{Day, TimelineEntry, YearSettings};

use super::live_display::LiveDisplay;
use super::timeline_line::timeline_line;
use crate::error::{CliError, Result};
use crate::terminal::output;

pub(super) enum Display {
    Hidden,
    /// One line per event.
    Lines,
    /// The whole year, redrawn in place.
    Live(LiveDisplay),
}

impl Display {
    pub(super) fn for_terminal(year: &YearSettings) -> Self {
        let is_dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        let live = (io::stdout().is_terminal() && !is_dumb).then(|| LiveDisplay::new(year)).flatten();
        live.map_or(Self::Lines, Self::Live)
    }

    /// Shows a day. If that fails, for example because of a closed pipe, the simulation continues without a display.
    pub(super) fn show(&mut self, day: &Day<'_>) {
        let shown = match self {
            Self::Hidden => Ok(()),
            Self::Lines => print_lines(day),
            Self::Live(display) => display.show(day).map_err(CliError::Output),
        };
        if shown.is_err() {
            *self = Self::Hidden;
        }
    }
}

fn print_lines(day: &Day<'_>) -> Result<()> {
    day.timeline.iter().try_for_each(|entry: &TimelineEntry| output::data(&timeline_line(day.date, entry)))
}
