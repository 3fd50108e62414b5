//! The live check itself, in MiniStack.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod assumptions;
mod check;
