//! How a year is shown while it passes: live on a terminal, else a line for each piece of news.

use std::io::{self, IsTerminal};

use evertoken_simulation::{Day, YearSettings};

use super::live::Live;
use crate::error::{CliError, Result};
use crate::terminal::output;

pub(super) enum Display {
    /// Nothing is shown.
    None,
    /// A line for each piece of news.
    Lines,
    /// The whole year, over and over.
    Live(Live),
}

impl Display {
    pub(super) fn for_this_terminal(year: &YearSettings) -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        if io::stdout().is_terminal() && !dumb { Self::Live(Live::new(year)) } else { Self::Lines }
    }

    /// Shows a day. A display that fails (a closed pipe, say) ends, and the year goes on.
    pub(super) fn show(&mut self, day: &Day<'_>) {
        let shown = match self {
            Self::None => Ok(()),
            Self::Lines => lines(day),
            Self::Live(live) => live.show(day).map_err(CliError::Output),
        };
        if shown.is_err() {
            *self = Self::None;
        }
    }
}

fn lines(day: &Day<'_>) -> Result<()> {
    day.timeline.iter().try_for_each(|news| {
        let account = news.account.as_deref().unwrap_or("all");
        output::data(&format!("{}  {account}: {}", day.date, news.event.description()))
    })
}
