//! How long owners did not know that a token had stopped working.

use serde::{Deserialize, Serialize};

/// The hours from the moment a token stops working until its owner is notified or notices the broken page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discovery {
    /// Tokens that stopped working and whose owners learned about it.
    pub breakdowns: usize,
    /// The median. 0 without breakdowns.
    pub median_hours: u32,
    /// The longest time. 0 without breakdowns.
    pub longest_hours: u32,
}

impl Discovery {
    pub(crate) fn summarize(mut hours: Vec<u32>) -> Self {
        hours.sort_unstable();
        let median = hours.get(hours.len().saturating_sub(1) / 2);
        Self {
            breakdowns: hours.len(),
            median_hours: median.copied().unwrap_or_default(),
            longest_hours: hours.last().copied().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summarizes_hours_in_any_order() {
        let discovery = Discovery::summarize(vec![300, 2, 7]);
        assert_eq!(discovery, Discovery { breakdowns: 3, median_hours: 7, longest_hours: 300 });
        assert_eq!(Discovery::summarize(Vec::new()), Discovery::default());
    }
}
