//! Which vault a command works on, and how it finds and describes the accounts there.

pub(crate) mod account_summary;
pub(crate) mod location;
pub(crate) mod lookup;
