//! The JSON report of a refresh run.

/// The outcome counters of the report. Each account is counted in exactly one of them.
pub const OUTCOME_COUNTS: [&str; 8] =
    ["refreshed", "not_due", "too_young", "attention", "login_required", "failed", "conflicts", "left_for_next_run"];
