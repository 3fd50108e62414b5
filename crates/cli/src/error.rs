//! What a command reports when it fails: `error: <what happened>` and `hint: <what to do>`.

mod cli_error;
mod hint;
#[cfg(test)]
mod tests;

pub(crate) use cli_error::{CliError, Result, Suggestion};
pub(crate) use hint::hint;
