//! The answer of a refresh run, as people build on it.

/// The counts in which each account is, in exactly one of them.
pub const COUNTS: [&str; 8] =
    ["refreshed", "not_due", "too_young", "attention", "login_required", "failed", "conflicts", "left_for_next_run"];
