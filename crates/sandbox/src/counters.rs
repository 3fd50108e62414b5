//! What was asked and how it went. Nothing in here comes from a request, so no token can.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The endpoints that are counted and that faults can be set on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Endpoint {
    /// `/oauth/authorize`, the page and its form.
    Authorize,
    /// `/oauth/access_token`.
    Code,
    /// `/access_token`.
    Exchange,
    /// `/refresh_access_token`.
    Refresh,
    /// `/me`, with or without a version.
    Me,
}

#[derive(Default, Serialize)]
pub(crate) struct Counters(BTreeMap<Endpoint, Tally>);

/// One endpoint's numbers. Requests without an outcome are being answered, or their client went away first.
#[derive(Default, Serialize)]
struct Tally {
    requests: u64,
    outcomes: BTreeMap<&'static str, u64>,
    /// The sandbox's own time in microseconds, without the latency of faults.
    own_time_us: u64,
}

impl Counters {
    pub(crate) fn arrived(&mut self, endpoint: Endpoint) {
        let tally = self.0.entry(endpoint).or_default();
        tally.requests = tally.requests.saturating_add(1);
    }

    pub(crate) fn answered(&mut self, endpoint: Endpoint, outcome: &'static str, own_time: Duration) {
        let tally = self.0.entry(endpoint).or_default();
        let count = tally.outcomes.entry(outcome).or_default();
        *count = count.saturating_add(1);
        let own_time = u64::try_from(own_time.as_micros()).unwrap_or(u64::MAX);
        tally.own_time_us = tally.own_time_us.saturating_add(own_time);
    }
}
