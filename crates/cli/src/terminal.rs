//! Input from and output to the terminal.

pub(crate) mod output;
pub(crate) mod pack;
pub(crate) mod paragraph;
pub(crate) mod pasted_input;
pub(crate) mod plural;
pub(crate) mod progress_bar;
pub(crate) mod prompt;
pub(crate) mod qr;
pub(crate) mod table;
