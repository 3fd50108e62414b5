//! Progress bars on standard error.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar for this many things, such as `accounts`. Drawn only on a terminal, and only for more than one.
pub(crate) fn progress_bar(length: usize, what: &str) -> ProgressBar {
    let bar = ProgressBar::hidden();
    show(&bar, length, what);
    bar
}

/// Sets the length of a hidden bar, and draws it as [`progress_bar`] does.
pub(crate) fn show(bar: &ProgressBar, length: usize, what: &str) {
    bar.set_length(u64::try_from(length).unwrap_or(u64::MAX));
    let style = ProgressStyle::with_template(&format!("{{bar:40}} {{pos}} of {{len}} {what}, {{eta}} left"));
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
    if length > 1 {
        bar.set_draw_target(ProgressDrawTarget::stderr());
    }
}
