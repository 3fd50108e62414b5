//! The size of the tests that move accounts between the layouts.

/// Returns how many accounts a test moves: `EVERTOKEN_MIGRATION_ACCOUNTS`, or as many as usual.
///
/// # Panics
/// If the variable is not a number.
pub fn accounts(usual: usize) -> usize {
    std::env::var("EVERTOKEN_MIGRATION_ACCOUNTS").map_or(usual, |number| number.parse().unwrap())
}
